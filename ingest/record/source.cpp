#include "ingest/record/source.h"

#include <sys/stat.h>

namespace ingest::record {

std::uint64_t plain_size(int fd) {
  struct stat found {};
  if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return 0;
  return static_cast<std::uint64_t>(found.st_size);
}

}  // namespace ingest::record
