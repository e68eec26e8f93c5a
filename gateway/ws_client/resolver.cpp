#include "gateway/ws_client/resolver.h"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "ingest/base/check.h"

namespace gateway::ws_client {
namespace {

using ingest::Error;
using ingest::Failure;

Resolver::Found look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int fault = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (fault != 0) {
    const std::string why =
        fault == EAI_SYSTEM ? ingest::io::errno_text(errno) : gai_strerror(fault);
    return Failure{Error{fault, "cannot find the address of " + host + ": " + why}};
  }
  std::vector<Endpoint> endpoints;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    if (endpoints.size() == Resolver::kEndpointsMax) break;
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ai_addr, one->ai_addrlen);
    endpoints.push_back(Endpoint::of(ingest::io::Address::from(storage).with_port(port)));
  }
  ::freeaddrinfo(list);
  return endpoints;
}

}  // namespace

/// What the asking thread and the loop share. `answer` is the thread's until `answered`.
struct Resolver::Question {
  std::string host;
  std::uint16_t port = 0;
  ingest::io::Fd event;
  Found answer{std::vector<Endpoint>{}};
  std::atomic<bool> answered{false};
};

Resolver::~Resolver() {
  loop_.cancel(refusal_);
  if (asked_) loop_.remove(asked_->event.get());
}

void Resolver::ask(const std::string& host, std::uint16_t port, std::function<void(Found)> found) {
  CHECK(!found_);
  host_ = host;
  port_ = port;
  found_ = std::move(found);
  if (asked_ || start()) return;
  asked_.reset();
  refusal_ = loop_.at(loop_.mono(), [this] {
    tell(Failure{Error{0, "cannot look " + host_ + " up: no thread or descriptor is left"}});
  });
}

/// False when the system gives no thread or descriptor.
bool Resolver::start() {
  asked_ = std::make_shared<Question>();
  asked_->host = host_;
  asked_->port = port_;
  asked_->event = ingest::io::Fd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  const int event = asked_->event.get();
  if (event < 0 || !loop_.add(event, EPOLLIN, *this)) return false;
  try {
    std::thread{[question = asked_] {
      question->answer = look_up(question->host, question->port);
      question->answered.store(true);
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t put = ::write(question->event.get(), &one, sizeof one);
    }}.detach();
    return true;
  } catch (const std::system_error&) {
    loop_.remove(event);
    return false;
  }
}

void Resolver::ready(std::uint32_t /*events*/) {
  if (!asked_->answered.load()) return;
  loop_.remove(asked_->event.get());
  const std::shared_ptr<Question> question = std::exchange(asked_, nullptr);
  if (!found_) return;
  if (question->host == host_ && question->port == port_) return tell(std::move(question->answer));
  ask(host_, port_, std::exchange(found_, nullptr));  // that was the answer to a forgotten one
}

void Resolver::tell(Found found) {
  if (found_) std::exchange(found_, nullptr)(std::move(found));
}

}  // namespace gateway::ws_client
