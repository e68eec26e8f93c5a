#pragma once
// TextReader: a plain file of lines as a source: blocks of whole lines, with times made from a rate
// where one is asked for. Its last line counts without a line end, too.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/codec/line_ends.h"
#include "ingest/io/fd.h"
#include "ingest/record/source.h"

namespace ingest::record {

/// The path that is no file.
constexpr std::string_view kStandardInput = "-";

class TextReader final : public Source {
 public:
  struct Options {
    std::string path;  // or kStandardInput
    codec::Format format = codec::Format::Statsd;
    double lines_per_second = 0;  // 0: all at time 0
    std::size_t block_bytes = 0;  // at most kBlockBytesMax; 0 is that
  };
  /// The error names the path.
  static Result<std::unique_ptr<TextReader>> open(const Options& options);

  const Header& header() const override { return header_; }
  std::optional<Record> next() override;
  const Ending& ending() const override { return ending_; }
  const Totals& totals() const override { return totals_; }
  Extent extent() const override;
  Result<void> rewind() override;

 private:
  /// Blocks a second, where there is a rate: each has as many lines as fall into it.
  static constexpr double kBlocksPerSecond = 100;

  TextReader(io::Fd fd, const Options& options);
  Result<void> fill();
  std::size_t block_bytes();

  io::Fd fd_;
  std::uint64_t size_;
  Options options_;
  Header header_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::uint64_t lines_in_block_;
  std::uint64_t lines_ = 0;  // given
  Totals totals_;
  Ending ending_;
};

}  // namespace ingest::record
