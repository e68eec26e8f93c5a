#include "gateway/cli/random.h"

#include <sys/random.h>

#include <cerrno>
#include <string_view>

#include "ingest/base/check.h"

namespace gateway::cli {

std::uint64_t random_number() {
  std::uint64_t number = 0;
  while (getrandom(&number, sizeof number, 0) != sizeof number)
    CHECK(errno == EINTR);
  return number;
}

std::string random_epoch() {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr int kLength = 8;
  std::string epoch;
  std::uint64_t bits = random_number();
  for (int i = 0; i < kLength; ++i, bits >>= 5U)
    epoch.push_back(kDigits[bits & 31U]);
  return epoch;
}

}  // namespace gateway::cli
