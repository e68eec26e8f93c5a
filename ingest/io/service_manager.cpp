#include "ingest/io/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>

#include "ingest/io/socket.h"

namespace ingest::io {
namespace {

Failure<Error> refused(std::string_view address, const std::string& why, int error) {
  return Failure{
      Error{error, "cannot tell the service manager at " + std::string{address} + ": " + why +
                       " (NOTIFY_SOCKET says where it is; unset it when nobody listens there)"}};
}

}  // namespace

Result<ServiceManager> ServiceManager::open(std::string_view address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const bool abstract = address.starts_with('@');
  if (address.size() < 2 || address.size() >= sizeof name.sun_path ||
      (!abstract && !address.starts_with('/'))) {
    return refused(address, "it is neither a path nor @name", EINVAL);
  }
  std::memcpy(name.sun_path, address.data(), address.size());
  if (abstract) name.sun_path[0] = '\0';
  // An abstract name is as long as it is said to be; a path ends with a zero (unix(7)).
  const std::size_t size = offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0U : 1U);

  Fd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) return refused(address, errno_text(errno), errno);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), static_cast<socklen_t>(size)) !=
      0) {
    return refused(address, errno_text(errno), errno);
  }
  return ServiceManager{std::move(fd)};
}

bool ServiceManager::ready(std::string_view status) const {
  return tell("READY=1\nSTATUS=" + std::string{status});
}
bool ServiceManager::alive() const {
  return tell("WATCHDOG=1");
}
bool ServiceManager::stopping() const {
  return tell("STOPPING=1");
}

// The time is how a manager knows that this is the answer to its newest request.
bool ServiceManager::reloading() const {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  return tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

bool ServiceManager::tell(std::string_view lines) const {
  return ::send(fd_.get(), lines.data(), lines.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(lines.size());
}

}  // namespace ingest::io
