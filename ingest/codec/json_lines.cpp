#include "ingest/codec/json_lines.h"

#include "ingest/codec/lines.h"

namespace ingest::codec {

struct JsonLines::Memory {
  JsonFields fields;
  JsonReader reader;
  bool kept = false;  // samples in the batch look into the reader's memory
};

JsonLines::JsonLines() : memory_(std::make_unique<Memory>()) {}
JsonLines::~JsonLines() = default;

Fault JsonLines::read(std::string_view line, std::string_view block, SampleBatch& batch) const {
  const Cursor cursor = cursor_of(line, block);
  JsonFields& fields = memory_->fields;
  fields.clear();
  if (plain_json(cursor, fields)) return {};
  if (!memory_->reader.has_room(line.size())) {
    batch.flush();
    memory_->reader.forget();
  }
  memory_->kept = true;
  fields.clear();
  if (const Fault fault = memory_->reader.read(cursor, fields)) return fault;
  return {fields.check(), cursor.end};  // what is missing is known when the line has ended
}

void JsonLines::parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const {
  read_lines(block, LineRule::Newline, ledger, batch, [&](std::string_view line) -> Fault {
    if (const Fault fault = read(line, block, batch)) return fault;
    memory_->fields.emit(ledger, batch);
    return {};
  });
  if (!memory_->kept) return;
  batch.flush();
  memory_->reader.forget();
  memory_->kept = false;
}

}  // namespace ingest::codec
