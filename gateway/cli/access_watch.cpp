#include "gateway/cli/access_watch.h"

#include <utility>

#include "gateway/cli/token_access.h"

namespace gateway::cli {
namespace {

constexpr ingest::Millis kLookEvery{10'000};

}  // namespace

AccessWatch::AccessWatch(const config::Config::Auth& configured, File file, server::Access& access,
                         const ingest::io::Logger& log)
    : configured_(configured), file_(std::move(file)), access_(access), log_(log) {}

ingest::Result<void> AccessWatch::begin() {
  state_ = file_state(configured_.jwt.jwks);
  access_.replace(TRY(read_access(configured_)));
  has_keys_.store(!configured_.jwt.jwks.empty(), std::memory_order_relaxed);
  can_reload_ = has_keys_ || file_.reread;
  return {};
}

void AccessWatch::watch(ingest::io::EventLoop& loop) {
  if (!can_reload_) return;
  loop.at(loop.mono() + kLookEvery, [this, &loop] {
    // relaxed, as below: the flag is all that is told.
    if (has_keys_.load(std::memory_order_relaxed)) ask();
    watch(loop);
  });
}

void AccessWatch::reload() {
  wanted_.store(true, std::memory_order_relaxed);
  ask();
}

void AccessWatch::ask() {
  if (!reloader_.ask()) log_.error("access_kept", {{"why", "cannot start a thread"}});
}

// ---- on the reloader's thread ----

void AccessWatch::look() {
  const bool wanted = wanted_.exchange(false, std::memory_order_relaxed);
  if (!wanted) return look_at_keys();
  if (file_.reread) return reread_all();
  take(configured_);
}

void AccessWatch::look_at_keys() {
  if (file_state(configured_.jwt.jwks) != state_) take(configured_);
}

void AccessWatch::reread_all() {
  const config::Loaded loaded = file_.reread();
  if (!loaded) return log_.error("access_kept", {{"why", to_text(loaded.error().front())}});
  if (file_.told) file_.told(*loaded);
  take(loaded->auth);
}

void AccessWatch::take(const config::Config::Auth& next) {
  state_ = file_state(next.jwt.jwks);
  auto made = read_access(next);
  if (!made) return log_.error("access_kept", {{"why", made.error().what}});
  if (const std::string why = objection_to(*made); !why.empty())
    return log_.error("access_kept", {{"why", why}});
  access_.replace(*std::move(made));
  has_keys_.store(!next.jwt.jwks.empty(), std::memory_order_relaxed);
  const std::size_t tokens = next.readers.size() + next.writers.size() + next.admins.size();
  if (&next != &configured_) configured_ = next;
  log_.info("access_reloaded", {{"tokens", tokens}});
}

std::string AccessWatch::objection_to(const server::AuthenticatorPtr& next) const {
  const server::AuthenticatorPtr now = access_.now();
  if (now->guards_reading() && !next->guards_reading())
    return "auth.readers: nobody is left, and reading would be everybody's; restart to open it";
  if (now->guards_writing() && !next->guards_writing())
    return "auth.writers: nobody is left, and writing would be everybody's; restart to open it";
  return {};
}

}  // namespace gateway::cli
