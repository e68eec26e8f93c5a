#include "gateway/publish/publisher.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gateway/publish/appraisals.h"
#include "gateway/publish/questions.h"
#include "gateway/publish/reception.h"
#include "gateway/publish/stream_book.h"
#include "ingest/query/cost.h"

namespace gateway::publish {

constexpr std::size_t kStreamsShown = 10;

using ingest::WallTime;
using ingest::query::Catalogue;
using ingest::query::Fault;

struct Publisher::State {
  State(const Options& given, ingest::query::Streams& streams, Outlet& way_out)
      : options(given),
        outlet(way_out),
        questions(way_out),
        book({.workers = given.workers,
              .streams_max = given.streams_max,
              .linger = given.linger,
              .linger_bytes_max = given.linger_bytes_max,
              .bytes_max = given.bytes_max,
              .ring = given.ring,
              .table = given.table,
              .query_cost_max = given.query_cost_max,
              .streams_of_one_max = given.streams_of_one_max,
              .shown = given.shown},
             streams),
        reception({given.epoch, given.tick}, book, way_out, ledger),
        appraisals({.known = [this](const Subscribe& who,
                                    const Catalogue& part) { reception.admit(who, &part); },
                    .refused = [this](const Subscribe& who,
                                      const Fault& fault) { reception.turn_away(who, fault); },
                    .mail = [this](const ToHub& mail) { take(mail); }}) {}

  void take(const ToHub& mail) {
    std::visit([this](const auto& one) { obey(one); }, mail);
  }
  void obey(std::monostate /*nothing*/) {}
  void obey(const Ask& ask);
  void obey(const Forget& forget) { questions.forget(forget); }
  /// All else is about who reads what.
  template <class Mail>
  void obey(const Mail& mail) {
    reception.obey(mail);
  }

  void advance(OpenStream& stream);
  void publish(OpenChannel& channel);
  void publish_ledger();
  void tell_dearest();

  Options options;
  Outlet& outlet;
  std::shared_ptr<const ingest::query::Catalogue> catalogue;
  Questions questions;
  StreamBook book;
  Ledger ledger;
  Reception reception;
  Appraisals appraisals;
  WallTime now;
  std::vector<Numbered> frames;  // memory kept between channels
  WallTime listed;               // when the dearest were told last
  bool told_any = false;
  ingest::Published<Ledger> published;
};

Publisher::Publisher(const Options& options, ingest::query::Streams& streams, Outlet& outlet)
    : state_(std::make_unique<State>(options, streams, outlet)) {}

Publisher::~Publisher() = default;

void Publisher::handle(const ToHub& message) {
  if (!state_->appraisals.keeps(message)) state_->take(message);
}

void Publisher::update(const ingest::query::Update& update) {
  if (OpenStream* stream = state_->book.find_stream(update.stream)) stream->table.apply(update);
}

void Publisher::tick_done(WallTime now) {
  state_->now = now;
  state_->reception.turn_to(now);
  for (auto& [id, stream] : state_->book.streams())
    state_->advance(*stream);
  state_->book.expire(now);
  state_->book.press();
  state_->publish_ledger();
  state_->tell_dearest();
}

std::size_t Publisher::held_bytes() const {
  return state_->ledger.bytes;
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
void Publisher::ask_of(ingest::query::Discovery& discovery) {
  state_->questions.ask_of(discovery);
  state_->appraisals.ask_of(discovery);
}
void Publisher::ask_of(Boards& boards) {
  state_->questions.ask_of(boards);
}
void Publisher::ask_of(Scrapes& scrapes) {
  state_->questions.ask_of(scrapes);
}
void Publisher::ask_of(ingest::query::Past& past) {
  state_->questions.ask_of(past);
}

const ingest::Published<Ledger>& Publisher::ledger() const {
  return state_->published;
}

// ---- mail ----

/// What a range costs who sees a part is reckoned from the series that were found for it, before
/// they are read: the catalogue of all would tell of others.
void Publisher::State::obey(const Ask& ask) {
  const auto* range = std::get_if<ingest::query::RangeAsk>(&ask.question);
  if (range != nullptr && catalogue != nullptr && ask.bounds == nullptr) {
    const ingest::query::Span span{range->start, range->end, now, options.pane};
    const auto cost = ingest::query::range_cost(range->query, *catalogue, span);
    if (const auto fault = ingest::query::too_expensive(cost, options.query_cost_max))
      return questions.refuse(ask, *fault);
  }
  questions.ask(ask);
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
      reception.start(*channel);
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

void Publisher::State::publish(OpenChannel& channel) {
  for (const Numbered& numbered : frames) {
    ++ledger.frames_encoded;
    ledger.bytes_encoded += chain_bytes(*numbered.frame);
    for (std::uint32_t worker = 0; worker < options.workers; ++worker) {
      if (channel.readers_by_worker[worker] == 0) continue;
      ++ledger.frames_published;
      outlet.send(worker, Publish{.ch = channel.channel.ch(),
                                  .s = numbered.s,
                                  .frame = numbered.frame,
                                  .ring_bytes_max = channel.channel.ring().bytes_max()});
    }
  }
}

/// So often that a person sees it move; not at all while nobody watches anything.
void Publisher::State::tell_dearest() {
  constexpr ingest::Millis kEvery{1'000};
  if (now < listed + kEvery || (book.streams().empty() && !told_any)) return;
  listed = now;
  told_any = !book.streams().empty();
  const auto list = std::make_shared<const StreamList>(book.dearest(kStreamsShown));
  for (std::uint32_t worker = 0; worker < options.workers; ++worker)
    outlet.send(worker, NewStreams{list});
}

void Publisher::State::publish_ledger() {
  ledger.streams = book.streams().size();
  ledger.channels = book.channel_count();
  ledger.readers = reception.size();
  ledger.questions = questions.waiting() + appraisals.waiting();
  ledger.questions_refused = questions.refused();
  ledger.lingering = 0;
  ledger.bytes = book.bytes();
  ledger.left_early = book.closed().left_early;
  ledger.corrections_dropped = book.closed().corrections_dropped;
  for (const auto& [id, stream] : book.streams()) {
    ledger.corrections_dropped += stream->table.corrections_dropped();
    for (const auto& [tier, channel] : stream->channels) {
      ledger.left_early += channel->channel.ring().left_early();
      if (channel->readers == 0) ++ledger.lingering;
    }
  }
  published.publish(ledger);
}

}  // namespace gateway::publish
