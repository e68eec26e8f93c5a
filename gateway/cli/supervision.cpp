#include "gateway/cli/supervision.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "gateway/cli/pulse.h"

namespace gateway::cli {
namespace {

using ingest::Millis;
using ingest::Result;

/// While somebody waits for a word: for the first turn of all loops, or for the end of a reload.
constexpr Millis kSoon{20};
/// Signs of life within the time that the watchdog allows: two may be lost.
constexpr int kSigns = 3;

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread yet
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

/// 0 where it is no number.
std::int64_t number_in(const char* name) {
  const std::string_view text = environment(name);
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? number : 0;
}

}  // namespace

Supervision::Wish Supervision::wish() {
  Wish wish{.socket = std::string{environment("NOTIFY_SOCKET")}};
  const bool ours = environment("WATCHDOG_PID").empty() || number_in("WATCHDOG_PID") == ::getpid();
  if (ours) {
    const std::chrono::microseconds within{std::max<std::int64_t>(0, number_in("WATCHDOG_USEC"))};
    wish.watchdog = std::chrono::duration_cast<Millis>(within);
  }
  return wish;
}

Result<std::unique_ptr<Supervision>> Supervision::open(const Wish& wish, Wiring& wiring,
                                                       std::string status) {
  std::unique_ptr<Supervision> supervision{new Supervision(wiring, std::move(status))};
  if (wish.socket.empty()) return supervision;
  supervision->manager_ = TRY(ingest::io::ServiceManager::open(wish.socket));
  if (wish.watchdog.count() > 0) {
    supervision->alive_every_ = std::max(wish.watchdog / kSigns, Millis{1});
  }
  wiring.pulse().ask();
  supervision->look_in(Millis{0});
  return supervision;
}

Supervision::~Supervision() {
  wiring_.loop().cancel(timer_);
}

void Supervision::reloading() {
  if (!manager_ || phase_ != Phase::Serving) return;
  manager_->reloading();
  phase_ = Phase::Reloading;
  look_in(kSoon);
}

// The drain has a limit of its own, after which the process ends itself.
void Supervision::stopping() {
  if (!manager_) return;
  manager_->stopping();
  phase_ = Phase::Stopping;
}

void Supervision::look() {
  Pulse& pulse = wiring_.pulse();
  if (!pulse.felt()) return look_in(kSoon);
  const bool begins = phase_ == Phase::Starting || phase_ == Phase::Reloading;
  if (begins && !wiring_.reloading() && manager_->ready(status_)) phase_ = Phase::Serving;
  const bool said = alive_every_.count() == 0 || manager_->alive();
  pulse.ask();
  if (phase_ == Phase::Starting || phase_ == Phase::Reloading || !said) return look_in(kSoon);
  if (alive_every_.count() > 0) look_in(alive_every_);
}

void Supervision::look_in(Millis time) {
  ingest::io::EventLoop& loop = wiring_.loop();
  loop.cancel(timer_);
  timer_ = loop.at(loop.mono() + time, [this] { look(); });
}

}  // namespace gateway::cli
