#pragma once
// Unix sockets: listening on a path of the file system, for streams or for datagrams, and
// connecting to it. The socket's file is made with the mode that is asked for, never a wider one,
// and goes with its listener. Faults are sentences that name the path.

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace ingest::io {

enum class UnixType : std::uint8_t { Streams, Datagrams };

/// A listening socket (of datagrams: one that is bound) and its file. Moves; the end removes the
/// file, if it is still the same.
class UnixListener {
 public:
  /// `mode` as in chmod: 0660. A file at `path` that is a socket on which nobody listens any more
  /// is removed; any other stays, and is a fault.
  static Result<UnixListener> open(const std::string& path, mode_t mode,
                                   UnixType type = UnixType::Streams);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&& other) = delete;
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;
  ~UnixListener();

  /// Non-blocking, close-on-exec.
  int fd() const { return fd_.get(); }

 private:
  UnixListener(Fd fd, std::string path);
  Fd fd_;
  std::string path_;  // empty: moved from
  dev_t device_ = 0;
  ino_t file_ = 0;
};

/// Connects and waits until it is done; the descriptor blocks.
Result<Fd> unix_connect(const std::string& path, UnixType type = UnixType::Streams);

}  // namespace ingest::io
