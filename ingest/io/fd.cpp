#include "ingest/io/fd.h"

#include <unistd.h>

namespace ingest::io {

void Fd::reset() {
  // close() is never repeated: on Linux the number is free even after EINTR.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace ingest::io
