#include "gateway/tools/player.h"

#include <utility>

#include "ingest/codec/line_ends.h"

namespace gateway::tools {

using ingest::Result;
using ingest::codec::line_rule_of;
using ingest::record::Ending;
using ingest::record::Kind;
using ingest::record::Record;

Player::Player(ingest::record::Source& source, Options options)
    : source_(source), options_(std::move(options)), pacer_(options_.speed) {}

/// Recorded connections, played to something that has connections.
bool Player::keeps_connections() const {
  const Target::Way way = options_.target.way;
  return ingest::record::is_stream(source_.header().transport) &&
         (way == Target::Way::Tcp || way == Target::Way::Unix);
}

Result<Player::Played> Player::run() {
  if (!keeps_connections())
    post_.emplace(TRY(LinePost::open(options_.target, source_.header().format)));
  pacer_.start(options_.clock->mono());
  for (;;) {
    TRY(play_round());
    played_.ending = source_.ending();
    played_.drops = source_.totals().drops;
    if (played_.interrupted) break;
    ++played_.rounds;
    const bool whole = played_.ending.how == Ending::How::Whole && source_.totals().records > 0;
    if (!whole || played_.rounds >= options_.rounds) break;
    TRY(source_.rewind());
    pacer_.begin_again();
  }
  if (post_) TRY(post_->finish());
  played_.left_out += scratch_.cut.tcp_tail + scratch_.rejected_total();
  return played_;
}

Result<void> Player::play_round() {
  const bool paced = options_.speed.has_value();
  while (const auto record = source_.next()) {
    const ingest::MonoTime due = paced ? pacer_.due(record->at) : ingest::MonoTime{};
    if (paced && post_ && due > options_.clock->mono()) TRY(post_->flush());
    played_.interrupted = options_.wait_until(due);
    if (played_.interrupted) break;
    TRY(take(*record));
  }
  return close_all();
}

Result<void> Player::take(const Record& record) {
  switch (record.kind) {
    case Kind::Data:
    case Kind::Cut:
      ++played_.records;
      played_.bytes += record.bytes.size();
      return take_data(record);
    case Kind::Closed:
      return close(record.connection);
    case Kind::Drops:
    case Kind::End:
      break;
  }
  return {};
}

Result<void> Player::take_data(const Record& record) {
  const ingest::record::Transport transport = source_.header().transport;
  if (transport == ingest::record::Transport::Text) return post_->send(record.bytes);
  if (ingest::record::is_stream(transport)) return take_piece(record.connection, record.bytes);
  if (record.kind == Kind::Data) return post_->send_datagram(record.bytes);
  ++played_.left_out;  // the line that the recorder's room cut through
  ingest::codec::LineEnds ends{line_rule_of(source_.header().format)};
  return post_->send_datagram(record.bytes.substr(0, ends.last(record.bytes)));
}

Result<void> Player::take_piece(std::uint32_t connection, std::string_view bytes) {
  if (outlets_.size() + splitters_.size() >= kConnectionsMax && !outlets_.contains(connection) &&
      !splitters_.contains(connection))
    TRY(close(outlets_.empty() ? splitters_.begin()->first : outlets_.begin()->first));
  if (keeps_connections()) {
    auto found = outlets_.find(connection);
    if (found == outlets_.end())
      found = outlets_.emplace(connection, TRY(Outlet::open(options_.target))).first;
    TRY(found->second.renew());
    return found->second.send(bytes);
  }
  const auto rule = line_rule_of(source_.header().format);
  Result<void> sent;
  splitters_.try_emplace(connection, rule)
      .first->second.receive(bytes, scratch_, [&](std::string_view block) {
        if (sent) sent = post_->send(block);
      });
  return sent;
}

Result<void> Player::close(std::uint32_t connection) {
  if (const auto found = splitters_.find(connection); found != splitters_.end()) {
    found->second.close(scratch_);
    splitters_.erase(found);
  }
  const auto found = outlets_.find(connection);
  if (found == outlets_.end()) return {};
  Result<void> finished = found->second.finish();
  outlets_.erase(found);
  return finished;
}

Result<void> Player::close_all() {
  while (!splitters_.empty())
    TRY(close(splitters_.begin()->first));
  while (!outlets_.empty())
    TRY(close(outlets_.begin()->first));
  return {};
}

}  // namespace gateway::tools
