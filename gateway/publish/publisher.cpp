#include "gateway/publish/publisher.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/publish/message.h"
#include "gateway/publish/protocol.h"
#include "gateway/publish/questions.h"
#include "gateway/publish/stream_book.h"
#include "ingest/query/cost.h"

namespace gateway::publish {
namespace {

using ingest::WallTime;
using ingest::query::Code;
using ingest::query::Fault;

struct ReaderKey {
  Subscriber who;
  std::uint64_t id = 0;
  bool operator==(const ReaderKey&) const = default;
};
struct ReaderHash {
  std::size_t operator()(const ReaderKey& key) const {
    // Odd multipliers spread the few bits that differ (Knuth, TAOCP 6.4).
    std::uint64_t hash = key.who.slot + (std::uint64_t{key.who.worker} << 32U);
    hash = (hash ^ key.who.generation) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>((hash ^ key.id) * 0xC2B2AE3D27D4EB4FU);
  }
};
struct Reader {
  ChannelId ch = 0;
  std::uint32_t ticket = 0;
};
/// Joins of one `hello`: its `subd` all go out before the first `snap`.
struct Held {
  ChannelId ch = 0;
  Joining joining;
};

}  // namespace

struct Publisher::State {
  State(const Options& given, ingest::query::Streams& streams, Outlet& way_out)
      : options(given),
        outlet(way_out),
        questions(way_out),
        book({given.workers, given.streams_max, given.linger, given.linger_bytes_max, given.ring,
              given.table, given.query_cost_max},
             streams) {}

  void obey(std::monostate /*nothing*/) {}
  void obey(const Subscribe& subscribe);
  void obey(const Unsubscribe& unsubscribe);
  void obey(const Retune& retune);
  void obey(const WantSnapshot& want);
  void obey(const Ask& ask);
  void obey(const Forget& forget) { questions.forget(forget); }

  Start start_of(const Subscribe& subscribe, const OpenChannel& channel);
  void refuse(const Subscribe& subscribe, const Fault& fault);
  OpenChannel& enter(OpenStream& stream, const ReaderKey& key, Reader& reader, ingest::Millis rate);
  void leave(OpenChannel& channel, std::uint32_t worker);
  void say_subd(const ReaderKey& key, const Reader& reader, Start start);
  void release_held(Subscriber who);
  void begin(OpenChannel& channel, const Joining& joining);
  void join(OpenChannel& channel, const Joining& joining);
  FramePtr snapshot(OpenChannel& channel);
  void advance(OpenStream& stream);
  void start(OpenChannel& channel);
  void publish(OpenChannel& channel);
  void publish_ledger();

  Options options;
  Outlet& outlet;
  std::shared_ptr<const ingest::query::Catalogue> catalogue;
  Questions questions;
  StreamBook book;
  std::unordered_map<ReaderKey, Reader, ReaderHash> readers;
  std::vector<Held> held;
  WallTime now;
  std::vector<Numbered> frames;  // memory kept between channels
  Ledger ledger;
  ingest::Published<Ledger> published;
};

Publisher::Publisher(const Options& options, ingest::query::Streams& streams, Outlet& outlet)
    : state_(std::make_unique<State>(options, streams, outlet)) {}

Publisher::~Publisher() = default;

void Publisher::handle(ToHub message) {
  std::visit([this](const auto& mail) { state_->obey(mail); }, message);
}

void Publisher::update(const ingest::query::Update& update) {
  if (OpenStream* stream = state_->book.find_stream(update.stream)) stream->table.apply(update);
}

void Publisher::tick_done(WallTime now) {
  state_->now = now;
  for (auto& [id, stream] : state_->book.streams())
    state_->advance(*stream);
  state_->book.expire(now);
  state_->publish_ledger();
}

void Publisher::catalogue(const std::shared_ptr<const ingest::query::Catalogue>& catalogue) {
  state_->catalogue = catalogue;
  state_->book.know(catalogue);
  for (std::uint32_t worker = 0; worker < state_->options.workers; ++worker) {
    state_->outlet.send(worker, NewCatalogue{catalogue});
  }
}

void Publisher::annotations(const std::shared_ptr<const ingest::query::Annotations>& annotations) {
  for (std::uint32_t worker = 0; worker < state_->options.workers; ++worker)
    state_->outlet.send(worker, NewAnnotations{annotations});
}

void Publisher::ask_of(ingest::query::Durability& durability) {
  state_->questions.ask_of(durability);
}
void Publisher::ask_of(ingest::query::Past& past) {
  state_->questions.ask_of(past);
}

const ingest::Published<Ledger>& Publisher::ledger() const {
  return state_->published;
}

// ---- mail ----

void Publisher::State::obey(const Ask& ask) {
  const auto* range = std::get_if<ingest::query::RangeAsk>(&ask.question);
  if (range != nullptr && catalogue != nullptr) {
    const ingest::query::Span span{range->start, range->end, now, options.pane};
    const auto cost = ingest::query::range_cost(range->query, *catalogue, span);
    if (const auto fault = ingest::query::too_expensive(cost, options.query_cost_max))
      return questions.refuse(ask, *fault);
  }
  questions.ask(ask);
}

void Publisher::State::obey(const Subscribe& subscribe) {
  const ReaderKey key{subscribe.who, subscribe.id};
  const auto stream =
      readers.contains(key)
          ? ingest::Failure{Fault{Code::SubDuplicateId, "id: a subscription has it already", false}}
          : book.open(subscribe.query);
  if (!stream) {
    refuse(subscribe, stream.error());
  } else {
    Reader& reader = readers[key];
    reader.ticket = subscribe.ticket;
    OpenChannel& channel = enter(**stream, key, reader, subscribe.rate);
    ++ledger.subscribed;
    const Start start = start_of(subscribe, channel);
    say_subd(key, reader, start);
    held.push_back({reader.ch, {key.who, key.id, start, subscribe.from ? subscribe.from->s : 0}});
  }
  if (subscribe.following == 0) release_held(subscribe.who);
}

void Publisher::State::refuse(const Subscribe& subscribe, const Fault& fault) {
  ++ledger.refused;
  outlet.send(subscribe.who.worker, Tell{subscribe.who, make_frame(err_text(subscribe.id, fault)),
                                         Verdict::Refused, subscribe.id, subscribe.ticket, 0});
}

/// Where a new reader begins: `from` is honoured only for this very channel.
Start Publisher::State::start_of(const Subscribe& subscribe, const OpenChannel& channel) {
  if (!subscribe.from) return Start::New;
  if (subscribe.from->epoch != options.epoch) return Start::EpochChanged;
  const OpenChannel* before = book.find_channel(subscribe.from->ch);
  if (before == nullptr) return Start::TooOld;
  if (before->stream != channel.stream) return Start::QueryChanged;
  if (before != &channel) return Start::RateChanged;
  // A connection that reads the channel already under another id would see frames twice.
  const bool reads = std::any_of(held.begin(), held.end(), [&](const Held& other) {
    return other.ch == subscribe.from->ch && other.joining.who == subscribe.who;
  });
  return reads ? Start::New : channel.channel.resume(subscribe.from->s).start;
}

OpenChannel& Publisher::State::enter(OpenStream& stream, const ReaderKey& key, Reader& reader,
                                     ingest::Millis rate) {
  OpenChannel& channel = book.open(stream, rate_tier(rate, options.tick), now);
  ++channel.readers;
  ++channel.readers_by_worker.at(key.who.worker);
  reader.ch = channel.channel.ch();
  return channel;
}

void Publisher::State::leave(OpenChannel& channel, std::uint32_t worker) {
  --channel.readers;
  if (--channel.readers_by_worker.at(worker) == 0) {
    outlet.send(worker, ChannelGone{channel.channel.ch()});
  }
  if (channel.readers == 0) channel.idle_since = now;
}

void Publisher::State::say_subd(const ReaderKey& key, const Reader& reader, Start start) {
  const OpenChannel& channel = *book.find_channel(reader.ch);
  const std::string text = subd_text(
      {key.id, reader.ch, options.epoch, start, channel.channel.tier(), channel.stream->query});
  outlet.send(key.who.worker,
              Tell{key.who, make_frame(text), Verdict::Accepted, key.id, reader.ticket, reader.ch});
}

void Publisher::State::release_held(Subscriber who) {
  const std::vector<Held> all = std::exchange(held, {});
  for (const Held& one : all) {
    if (one.joining.who != who) {
      held.push_back(one);
    } else if (OpenChannel* channel = book.find_channel(one.ch)) {
      begin(*channel, one.joining);
    }
  }
}

/// The state goes out now, or with the stream's first update.
void Publisher::State::begin(OpenChannel& channel, const Joining& joining) {
  if (!channel.channel.is_started() && channel.stream->table.is_ready()) start(channel);
  if (channel.channel.is_started()) return join(channel, joining);
  channel.waiting.push_back(joining);
}

void Publisher::State::join(OpenChannel& channel, const Joining& joining) {
  const auto reader = readers.find({joining.who, joining.id});
  if (reader == readers.end() || reader->second.ch != channel.channel.ch()) return;
  Join join{joining.who, joining.id, channel.channel.ch(), {}, channel.channel.s() + 1};
  Channel::Resumed resumed;
  if (joining.start == Start::Replay) resumed = channel.channel.resume(joining.resume_at);
  if (resumed.start == Start::Replay) {
    ++ledger.replays;
    join.frames = std::move(resumed.frames);
  } else {
    join.frames.push_back(snapshot(channel));
  }
  outlet.send(joining.who.worker, std::move(join));
}

FramePtr Publisher::State::snapshot(OpenChannel& channel) {
  const std::uint64_t before = channel.channel.snapshots_built();
  FramePtr frame = channel.channel.snapshot(channel.stream->table);
  if (channel.channel.snapshots_built() != before) {
    ++ledger.snapshots_encoded;
    ledger.bytes_encoded += chain_bytes(*frame);
  }
  return frame;
}

void Publisher::State::obey(const Unsubscribe& unsubscribe) {
  const auto reader = readers.find({unsubscribe.who, unsubscribe.id});
  if (reader == readers.end()) return;  // it was refused
  OpenChannel* channel = book.find_channel(reader->second.ch);
  readers.erase(reader);
  std::erase_if(channel->waiting, [&](const Joining& joining) {
    return joining.who == unsubscribe.who && joining.id == unsubscribe.id;
  });
  leave(*channel, unsubscribe.who.worker);
}

void Publisher::State::obey(const Retune& retune) {
  const ReaderKey key{retune.who, retune.id};
  const auto reader = readers.find(key);
  if (reader == readers.end()) return;
  OpenChannel& before = *book.find_channel(reader->second.ch);
  // Only the last of many rates brings the state.
  std::erase_if(before.waiting, [&](const Joining& joining) {
    return joining.who == key.who && joining.id == key.id;
  });
  OpenChannel& channel = enter(*before.stream, key, reader->second, retune.rate);
  say_subd(key, reader->second, Start::RateChanged);
  leave(before, key.who.worker);  // after `subd`: until then its ring has a reader there
  begin(channel, {key.who, key.id, Start::RateChanged, 0});
}

void Publisher::State::obey(const WantSnapshot& want) {
  OpenChannel* channel = book.find_channel(want.ch);
  if (channel == nullptr || !channel->channel.is_started()) return;
  if (channel->readers_by_worker.at(want.who.worker) == 0) return;
  const Sequence next = channel->channel.s() + 1;
  outlet.send(want.who.worker, Join{want.who, 0, want.ch, {snapshot(*channel)}, next});
}

// ---- ticks ----

void Publisher::State::advance(OpenStream& stream) {
  RowTable& table = stream.table;
  if (!table.is_ready()) return;
  table.seal();
  const bool rebases = table.wants_rebase();
  if (rebases) {
    table.rebase();
    ++ledger.rebases;
  }
  Version said = table.version();
  for (auto& [tier, channel] : stream.channels) {
    frames.clear();
    if (!channel->channel.is_started()) {
      start(*channel);
    } else if (rebases) {
      channel->channel.rebase(table, now, frames);
    } else if (channel->channel.is_due(now)) {
      channel->channel.advance(table, now, frames);
    }
    publish(*channel);
    if (channel->channel.corrects()) said = std::min(said, channel->channel.said());
  }
  table.settle(said);
}

void Publisher::State::start(OpenChannel& channel) {
  channel.channel.start(channel.stream->table, now);
  for (const Joining& joining : std::exchange(channel.waiting, {}))
    join(channel, joining);
}

void Publisher::State::publish(OpenChannel& channel) {
  for (const Numbered& numbered : frames) {
    ++ledger.frames_encoded;
    ledger.bytes_encoded += chain_bytes(*numbered.frame);
    for (std::uint32_t worker = 0; worker < options.workers; ++worker) {
      if (channel.readers_by_worker[worker] == 0) continue;
      ++ledger.frames_published;
      outlet.send(worker, Publish{channel.channel.ch(), numbered.s, numbered.frame});
    }
  }
}

void Publisher::State::publish_ledger() {
  ledger.streams = book.streams().size();
  ledger.channels = book.channel_count();
  ledger.readers = readers.size();
  ledger.questions = questions.waiting();
  ledger.lingering = 0;
  ledger.bytes = 0;
  ledger.left_early = book.closed().left_early;
  ledger.corrections_dropped = book.closed().corrections_dropped;
  for (const auto& [id, stream] : book.streams()) {
    ledger.bytes += stream->table.bytes();
    ledger.corrections_dropped += stream->table.corrections_dropped();
    for (const auto& [tier, channel] : stream->channels) {
      ledger.bytes += channel->channel.bytes();
      ledger.left_early += channel->channel.ring().left_early();
      if (channel->readers == 0) ++ledger.lingering;
    }
  }
  published.publish(ledger);
}

}  // namespace gateway::publish
