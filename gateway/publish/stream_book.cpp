#include "gateway/publish/stream_book.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/query/cost.h"

namespace gateway::publish {

using ingest::Failure;
using ingest::WallTime;
using ingest::query::Code;
using ingest::query::Fault;

ingest::Result<void, Fault> StreamBook::afford(const ingest::query::Query& query,
                                               const ingest::query::Catalogue& catalogue) const {
  auto fault = ingest::query::too_expensive(ingest::query::stream_cost(query, catalogue),
                                            options_.query_cost_max);
  if (fault) return Failure{*std::move(fault)};
  return {};
}

ingest::Result<OpenStream*, Fault> StreamBook::open(const ingest::query::Query& asked,
                                                    const Asker& asker) {
  const ingest::query::Query query = streams_.keyed(asked);
  if (asker.part != nullptr) TRY(afford(query, *asker.part));
  std::string text = ingest::query::canonical_text(query);
  if (const auto found = by_text_.find(text); found != by_text_.end()) return found->second;
  if (asker.part == nullptr && catalogue_ != nullptr) TRY(afford(query, *catalogue_));
  TRY(make_room(asker.party));
  const ingest::query::StreamId id = TRY(streams_.watch(query));
  auto stream = std::make_unique<OpenStream>(id, query, options_.table);
  stream->text = text;
  stream->party = asker.party;
  const auto [place, is_new] = by_id_.emplace(id, std::move(stream));
  CHECK(is_new);
  by_text_.emplace(std::move(text), place->second.get());
  return place->second.get();
}

std::size_t StreamBook::made_by(const std::string& party) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      by_id_, [&](const auto& entry) { return entry.second->party == party; }));
}

ingest::Result<void, Fault> StreamBook::make_room(const std::string& party) {
  const std::size_t of_one = options_.streams_of_one_max;
  while (!party.empty() && made_by(party) >= of_one) {
    if (close_longest_idle(&party)) continue;
    return Failure{Fault{Code::LimitStreams,
                         "limits.streams_per_identity: this token watches " +
                             std::to_string(of_one) + " different queries already",
                         true}};
  }
  if (pressed_) {
    return Failure{Fault{Code::LimitStreams,
                         "limits.memory: what is kept for readers has no room for another query",
                         true}};
  }
  while (by_id_.size() >= options_.streams_max) {
    if (close_longest_idle()) continue;
    return Failure{Fault{Code::LimitStreams,
                         "limits.streams: as many different queries as may be are watched", true}};
  }
  return {};
}

OpenChannel& StreamBook::open(OpenStream& stream, ingest::Millis tier, WallTime now) {
  std::unique_ptr<OpenChannel>& channel = stream.channels[tier];
  if (channel != nullptr) return *channel;
  const ChannelId ch = ++last_ch_;
  const Channel::Identity identity{options_.shown ? options_.shown(ch) : ch, tier,
                                   stream.query.slide};
  channel = std::make_unique<OpenChannel>(stream, identity, options_.ring);
  channel->readers_by_worker.resize(options_.workers);
  channel->idle_since = now;
  if (pressed_) channel->channel.ring().hold_at_most(share());
  channels_.emplace(identity.ch, channel.get());
  choose_corrections(stream);
  return *channel;
}

OpenStream* StreamBook::find_stream(ingest::query::StreamId id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second.get();
}

OpenChannel* StreamBook::find_channel(ChannelId ch) {
  const auto found = channels_.find(ch);
  return found == channels_.end() ? nullptr : found->second;
}

StreamFacts StreamBook::facts_of(const OpenStream& stream) {
  StreamFacts facts{.metric = stream.query.metric, .query = {}, .rows = stream.table.live()};
  facts.bytes = stream.table.bytes();
  for (const auto& [tier, channel] : stream.channels) {
    facts.readers += channel->readers;
    facts.bytes += channel->channel.bytes();
  }
  constexpr std::uint64_t kSecond = 1'000;
  const std::uint64_t columns = ingest::query::fields(stream.query).size();
  const auto slide = static_cast<std::uint64_t>(stream.query.slide.count());
  facts.cells_per_second = facts.rows * columns * kSecond / std::max<std::uint64_t>(slide, 1);
  return facts;
}

StreamList StreamBook::dearest(std::size_t count) const {
  std::vector<std::pair<StreamFacts, const OpenStream*>> all;
  all.reserve(by_id_.size());
  for (const auto& [id, stream] : by_id_)
    all.emplace_back(facts_of(*stream), stream.get());
  const auto dearer = [](const auto& a, const auto& b) {
    return std::pair{a.first.cells_per_second, a.first.bytes} >
           std::pair{b.first.cells_per_second, b.first.bytes};
  };
  const std::size_t kept = std::min(count, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept), dearer);
  StreamList list;
  for (std::size_t i = 0; i < kept; ++i) {
    list.push_back(std::move(all[i].first));
    list.back().query = all[i].second->text;
  }
  return list;
}

void StreamBook::choose_corrections(OpenStream& stream) {
  const bool wanted =
      std::any_of(stream.channels.begin(), stream.channels.end(),
                  [](const auto& entry) { return entry.second->channel.corrects(); });
  stream.table.keep(wanted ? RowTable::Corrections::Kept : RowTable::Corrections::None);
}

void StreamBook::close(OpenChannel& channel) {
  OpenStream& stream = *channel.stream;
  closed_.left_early += channel.channel.ring().left_early();
  channels_.erase(channel.channel.ch());
  stream.channels.erase(channel.channel.tier());
  if (!stream.channels.empty()) return choose_corrections(stream);
  closed_.corrections_dropped += stream.table.corrections_dropped();
  streams_.unwatch(stream.id);
  by_text_.erase(stream.text);
  by_id_.erase(stream.id);
}

OpenChannel* StreamBook::longest_idle(const std::string* party) {
  OpenChannel* longest = nullptr;
  for (const auto& [ch, channel] : channels_) {
    if (channel->readers > 0 || (party != nullptr && channel->stream->party != *party)) continue;
    if (longest == nullptr || channel->idle_since < longest->idle_since) longest = channel;
  }
  return longest;
}

bool StreamBook::close_longest_idle(const std::string* party) {
  OpenChannel* longest = longest_idle(party);
  if (longest != nullptr) close(*longest);
  return longest != nullptr;
}

std::size_t StreamBook::held_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [id, stream] : by_id_)
    bytes += stream->table.bytes();
  for (const auto& [ch, channel] : channels_)
    bytes += channel->channel.bytes();
  return bytes;
}

std::size_t StreamBook::share() const {
  return options_.bytes_max / 2 / std::max<std::size_t>(by_id_.size() + channels_.size(), 1);
}

void StreamBook::press() {
  bytes_ = held_bytes();
  const bool was_pressed = pressed_;
  pressed_ = bytes_ > (was_pressed ? options_.bytes_max / 4 * 3 : options_.bytes_max);
  if (!pressed_ && !was_pressed) return;
  const std::size_t most = pressed_ ? share() : std::numeric_limits<std::size_t>::max();
  for (const auto& [ch, channel] : channels_)
    channel->channel.ring().hold_at_most(std::min(most, options_.ring.bytes_max));
  for (const auto& [id, stream] : by_id_)
    stream->table.hold_at_most(std::min(most, options_.table.earlier_bytes_max));
}

void StreamBook::expire(WallTime now) {
  std::vector<OpenChannel*> idle;
  std::size_t bytes = 0;
  for (const auto& [ch, channel] : channels_) {
    if (channel->readers > 0) continue;
    idle.push_back(channel);
    bytes += channel->channel.bytes();
  }
  std::sort(idle.begin(), idle.end(), [](const OpenChannel* a, const OpenChannel* b) {
    return a->idle_since < b->idle_since;
  });
  const std::size_t others = std::min(held_bytes() - bytes, options_.bytes_max);
  const std::size_t room = std::min(options_.linger_bytes_max, options_.bytes_max - others);
  for (OpenChannel* channel : idle) {
    const bool over = now - channel->idle_since >= options_.linger;
    if (!over && bytes <= room) break;
    bytes -= channel->channel.bytes();
    close(*channel);
  }
}

}  // namespace gateway::publish
