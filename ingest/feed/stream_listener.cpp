#include "ingest/feed/stream_listener.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <utility>

namespace ingest::feed {
namespace {

/// Connections taken in one turn: others get served too.
constexpr int kAcceptsPerTurn = 64;
constexpr Millis kPause{100};

int descriptor_of(const StreamListener::Listening& listening) {
  const auto* const tcp = std::get_if<io::Fd>(&listening);
  return tcp != nullptr ? tcp->get() : std::get<io::UnixListener>(listening).fd();
}

}  // namespace

Result<std::unique_ptr<StreamListener>> StreamListener::open(
    io::EventLoop& loop, Listening listening, std::function<void(io::Accepted)> accepted) {
  const io::Address address = TRY(io::local_address(descriptor_of(listening)));
  std::unique_ptr<StreamListener> listener{
      new StreamListener(loop, std::move(listening), address, std::move(accepted))};
  TRY(loop.add(listener->fd_, EPOLLIN, *listener));
  return listener;
}

StreamListener::StreamListener(io::EventLoop& loop, Listening listening, const io::Address& address,
                               std::function<void(io::Accepted)> accepted)
    : loop_(loop),
      listening_(std::move(listening)),
      fd_(descriptor_of(listening_)),
      address_(address),
      accepted_(std::move(accepted)) {}

StreamListener::~StreamListener() {
  loop_.cancel(resume_);
  if (loop_.watches(fd_)) loop_.remove(fd_);
}

void StreamListener::ready(std::uint32_t /*events*/) {
  take(kAcceptsPerTurn);
}

void StreamListener::take_waiting() {
  take(SOMAXCONN);
}

void StreamListener::take(int connections_max) {
  for (int i = 0; i < connections_max; ++i) {
    auto accepted = io::accept_from(fd_);
    if (accepted) {
      accepted_(*std::move(accepted));
      continue;
    }
    switch (accepted.error()) {
      case io::AcceptFault::Nothing:
        return;
      case io::AcceptFault::Again:
        break;
      case io::AcceptFault::NoDescriptors:
        pause();
        return;
    }
  }
}

void StreamListener::pause() {
  // Level-triggered: the connection that we cannot take would wake us without end.
  if (resume_ != 0) return;  // take_waiting() asks whatever the turn came to
  pauses_.add();
  loop_.modify(fd_, 0, *this);
  resume_ = loop_.at(loop_.mono() + kPause, [this] {
    resume_ = 0;
    loop_.modify(fd_, EPOLLIN, *this);
  });
}

}  // namespace ingest::feed
