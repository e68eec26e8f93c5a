#include "gateway/tools/recorder.h"

#include <utility>

namespace gateway::tools {

using ingest::Result;
using ingest::record::Kind;
using Took = ingest::record::RecordingWriter::Took;

Recorder::Recorder(Parts parts) : parts_(std::move(parts)), start_(parts_.clock->mono()) {}

void Recorder::datagram(std::string_view bytes, Whole whole) {
  add(whole == Whole::Yes ? Kind::Data : Kind::Cut, 0, bytes);
  pass_on(bytes);
}

void Recorder::piece(std::uint32_t connection, std::string_view bytes) {
  add(Kind::Data, connection, bytes);
  pass_on(bytes);
}

void Recorder::closed(std::uint32_t connection) {
  add(Kind::Closed, connection, {});
}

void Recorder::dropped(std::uint64_t count) {
  if (!is_over()) took(parts_.writer.drops(count, since_start()));
}

void Recorder::add(Kind kind, std::uint32_t connection, std::string_view bytes) {
  if (is_over()) return;
  took(parts_.writer.add(
      {.kind = kind, .connection = connection, .at = since_start(), .bytes = bytes}));
}

void Recorder::took(const Result<Took>& took) {
  if (took && *took == Took::Yes) return;
  if (!took) return give_up(took.error());
  full_ = true;
  parts_.done();
}

void Recorder::give_up(const ingest::Error& fault) {
  fault_ = fault;
  parts_.done();
}

void Recorder::flush() {
  if (is_over()) return;
  const Result<void> flushed = parts_.writer.flush();
  if (!flushed) give_up(flushed.error());
}

/// A recording that ends takes nothing from who is listened to: what arrives until then goes on.
void Recorder::pass_on(std::string_view bytes) {
  if (parts_.forward && !parts_.forward->send_datagram(bytes)) ++not_forwarded_;
}

Result<void> Recorder::finish() {
  if (fault_) return ingest::Failure{*fault_};
  return parts_.writer.finish(since_start());
}

}  // namespace gateway::tools
