#include "ingest/replay/file_lines.h"

#include "ingest/codec/format.h"

namespace ingest::replay {

using record::Kind;
using record::Record;

FileLines::FileLines(record::Source& source, model::SampleSink& sink)
    : source_(source),
      transport_(source.header().transport),
      codec_(codec::make_codec(source.header().format)),
      batch_(sink) {}

bool FileLines::next() {
  const auto record = source_.next();
  if (!record) {
    end();
    return false;
  }
  take(*record);
  return true;
}

void FileLines::take(const Record& record) {
  at_ = record.at;
  connection_ = record.connection;
  if (transport_ != record::Transport::Text)
    arrival_ = source_.header().started + std::chrono::floor<Millis>(record.at);
  if (record.kind == Kind::Closed) {
    close(record.connection);
  } else if (record.kind != Kind::Data && record.kind != Kind::Cut) {
    return;  // what the recorder itself has lost
  } else if (record::is_datagram(transport_)) {
    take_datagram(record);
  } else {
    take_piece(record.connection, record.bytes);
  }
  batch_.flush();  // the samples look into the source
}

void FileLines::take_datagram(const Record& record) {
  std::string_view lines = record.bytes;
  if (record.kind == Kind::Cut) {
    lines = lines.substr(0, codec::LineEnds{codec_->line_rule()}.last(lines));
    ++ledger_.received;
    ++ledger_.cut.truncated;
  }
  codec_->parse(lines, ledger_, batch_);
}

void FileLines::take_piece(std::uint32_t connection, std::string_view bytes) {
  if (bytes.empty()) return;
  last_byte_ = bytes.back();
  if (!connections_.contains(connection) && connections_.size() >= kConnectionsMax)
    close(connections_.begin()->first);
  auto& splitter = connections_.try_emplace(connection, codec_->line_rule()).first->second;
  splitter.receive(bytes, ledger_, [&](std::string_view block) {
    codec_->parse(block, ledger_, batch_);
    batch_.flush();
  });
}

void FileLines::close(std::uint32_t connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  found->second.close(ledger_);
  connections_.erase(found);
}

/// The last line of a file of lines is whole without a line end, too.
void FileLines::end() {
  if (transport_ == record::Transport::Text && last_byte_ != '\n') take_piece(0, "\n");
  while (!connections_.empty())
    close(connections_.begin()->first);
}

}  // namespace ingest::replay
