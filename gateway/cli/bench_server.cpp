#include "gateway/cli/bench_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <utility>
#include <vector>

#include "ingest/io/socket.h"

namespace gateway::cli {
namespace {

using ingest::Error;
using ingest::Failure;

constexpr int kStartMs = 10'000;
constexpr int kStopMs = 5'000;
constexpr std::string_view kRuns = "is running";  // the last of its start lines

/// Between fork and exec, so nothing here allocates. The child goes when the thread of ours that
/// started it does, whatever ended that: Ctrl-C is for us (its group is its own), who then end it,
/// but a SIGKILL lets nobody do so.
[[noreturn]] void become(char* const* arguments, int out, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // gone before we asked
  setpgid(0, 0);
  sigset_t none{};
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(out, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  char* environment[] = {nullptr};  // nothing of ours shall configure it
  execve("/proc/self/exe", arguments, environment);
  _exit(1);
}

pid_t spawn(std::vector<std::string> words, int out) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(arguments.data(), out, parent);
  return pid;
}

}  // namespace

ingest::Result<BenchServer> BenchServer::start(std::uint64_t connections) {
  const std::string count = std::to_string(connections + 100);
  return start_with({"feeds=[{host: {every: 1s}}]", "limits.connections=" + count,
                     "limits.connections_per_address=" + count});
}

ingest::Result<BenchServer> BenchServer::start_with(const std::vector<std::string>& settings) {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0)
    return Failure{Error{errno, "cannot open a pipe: " + ingest::io::errno_text(errno)}};
  ingest::io::Fd reader{ends[0]};
  const ingest::io::Fd writer{ends[1]};
  std::vector<std::string> words{"weir",  "serve",        "--set", "http.listen=127.0.0.1:0",
                                 "--set", "archive.path="};
  for (const std::string& setting : settings)
    words.insert(words.end(), {"--set", setting});
  BenchServer server{spawn(std::move(words), writer.get())};
  if (server.pid_ < 0) return Failure{Error{0, "cannot start a Weir of our own"}};
  server.out_ = std::move(reader);
  fcntl(server.out_.get(), F_SETFL, O_NONBLOCK);
  TRY(server.wait_until_it_listens());
  return server;
}

BenchServer::BenchServer(BenchServer&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::move(other.out_)),
      address_(std::move(other.address_)),
      said_(std::move(other.said_)) {}

BenchServer::~BenchServer() {
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  // Its standard output closes when it ends.
  pollfd wanted{.fd = out_.get(), .events = 0, .revents = 0};
  if (poll(&wanted, 1, kStopMs) <= 0) kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

ingest::Result<void> BenchServer::wait_until_it_listens() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{kStartMs};
  while (std::chrono::steady_clock::now() < until) {
    pollfd wanted{.fd = out_.get(), .events = POLLIN, .revents = 0};
    poll(&wanted, 1, 100);
    std::array<char, 4'096> bytes{};
    const ssize_t count = read(out_.get(), bytes.data(), bytes.size());
    if (count == 0) return Failure{Error{0, "the Weir that was started ended at once"}};
    if (count > 0) said_.append(bytes.data(), static_cast<std::size_t>(count));
    if (said_.find(kRuns) == std::string::npos) continue;
    address_ = address_of("http");
    return {};
  }
  return Failure{Error{0, "the Weir that was started does not listen"}};
}

std::string BenchServer::address_of(const std::string& feed) const {
  const std::string begin = "what=" + feed + " address=";
  const std::size_t at = said_.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return said_.substr(from, said_.find('\n', from) - from);
}

/// proc(5): RssAnon, in kB.
std::optional<std::uint64_t> BenchServer::memory_bytes() const {
  std::ifstream file{"/proc/" + std::to_string(pid_) + "/status"};
  constexpr std::string_view kName = "RssAnon:";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kName)) continue;
    const std::size_t digit = line.find_first_of("0123456789");
    if (digit == std::string::npos) return std::nullopt;
    std::uint64_t kilobytes = 0;
    std::from_chars(line.data() + digit, line.data() + line.size(), kilobytes);
    return kilobytes * 1'024;
  }
  return std::nullopt;
}

}  // namespace gateway::cli
