#pragma once
// LineEnds: where the lines of a stream end, for any split of its bytes. The one place that knows
// that a newline may stand inside a line: the splitter, the cut of a datagram and the codec itself
// all ask here. Owned by whoever reads one stream.
//
//   m,t=a s="two
//   lines",f=1 1700000000     one line by LineRule::Quoted, two by LineRule::Newline

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ingest::codec {

enum class LineRule : std::uint8_t {
  Newline,  // every newline ends a line
  // Influx line protocol: but not one inside a string, which begins with a quote right after the
  // `=` of a field and ends with the next quote that no backslash escapes. In comments, names and
  // tags quotes are plain bytes; so are they further than kLineBytesMax into a line, so that a
  // string that never ends costs one line.
  Quoted,
};

class LineEnds {
 public:
  static constexpr std::size_t kNone = std::string_view::npos;

  explicit LineEnds(LineRule rule) : rule_(rule) {}

  /// The bytes up to and with the first end of a line in `bytes`, which follow what was seen
  /// before; kNone when the line goes on. Only what is counted has been seen then; with kNone all.
  std::size_t first(std::string_view bytes);
  /// The same up to and with the last end of a line, 0 when there is none. All has been seen.
  std::size_t last(std::string_view bytes);
  /// Back to before the first byte of a stream.
  void reset() { *this = LineEnds{rule_}; }

 private:
  enum class In : std::uint8_t { Start, Key, Gap, Field, Value, String, AfterValue, Plain };

  std::size_t scan(std::string_view bytes);
  void step(char c);
  static In after_value(char c);
  static In next(In in, char c, bool escaped);
  static bool escapes(In in, bool escaped);

  LineRule rule_;
  In in_ = In::Start;
  bool escaped_ = false;        // the byte before was a backslash that may escape
  std::size_t line_bytes_ = 0;  // seen of this line
};

}  // namespace ingest::codec
