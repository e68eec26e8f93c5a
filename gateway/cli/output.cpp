#include "gateway/cli/output.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace gateway::cli {
namespace {

bool is_a_socket(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

/// A pipe or a terminal under another open file description. A file that were opened so would be
/// written from its beginning; a socket cannot be.
ingest::io::Fd opened_anew(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !(S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)))
    return {};
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return ingest::io::Fd{::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
}

}  // namespace

Output::Output(ingest::io::EventLoop& loop, int fd, std::function<void()> closed)
    : loop_(loop),
      own_(opened_anew(fd)),
      fd_(fd),
      is_socket_(is_a_socket(fd)),
      closed_(std::move(closed)) {
  // Not ours to change, but it may have come to us non-blocking: then it must be watched, too.
  if (!own_) own_ = ingest::io::Fd{::fcntl(fd, F_DUPFD_CLOEXEC, 0)};
  if (!own_) return;
  fd_ = own_.get();
  watched_ = loop_.add(fd_, 0, *this).has_value();  // for now, to hear that the reader has gone
  if (!watched_) {                                  // a file: it takes everything at once
    own_.reset();
    fd_ = fd;
  }
}

Output::~Output() {
  if (watched_) loop_.remove(fd_);
}

bool Output::write(std::string_view text) {
  if (gone_) return true;
  if (waiting_.size() - sent_ + text.size() > kWaitingMax) {
    ++dropped_;
    return false;
  }
  waiting_.append(text);
  flush();
  return true;
}

void Output::ready(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLOUT) == 0) return gone();
  flush();
}

void Output::flush() {
  while (!gone_ && sent_ < waiting_.size()) {
    const ssize_t count = write_some();
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) return gone();
    sent_ += static_cast<std::size_t>(count);
  }
  if (sent_ == waiting_.size()) {
    waiting_.clear();
    sent_ = 0;
  } else if (sent_ > kWaitingMax / 2) {
    waiting_.erase(0, std::exchange(sent_, 0));
  }
  const bool wanted = !waiting_.empty();
  if (watched_ && wanted != wants_write_) {
    wants_write_ = wanted;
    loop_.modify(fd_, wanted ? EPOLLOUT : 0U, *this);
  }
}

ssize_t Output::write_some() const {
  const char* bytes = waiting_.data() + sent_;
  const std::size_t count = waiting_.size() - sent_;
  return is_socket_ ? ::send(fd_, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL)
                    : ::write(fd_, bytes, count);
}

void Output::gone() {
  if (std::exchange(gone_, true)) return;
  waiting_.clear();
  sent_ = 0;
  if (std::exchange(watched_, false)) loop_.remove(fd_);
  closed_();
}

}  // namespace gateway::cli
