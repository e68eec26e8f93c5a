#pragma once
// FileLines: the records of a source, read as the feeds read what they receive: datagrams whole,
// connections in whole lines each. Owned by the reader of a replay.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "ingest/codec/codec.h"
#include "ingest/codec/line_splitter.h"
#include "ingest/record/source.h"

namespace ingest::replay {

class FileLines {
 public:
  static constexpr std::size_t kConnectionsMax = 512;  // then the oldest number ends

  /// `sink` takes samples of one record a time: arrival() and connection() are theirs.
  FileLines(record::Source& source, model::SampleSink& sink);

  /// Reads one record. False when the source is over: source.ending() says why.
  bool next();

  /// When the record came; none in a file of lines.
  std::optional<WallTime> arrival() const { return arrival_; }
  /// On the time line of the source.
  std::chrono::nanoseconds at() const { return at_; }
  std::uint32_t connection() const { return connection_; }
  const codec::LineLedger& ledger() const { return ledger_; }

 private:
  void take(const record::Record& record);
  void take_datagram(const record::Record& record);
  void take_piece(std::uint32_t connection, std::string_view bytes);
  void close(std::uint32_t connection);
  void end();

  record::Source& source_;
  record::Transport transport_;
  std::unique_ptr<const codec::Codec> codec_;
  codec::SampleBatch batch_;
  codec::LineLedger ledger_;
  std::map<std::uint32_t, codec::LineSplitter> connections_;
  std::optional<WallTime> arrival_;
  std::chrono::nanoseconds at_{0};
  std::uint32_t connection_ = 0;
  char last_byte_ = '\n';
};

}  // namespace ingest::replay
