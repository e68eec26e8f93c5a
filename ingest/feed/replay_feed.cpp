#include "ingest/feed/replay_feed.h"

#include <string>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/codec/line_ends.h"

namespace ingest::feed {

using record::Kind;
using record::Record;

ReplayFeed::ReplayFeed(Parts parts)
    : Feed(parts.name, parts.path),
      parts_(std::move(parts)),
      loop_(*parts_.home.loop),
      batch_(*parts_.home.sink),
      pacer_(parts_.speed),
      transport_(parts_.source->header().transport) {
  CHECK(parts_.rounds > 0);
  timer_ = loop_.at(loop_.mono(), [this] { run(); });
}

ReplayFeed::~ReplayFeed() {
  loop_.cancel(timer_);
}

void ReplayFeed::run() {
  const MonoTime now = loop_.mono();
  if (!std::exchange(begun_, true)) pacer_.start(now);
  if (const auto next = play_slice(now)) timer_ = loop_.at(*next, [this] { run(); });
}

/// When to go on: when the next record is due; in the next turn, others first, where more is due
/// than a turn may take; never, when all rounds are over.
std::optional<MonoTime> ReplayFeed::play_slice(MonoTime now) {
  for (std::size_t bytes = 0; bytes < kSliceBytes;) {
    if (!waiting_ && !next_record()) return std::nullopt;
    const MonoTime due = pacer_.due(waiting_->at);
    if (due > now) return due;
    take(*waiting_);
    bytes += record::kRecordHeadBytes + waiting_->bytes.size();
    waiting_.reset();
  }
  return now;
}

bool ReplayFeed::next_record() {
  for (;;) {
    waiting_ = parts_.source->next();
    if (waiting_) return true;
    if (!next_round()) return false;
  }
}

/// The source has ended: closes what it left open, and begins again where that is wanted.
bool ReplayFeed::next_round() {
  end_text();
  while (!connections_.empty())
    close(connections_.begin()->first);
  ++rounds_;
  const bool whole = parts_.source->ending().how == record::Ending::How::Whole;
  const bool empty = parts_.source->totals().records == 0;
  const bool again = rounds_ < parts_.rounds && whole && !empty && parts_.source->rewind();
  if (again) {
    pacer_.begin_again();
  } else if (parts_.done) {
    parts_.done({parts_.source->ending(), parts_.source->totals(), rounds_});
  }
  return again;
}

void ReplayFeed::take(const Record& record) {
  FeedLedger& ledger = book();
  if (record.kind == Kind::Data || record.kind == Kind::Cut) ledger.bytes += record.bytes.size();
  if (record.kind == Kind::Closed) {
    close(record.connection);
  } else if (record.kind != Kind::Data && record.kind != Kind::Cut) {
    return;  // what the recorder itself has lost: told when done
  } else if (record::is_datagram(transport_)) {
    take_datagram(record);
  } else {
    take_piece(record.connection, record.bytes);
  }
  batch_.flush();  // the samples look into the source, which the next record overwrites
}

/// As the live feeds do.
void ReplayFeed::take_datagram(const Record& record) {
  FeedLedger& ledger = book();
  ++ledger.datagrams.received;
  std::string_view lines = record.bytes;
  if (record.kind == Kind::Cut) {
    lines = lines.substr(0, codec::LineEnds{parts_.codec->line_rule()}.last(lines));
    ++ledger.lines.received;
    ++ledger.lines.cut.truncated;
  }
  parts_.codec->parse(lines, ledger.lines, batch_);
}

void ReplayFeed::take_piece(std::uint32_t connection, std::string_view bytes) {
  if (bytes.empty()) return;
  last_byte_ = bytes.back();
  FeedLedger& ledger = book();
  splitter_of(connection).receive(bytes, ledger.lines, [&](std::string_view block) {
    parts_.codec->parse(block, ledger.lines, batch_);
    batch_.flush();
  });
}

codec::LineSplitter& ReplayFeed::splitter_of(std::uint32_t connection) {
  const auto found = connections_.find(connection);
  if (found != connections_.end()) return found->second;
  if (connections_.size() >= kConnectionsMax) close(connections_.begin()->first);
  if (record::is_stream(transport_)) ++book().connections.opened;
  return connections_.try_emplace(connection, parts_.codec->line_rule()).first->second;
}

void ReplayFeed::close(std::uint32_t connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;  // nothing came of it
  found->second.close(book().lines);
  connections_.erase(found);
  if (record::is_stream(transport_)) ++book().connections.closed;
}

/// The last line of a file of lines is whole without a line end, too.
void ReplayFeed::end_text() {
  if (transport_ != record::Transport::Text || std::exchange(last_byte_, '\n') == '\n') return;
  take_piece(0, "\n");
  batch_.flush();
}

}  // namespace ingest::feed
