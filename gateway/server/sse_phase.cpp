#include "gateway/server/sse_phase.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gateway::server {
namespace {

constexpr std::string_view kBegin = "data: ";
constexpr std::string_view kEnd = "\n\n";

}  // namespace

SsePhase::SsePhase(publish::Subscriber who, publish::SubBodies&& subs, Caller caller,
                   Commons& commons)
    : subscriptions_(who, commons.next_session(), commons.identity_of(std::move(caller))),
      wrote_(commons.loop.mono()) {
  for (const auto& body : subs) {
    const auto* sub = std::get_if<publish::Sub>(&body);
    if (sub == nullptr) {
      bookmark_.add(publish::Bookmark::kNobody, {});
    } else if (sub->from && sub->from->epoch == commons.desk.rules.epoch) {
      bookmark_.add(sub->id, {sub->from->ch, sub->from->s});
    } else {
      bookmark_.add(sub->id, {});
    }
  }
  subscriptions_.open(std::move(subs), commons.desk, commons.now());
}

void SsePhase::told(publish::Tell tell, Commons& commons) {
  subscriptions_.told(std::move(tell), commons.desk, commons.now());
}

void SsePhase::joined(publish::Join join, Commons& commons) {
  subscriptions_.joined(std::move(join), commons.desk);
}

void SsePhase::answered(const publish::Answered& answered, Commons& commons) {
  subscriptions_.answered(answered, commons.desk, commons.now());
}

void SsePhase::drain(publish::FramePtr bye, Commons& commons) {
  if (std::exchange(draining_, true)) return;
  const auto spread = static_cast<std::uint64_t>((kReconnectMax - kReconnectMin).count());
  retry_ =
      kReconnectMin + ingest::Millis{static_cast<std::int64_t>(commons.next_session() % spread)};
  subscriptions_.leave(commons.desk);
  subscriptions_.say(std::move(bye));
}

void SsePhase::gather(Commons& commons, std::size_t buffers_max) {
  subscriptions_.due(commons.desk, commons.now(), commons.frames, buffers_max / kParts);
  if (commons.frames.empty()) {
    over_ = wants_to_end();
    return;
  }
  publish::Bookmark here = bookmark_;
  commons.event_ends.resize(std::max(commons.event_ends.size(), commons.frames.size()));
  for (std::size_t i = 0; i < commons.frames.size(); ++i) {
    const publish::Frame& frame = *commons.frames[i];
    std::string& end = commons.event_ends[i];
    end.clear();
    if (frame.place.ch != 0) {
      here.pass(frame.place, subscriptions_);
      end += "\nid: ";
      here.write(commons.desk.rules.epoch, subscriptions_, end);
    }
    if (draining_) end += "\nretry: " + std::to_string(retry_.count());
    end += kEnd;
    for (const std::string_view part : {kBegin, frame.payload(), std::string_view{end}})
      commons.buffers.push_back(to_iovec(part));
  }
}

void SsePhase::wrote(std::size_t bytes, Commons& commons) {
  wrote_ = commons.loop.mono();
  subscriptions_.spent(commons.desk, wrote_, bytes);
}

bool SsePhase::frames_sent(std::size_t frames, Commons& commons) {
  for (std::size_t i = 0; i < frames; ++i)
    bookmark_.pass(commons.frames[i]->place, subscriptions_);
  return subscriptions_.sent(commons.desk, commons.now(), frames);
}

Ended SsePhase::why() const {
  if (draining_) return Ended::Drained;
  const bool slow = subscriptions_.close_code() == publish::CloseCode::Slow;
  return slow ? Ended::Stalled : Ended::Refused;
}

ingest::MonoTime SsePhase::check(ingest::MonoTime now, Flow flow, Commons& commons) {
  const ingest::Millis silence = commons.site.settings.deadlines.silence;
  const ingest::MonoTime rights_end = commons.check_rights(subscriptions_);
  if (subscriptions_.close_code() || now < wrote_ + silence)
    return std::min(rights_end, wrote_ + silence);
  if (flow == Flow::Free) {
    subscriptions_.say(commons.heartbeat());
    commons.counts.heartbeats.add();
  }
  return std::min(rights_end, now + silence);
}

}  // namespace gateway::server
