#pragma once
// JsonReader: any line of JSON -> JsonFields, by simdjson, and strictly: what the line holds
// besides our fields is looked at too. Owned by a JsonLines codec. plain_json() below is the short
// way for lines without escapes; whatever it reads, the reader reads the same.

#include <memory>
#include <string_view>

#include "ingest/codec/json_fields.h"
#include "ingest/codec/lines.h"
#include "ingest/codec/scan.h"

namespace ingest::codec {

class JsonReader {
 public:
  JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;
  ~JsonReader();

  /// Reads the line at the cursor, at most kLineBytesMax. Strings are kept here until forget(): the
  /// caller looks at has_room() first.
  Fault read(const Cursor& line, JsonFields& fields);
  /// Whether the strings of a line of `bytes` can be kept.
  bool has_room(std::size_t bytes) const;
  /// Nobody looks at the strings any more.
  void forget();

 private:
  class Memory;
  std::unique_ptr<Memory> memory_;  // from the first read() on
};

/// Reads a line that has none but our fields, no escapes, and no fault. False when it is not such
/// a line: `fields` then holds a part of it.
bool plain_json(Cursor line, JsonFields& fields);

}  // namespace ingest::codec
