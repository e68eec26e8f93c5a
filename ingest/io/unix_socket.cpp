#include "ingest/io/unix_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <utility>

#include "ingest/io/socket.h"

namespace ingest::io {
namespace {

/// As many waiting connections as net.core.somaxconn allows; the kernel cuts it.
constexpr int kBacklog = 4096;

/// Two seconds for a folder's lock.
constexpr int kLockTries = 2'000;
constexpr long kLockPauseNs = 1'000'000;

enum class Deed : std::uint8_t { Listen, Connect };

/// What is done to which socket, for sentences.
struct Place {
  Deed deed = Deed::Listen;
  UnixType type = UnixType::Streams;
  std::string path;
};

Failure<Error> refused(const Place& place, const std::string& why, int error) {
  std::string what = place.deed == Deed::Listen ? "cannot listen on " : "cannot connect to ";
  what += place.type == UnixType::Streams ? "unix:" : "unixgram:";
  return Failure{Error{error, what + place.path + ": " + why}};
}

struct Name {
  sockaddr_un address{};
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&address); }
  static socklen_t size() { return sizeof(sockaddr_un); }
};

Result<Name> name_of(const Place& place) {
  const std::string& path = place.path;
  Name name;
  name.address.sun_family = AF_UNIX;
  constexpr std::size_t kPathMax = sizeof name.address.sun_path - 1;  // unix(7)
  if (path.empty() || path.size() > kPathMax || path.find('\0') != std::string::npos) {
    return refused(place, "a path has 1 to " + std::to_string(kPathMax) + " bytes", EINVAL);
  }
  std::memcpy(name.address.sun_path, path.data(), path.size());
  return name;
}

enum class Waits : std::uint8_t { Yes, No };

Result<Fd> make_socket(const Place& place, UnixType type, Waits waits) {
  const int kind = type == UnixType::Streams ? SOCK_STREAM : SOCK_DGRAM;
  const int flags = waits == Waits::No ? SOCK_NONBLOCK : 0;
  Fd fd{::socket(AF_UNIX, kind | SOCK_CLOEXEC | flags, 0)};
  if (!fd) return refused(place, errno_text(errno), errno);
  return fd;
}

int connect_to(int fd, const Name& name) {
  int done = 0;
  do {
    done = ::connect(fd, name.data(), Name::size());
  } while (done != 0 && errno == EINTR);
  return done == 0 ? 0 : errno;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path{path}.parent_path();
  return folder.empty() ? "." : folder;
}

/// Its folder is ours as long as this lives: a socket between another's bind() and listen() looks
/// like a stale one. Others of us hold it for a handful of system calls, so that one who keeps it
/// is told of instead of waited for. Where it may not be read, or its file system knows no locks,
/// nothing is locked.
Result<Fd> lock_folder(const Place& place) {
  const std::string folder = folder_of(place.path);
  Fd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  for (int tries = 0; fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK && errno != EINTR) break;
    if (tries == kLockTries) {
      return refused(place,
                     "another program keeps the folder " + folder +
                         " locked (flock); end it or choose another folder",
                     EWOULDBLOCK);
    }
    const timespec pause{.tv_sec = 0, .tv_nsec = kLockPauseNs};
    ::nanosleep(&pause, nullptr);
  }
  return fd;
}

Failure<Error> not_bound(const Place& place, int error) {
  if (error != ENOENT) return refused(place, errno_text(error), error);
  return refused(place, "there is no folder " + folder_of(place.path) + "; make it first", error);
}

/// Removes what an earlier run left behind. The fault says why the file must stay.
Result<void> remove_stale(const Place& place, const Name& name) {
  const std::string& path = place.path;
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};  // gone meanwhile
  if (!S_ISSOCK(found.st_mode)) {
    return refused(place, "a file that is no socket stands there; remove it", EEXIST);
  }
  const Fd probe = TRY(make_socket(place, UnixType::Streams, Waits::No));
  const int fault = connect_to(probe.get(), name);
  // EAGAIN: its queue is full; EPROTOTYPE: it takes datagrams.
  if (fault == 0 || fault == EAGAIN || fault == EPROTOTYPE) {
    return refused(place, "address already in use; stop the other program or choose another path",
                   EADDRINUSE);
  }
  if (fault != ECONNREFUSED) {
    return refused(place,
                   "a socket stands there that cannot be asked: " + errno_text(fault) +
                       "; remove it or choose another path",
                   fault);
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return refused(place, "its stale socket cannot be removed: " + errno_text(errno), errno);
  }
  return {};
}

}  // namespace

UnixListener::UnixListener(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {
  struct stat own {};
  if (::lstat(path_.c_str(), &own) != 0) return;
  device_ = own.st_dev;
  file_ = own.st_ino;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      file_(other.file_) {}

UnixListener::~UnixListener() {
  struct stat found {};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == file_) ::unlink(path_.c_str());
}

Result<UnixListener> UnixListener::open(const std::string& path, mode_t mode, UnixType type) {
  const Place place{.deed = Deed::Listen, .type = type, .path = path};
  const Name name = TRY(name_of(place));
  Fd fd = TRY(make_socket(place, type, Waits::No));
  // Linux gives the file the socket's own mode, so that it is at no moment wider (unix(7)).
  ::fchmod(fd.get(), mode);
  const Fd lock = TRY(lock_folder(place));
  if (::bind(fd.get(), name.data(), Name::size()) != 0) {
    if (errno != EADDRINUSE) return not_bound(place, errno);
    TRY(remove_stale(place, name));
    if (::bind(fd.get(), name.data(), Name::size()) != 0)
      return refused(place, errno_text(errno), errno);
  }
  UnixListener listener{std::move(fd), path};
  // The umask may have narrowed it.
  if (::chmod(path.c_str(), mode) != 0) return refused(place, errno_text(errno), errno);
  if (type == UnixType::Streams && ::listen(listener.fd(), kBacklog) != 0)
    return refused(place, errno_text(errno), errno);
  return listener;
}

Result<Fd> unix_connect(const std::string& path, UnixType type) {
  const Place place{.deed = Deed::Connect, .type = type, .path = path};
  const Name name = TRY(name_of(place));
  Fd fd = TRY(make_socket(place, type, Waits::Yes));
  const int fault = connect_to(fd.get(), name);
  if (fault != 0) return refused(place, errno_text(fault), fault);
  return fd;
}

}  // namespace ingest::io
