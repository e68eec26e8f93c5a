#pragma once
// What any bytes must give, for every codec: no crash, a ledger that adds up, samples that are what
// their type promises and look into the block, a place in each bad line, and the same samples,
// annotations and reasons however a stream is cut. The first byte of an input says where.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/base/check.h"
#include "ingest/codec/utf8.h"
#include "tests/ingest/codec/collected.h"

namespace ingest::codec {

enum class Views : std::uint8_t {
  InBlock,   // every one
  Anywhere,  // those of lines with escapes are in the codec's memory
};

class CheckingSink final : public model::SampleSink {
 public:
  CheckingSink(std::string_view block, Views views) : block_(block), views_(views) {}
  void take(std::span<const model::Sample> batch) override {
    CHECK(!batch.empty() && batch.size() <= kBatchMax);
    for (const model::Sample& sample : batch)
      check(sample);
  }
  void note(const model::Annotation& annotation) override {
    CHECK(!annotation.title.empty());
    for (const auto& view : {annotation.title, annotation.text, annotation.host, annotation.tags})
      check_view(view);
    for (const auto& view : {annotation.aggregation_key, annotation.source_type})
      check_view(view);
    const model::KeptAnnotation kept = model::keep(annotation, WallTime{});
    CHECK(kept.title.size() <= model::kTitleBytesMax && is_utf8_without_nul(kept.title));
    CHECK(kept.text.size() <= model::kTextBytesMax && is_utf8_without_nul(kept.text));
    CHECK(kept.tags.size() <= model::kTagsMax);
  }
  void reject(const model::RejectedLine& line) override {
    ++rejects;
    CHECK(!line.text.empty() && !line.reason.empty());
    CHECK(line.text.data() >= block_.data() &&
          line.text.data() + line.text.size() <= block_.data() + block_.size());
    CHECK(line.column >= 1 && line.column <= line.text.size() + 1);
  }
  std::uint64_t rejects = 0;

 private:
  void check_view(std::string_view view) const {
    if (view.empty() || views_ == Views::Anywhere) return;
    CHECK(view.data() >= block_.data() &&
          view.data() + view.size() <= block_.data() + block_.size());
  }
  void check(const model::Sample& sample) const {
    for (const auto& view : {sample.key.name, sample.key.tags, sample.key.field, sample.member})
      check_view(view);
    CHECK(std::isfinite(sample.value) && !(sample.value == 0 && std::signbit(sample.value)));
    CHECK(std::abs(sample.value_low) <= 1024);
    CHECK(sample.rate.numerator > 0 && sample.rate.numerator <= sample.rate.denominator);
    CHECK(sample.rate.denominator <= 1'000'000'000);
    CHECK((sample.kind == model::Kind::Set) == !sample.member.empty());
    CHECK(!sample.time || to_ms(*sample.time) >= 0);
    const auto key = model::SeriesKey::from_raw(sample.kind, sample.key);
    CHECK(!key.name().empty() && key.name().size() <= model::kNameBytesMax);
    const auto tags = key.tags();
    CHECK(tags.size() <= model::kTagsMax);
    for (const model::TagView& tag : tags) {
      CHECK(!tag.key.empty() && tag.key.size() <= model::kTagKeyBytesMax);
      CHECK(tag.value.size() <= model::kTagValueBytesMax);
    }
  }

  std::string_view block_;
  Views views_;
};

/// One block in memory of its own, so that the sanitizer sees who reads past its end.
inline void check_block(const Codec& codec, const std::string& text, Views views) {
  const std::vector<char> bytes{text.begin(), text.end()};
  const std::string_view block{bytes.data(), bytes.size()};
  CheckingSink sink{block, views};
  SampleBatch batch{sink};
  LineLedger ledger;
  codec.parse(block, ledger, batch);
  CHECK(ledger.adds_up());
  CHECK(ledger.rejected_total() == sink.rejects);
  batch.flush();
}

inline int check_codec(const Codec& codec, Views views, const std::uint8_t* data,
                       std::size_t size) {
  if (size == 0) return 0;
  // Long inputs are cut in fewer, longer pieces, or a run would only copy bytes.
  const std::size_t step = std::size_t{data[0]} + 1 + size / 256;
  std::string stream{data + 1, data + size};
  check_block(codec, stream, views);
  const Parsed datagram = parse_block(codec, stream);
  CHECK(datagram.ledger.samples == datagram.samples.size());
  CHECK(datagram.ledger.ignored.annotation == datagram.notes.size());

  // A stream, in pieces and at once. What is behind its last line is no line of it.
  stream += '\n';
  const Parsed whole = parse_stream(codec, stream, {.first = stream.size(), .size = 1});
  const Parsed pieces = parse_stream(codec, stream, {.first = step, .size = step});
  CHECK(pieces.samples == whole.samples);
  CHECK(pieces.notes == whole.notes);
  CHECK(same_ledger(pieces.ledger, whole.ledger));
  CHECK(pieces.ledger.adds_up());
  // A block of the whole lines is what the stream gave.
  const std::size_t lines = LineEnds{codec.line_rule()}.last(stream);
  const Parsed block = parse_block(codec, std::string_view{stream}.substr(0, lines));
  CHECK(block.samples == whole.samples);
  CHECK(block.notes == whole.notes);
  if (lines == stream.size()) CHECK(same_ledger(block.ledger, whole.ledger));
  return 0;
}

}  // namespace ingest::codec
