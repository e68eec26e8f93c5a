#include "ingest/record/open_source.h"

#include <utility>

#include "ingest/record/recording_reader.h"
#include "ingest/record/text_reader.h"

namespace ingest::record {

Result<std::unique_ptr<Source>> open_source(const SourceOptions& options) {
  const bool is_stdin = options.path == kStandardInput;
  if (is_stdin && !options.format)
    return Failure{Error{0, "standard input is lines: of which --format?"}};
  const bool is_recording = !is_stdin && TRY(RecordingReader::is_recording(options.path));
  if (!is_recording && options.format) {
    auto text = TRY(TextReader::open({.path = options.path,
                                      .format = *options.format,
                                      .lines_per_second = options.lines_per_second,
                                      .block_bytes = options.block_bytes}));
    return std::unique_ptr<Source>{std::move(text)};
  }
  auto recording = TRY(RecordingReader::open(options.path));
  const codec::Format format = recording->header().format;
  if (options.format && *options.format != format) {
    return Failure{Error{0, options.path + " is a recording of " +
                                std::string{codec::format_name(format)} + ", not of " +
                                std::string{codec::format_name(*options.format)}}};
  }
  return std::unique_ptr<Source>{std::move(recording)};
}

}  // namespace ingest::record
