#include "gateway/server/commons.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace gateway::server {

Commons::Commons(ingest::io::EventLoop& loop_in, const Site& site_in, std::uint32_t worker_in,
                 std::uint64_t seed)
    : loop(loop_in),
      site(site_in),
      worker(worker_in),
      wheel(loop_in.mono()),
      doorkeeper(site_in.access, {.identities = site_in.identities.get(),
                                  .failures = site_in.token_failures.get(),
                                  .loop = &loop_in}),
      bodies(site_in.settings.limits.body_max, site_in.settings.limits.bodies_max),
      received(kReceiveBytes),
      sessions_(seed) {
  desk.rules = site_in.settings.rules;
  buffers.reserve(kBuffersMax);
  frames.reserve(kBuffersMax);
}

/// SplitMix64 (Steele, Lea, Flood 2014): every state gives another name.
std::uint64_t Commons::next_session() {
  std::uint64_t z = (sessions_ += 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

std::unique_ptr<publish::Identity> Commons::identity_of(Caller caller) {
  if (site.responder != nullptr || !doorkeeper.guards_reading()) return nullptr;
  return std::make_unique<publish::Identity>(doorkeeper, std::move(caller.rights), caller.from);
}

ingest::MonoTime Commons::check_rights(publish::Subscriptions& subscriptions) {
  const publish::Subscriptions::Now at = now();
  const auto look_at = subscriptions.check_identity(desk, at);
  return look_at ? mono_of(*look_at) : ingest::MonoTime::max();
}

/// Not all of a long life at once: the wall clock may step meanwhile.
ingest::MonoTime Commons::mono_of(ingest::WallTime end) const {
  constexpr ingest::Millis kLongest = std::chrono::hours{1};
  return loop.mono() + std::min(end - loop.wall(), kLongest);
}

ingest::MonoTime Commons::next_look(const publish::Subscriptions& subscriptions) const {
  const auto rights = subscriptions.rights_end();
  const ingest::MonoTime end = rights ? mono_of(*rights) : ingest::MonoTime::max();
  return std::min(end, subscriptions.held_until().value_or(ingest::MonoTime::max()));
}

publish::FramePtr Commons::heartbeat() {
  const std::int64_t second = ingest::to_ms(loop.wall()) / 1000;
  if (second != heartbeat_second_) {
    heartbeat_second_ = second;
    heartbeat_ = publish::make_frame(publish::hb_text(loop.wall()));
  }
  return heartbeat_;
}

void Commons::warn_sometimes(std::string_view event, std::string_view key, std::string_view value) {
  const ingest::MonoTime now = loop.mono();
  const auto last = std::find_if(warned_.begin(), warned_.end(),
                                 [&](const Warned& one) { return one.event == event; });
  if (last == warned_.end()) {
    warned_.push_back({.event = event, .at = now});
  } else if (now - last->at < std::chrono::seconds{1}) {
    return;
  } else {
    last->at = now;
  }
  const std::string peer = speaker == nullptr ? "unknown" : speaker->text();
  site.log.warn(event, {{key, value}, {"peer", peer}});
}

}  // namespace gateway::server
