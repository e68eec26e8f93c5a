#include "gateway/publish/reception.h"

#include <algorithm>
#include <utility>

#include "gateway/publish/protocol.h"

namespace gateway::publish {

using ingest::Millis;
using ingest::query::Code;
using ingest::query::Fault;

std::size_t Reception::KeyHash::operator()(const Key& key) const {
  // Odd multipliers spread the few bits that differ (Knuth, TAOCP 6.4).
  std::uint64_t hash = key.who.slot + (std::uint64_t{key.who.worker} << 32U);
  hash = (hash ^ key.who.generation) * 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>((hash ^ key.id) * 0xC2B2AE3D27D4EB4FU);
}

void Reception::admit(const Subscribe& subscribe, const ingest::query::Catalogue* part) {
  const Key key{subscribe.who, subscribe.id};
  const auto stream =
      readers_.contains(key)
          ? ingest::Failure{Fault{Code::SubDuplicateId, "id: a subscription has it already", false}}
          : book_.open(subscribe.query, {part, subscribe.party});
  if (!stream) return turn_away(subscribe, stream.error());
  Reader& reader = readers_[key];
  reader.ticket = subscribe.ticket;
  OpenChannel& channel = enter(**stream, key, reader, subscribe.rate);
  ++ledger_.subscribed;
  const Start start = start_of(subscribe, channel);
  say_subd(key, reader, start);
  held_.push_back({reader.ch, {key.who, key.id, start, subscribe.from ? subscribe.from->s : 0}});
  if (subscribe.following == 0) release_held(subscribe.who);
}

void Reception::turn_away(const Subscribe& subscribe, const Fault& fault) {
  ledger_.refused.add(fault.code);
  const Verdict verdict = fault.retry ? Verdict::NotNow : Verdict::Refused;
  outlet_.send(subscribe.who.worker, Tell{subscribe.who, make_frame(err_text(subscribe.id, fault)),
                                          verdict, subscribe.id, subscribe.ticket, 0});
  if (subscribe.following == 0) release_held(subscribe.who);
}

/// Where a new reader begins: `from` is honoured only for this very channel.
Start Reception::start_of(const Subscribe& subscribe, const OpenChannel& channel) const {
  if (!subscribe.from) return Start::New;
  if (subscribe.from->epoch != options_.epoch) return Start::EpochChanged;
  const OpenChannel* before = book_.find_channel(subscribe.from->ch);
  if (before == nullptr) return Start::TooOld;
  // Who sees a part of what there is does not learn whether there is a channel of others.
  if (before->stream != channel.stream)
    return subscribe.bounds == nullptr ? Start::QueryChanged : Start::TooOld;
  if (before != &channel) return Start::RateChanged;
  // A connection that reads the channel already under another id would see frames twice.
  const bool reads = std::any_of(held_.begin(), held_.end(), [&](const Held& other) {
    return other.ch == subscribe.from->ch && other.joining.who == subscribe.who;
  });
  return reads ? Start::New : channel.channel.resume(subscribe.from->s).start;
}

OpenChannel& Reception::enter(OpenStream& stream, const Key& key, Reader& reader, Millis rate) {
  OpenChannel& channel = book_.open(stream, rate_tier(rate, options_.tick), now_);
  ++channel.readers;
  ++channel.readers_by_worker.at(key.who.worker);
  reader.ch = channel.channel.ch();
  return channel;
}

void Reception::leave(OpenChannel& channel, std::uint32_t worker) {
  --channel.readers;
  if (--channel.readers_by_worker.at(worker) == 0) {
    outlet_.send(worker, ChannelGone{channel.channel.ch()});
  }
  if (channel.readers == 0) channel.idle_since = now_;
}

void Reception::say_subd(const Key& key, const Reader& reader, Start start) {
  const OpenChannel& channel = *book_.find_channel(reader.ch);
  const std::string text = subd_text(
      {key.id, reader.ch, options_.epoch, start, channel.channel.tier(), channel.stream->query});
  outlet_.send(key.who.worker, Tell{key.who, make_frame(text), Verdict::Accepted, key.id,
                                    reader.ticket, reader.ch});
}

void Reception::release_held(Subscriber who) {
  const std::vector<Held> all = std::exchange(held_, {});
  for (const Held& one : all) {
    if (one.joining.who != who) {
      held_.push_back(one);
    } else if (OpenChannel* channel = book_.find_channel(one.ch)) {
      begin(*channel, one.joining);
    }
  }
}

/// The state goes out now, or with the stream's first update.
void Reception::begin(OpenChannel& channel, const Joining& joining) {
  if (!channel.channel.is_started() && channel.stream->table.is_ready()) start(channel);
  if (channel.channel.is_started()) return join(channel, joining);
  channel.waiting.push_back(joining);
}

void Reception::join(OpenChannel& channel, const Joining& joining) {
  const auto reader = readers_.find({joining.who, joining.id});
  if (reader == readers_.end() || reader->second.ch != channel.channel.ch()) return;
  Join join{joining.who,
            joining.id,
            channel.channel.ch(),
            {},
            channel.channel.s() + 1,
            Join::Brings::State,
            channel.channel.window_end()};
  Channel::Resumed resumed;
  if (joining.start == Start::Replay) resumed = channel.channel.resume(joining.resume_at);
  if (resumed.start == Start::Replay) {
    ++ledger_.replays;
    join.frames = std::move(resumed.frames);
    join.brings = Join::Brings::Missed;
  } else {
    join.frames.push_back(snapshot(channel));
  }
  outlet_.send(joining.who.worker, std::move(join));
}

FramePtr Reception::snapshot(OpenChannel& channel) {
  const std::uint64_t before = channel.channel.snapshots_built();
  FramePtr frame = channel.channel.snapshot(channel.stream->table);
  if (channel.channel.snapshots_built() != before) {
    ++ledger_.snapshots_encoded;
    ledger_.bytes_encoded += chain_bytes(*frame);
  }
  return frame;
}

void Reception::obey(const Unsubscribe& unsubscribe) {
  const auto reader = readers_.find({unsubscribe.who, unsubscribe.id});
  if (reader == readers_.end()) return;  // it was refused
  OpenChannel* channel = book_.find_channel(reader->second.ch);
  readers_.erase(reader);
  std::erase_if(channel->waiting, [&](const Joining& joining) {
    return joining.who == unsubscribe.who && joining.id == unsubscribe.id;
  });
  leave(*channel, unsubscribe.who.worker);
}

void Reception::obey(const Retune& retune) {
  const auto reader = readers_.find({retune.who, retune.id});
  if (reader != readers_.end()) move(*reader, retune.rate, Start::RateChanged);
}

void Reception::obey(const Demote& demote) {
  const auto reader = readers_.find({demote.who, demote.id});
  if (reader == readers_.end()) return;
  const Millis tier = book_.find_channel(reader->second.ch)->channel.tier();
  const Millis slower = rate_tier(tier + Millis{1}, options_.tick);
  if (slower == tier) return obey(WantSnapshot{demote.who, reader->second.ch});
  ++ledger_.demotions;
  move(*reader, slower, Start::Slow);
}

void Reception::move(Readers::value_type& entry, Millis rate, Start why) {
  const Key& key = entry.first;
  OpenChannel& before = *book_.find_channel(entry.second.ch);
  // Only the last of many rates brings the state.
  std::erase_if(before.waiting, [&](const Joining& joining) {
    return joining.who == key.who && joining.id == key.id;
  });
  OpenChannel& channel = enter(*before.stream, key, entry.second, rate);
  say_subd(key, entry.second, why);
  leave(before, key.who.worker);  // after `subd`: until then its ring has a reader there
  begin(channel, {key.who, key.id, why, 0});
}

void Reception::obey(const WantSnapshot& want) {
  OpenChannel* channel = book_.find_channel(want.ch);
  if (channel == nullptr || !channel->channel.is_started()) return;
  if (channel->readers_by_worker.at(want.who.worker) == 0) return;
  const Sequence next = channel->channel.s() + 1;
  outlet_.send(want.who.worker, Join{want.who,
                                     0,
                                     want.ch,
                                     {snapshot(*channel)},
                                     next,
                                     Join::Brings::State,
                                     channel->channel.window_end()});
}

void Reception::start(OpenChannel& channel) {
  channel.channel.start(channel.stream->table, now_);
  for (const Joining& joining : std::exchange(channel.waiting, {}))
    join(channel, joining);
}

}  // namespace gateway::publish
