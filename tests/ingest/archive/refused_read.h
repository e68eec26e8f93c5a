#pragma once
// refuse_reads(): from then on the kernel refuses this thread, and those that it starts, every
// read() of so many bytes: how a file fails in its middle.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace tests {

/// False where this is not allowed.
inline bool refuse_reads(std::uint32_t bytes, std::uint32_t error) {
  constexpr std::uint32_t kWord = BPF_LD | BPF_W | BPF_ABS;
  constexpr std::uint32_t kEqual = BPF_JMP | BPF_JEQ | BPF_K;
  constexpr std::uint32_t kReturn = BPF_RET | BPF_K;
  const auto at = [](std::size_t offset) { return static_cast<std::uint32_t>(offset); };
  std::array<sock_filter, 6> program{{
      {kWord, 0, 0, at(offsetof(seccomp_data, nr))},
      {kEqual, 0, 3, __NR_read},
      {kWord, 0, 0, at(offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t))},
      {kEqual, 0, 1, bytes},
      {kReturn, 0, 0, SECCOMP_RET_ERRNO | error},
      {kReturn, 0, 0, SECCOMP_RET_ALLOW},
  }};
  const sock_fprog all{program.size(), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) == 0;
}

}  // namespace tests
