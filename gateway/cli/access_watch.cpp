#include "gateway/cli/access_watch.h"

#include <utility>

#include "gateway/cli/token_access.h"

namespace gateway::cli {
namespace {

constexpr ingest::Millis kLookEvery{10'000};

}  // namespace

ingest::Result<void> AccessWatch::begin() {
  state_ = file_state(config_.auth.jwt.jwks);
  access_.replace(TRY(read_access(config_)));
  return {};
}

void AccessWatch::watch(ingest::io::EventLoop& loop) {
  if (!has_keys()) return;
  loop.at(loop.mono() + kLookEvery, [this, &loop] {
    ask();
    watch(loop);
  });
}

void AccessWatch::reload() {
  wanted_.store(true, std::memory_order_relaxed);
  ask();
}

void AccessWatch::ask() {
  if (!reloader_.ask()) log_.error("keys_kept", {{"why", "cannot start a thread"}});
}

void AccessWatch::look() {
  const std::uint64_t there = file_state(config_.auth.jwt.jwks);
  const bool wanted = wanted_.exchange(false, std::memory_order_relaxed);
  if (!wanted && there == state_) return;
  state_ = there;
  auto next = read_access(config_);
  if (!next) return log_.error("keys_kept", {{"why", next.error().what}});
  access_.replace(*std::move(next));
  log_.info("keys_reloaded", {});
}

}  // namespace gateway::cli
