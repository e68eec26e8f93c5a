#pragma once
// RecordingReader: the records of a recording, in order. A file that was cut off is read up to its
// last whole record, and says so. Holds the one record and what was read ahead.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ingest/io/fd.h"
#include "ingest/record/source.h"

namespace ingest::record {

class RecordingReader final : public Source {
 public:
  static constexpr std::size_t kReadBytes = std::size_t{256} << 10;

  /// Whether the file begins as a recording does, so that a plain file of lines can be told from
  /// one. The error names the path.
  static Result<bool> is_recording(const std::string& path);
  /// The error is a sentence: no such file, no recording, written by a later Weir.
  static Result<std::unique_ptr<RecordingReader>> open(const std::string& path);

  const Header& header() const override { return header_; }
  std::optional<Record> next() override;
  const Ending& ending() const override { return ending_; }
  const Totals& totals() const override { return totals_; }
  Extent extent() const override;
  Result<void> rewind() override;

 private:
  RecordingReader(io::Fd fd, std::string path);
  Result<void> read_header();
  enum class Got : std::uint8_t { More, Nothing };
  /// Reads until so many bytes are there; Nothing at the file's end.
  Result<Got> fill(std::size_t needed);
  std::string_view rest() const;
  std::optional<Record> over(Ending::How how, const std::string& why);
  std::optional<Record> ended();
  std::optional<Record> take(const Record& record, std::size_t bytes);

  io::Fd fd_;
  std::uint64_t size_;
  std::string path_;
  Header header_;
  std::size_t header_bytes_ = 0;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // in the file, of begin_
  Totals totals_;
  Ending ending_;
  bool over_ = false;
};

}  // namespace ingest::record
