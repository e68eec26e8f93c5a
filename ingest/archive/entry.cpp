#include "ingest/archive/entry.h"

#include <algorithm>
#include <limits>

#include "ingest/model/packed_partial.h"

namespace ingest::archive {
namespace {

constexpr std::size_t kKeyBytesMax =
    model::kNameBytesMax +
    model::kTagsMax * (model::kTagKeyBytesMax + model::kTagValueBytesMax + 2);
constexpr auto kKindMax = static_cast<std::uint8_t>(model::Kind::Set);

}  // namespace

void write_born(std::vector<std::byte>& out, std::uint32_t number, model::Kind kind,
                std::string_view key) {
  ByteWriter writer{out};
  writer.u8(static_cast<std::uint8_t>(Entry::What::Born));
  writer.varint(number);
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.text(key);
}

void write_delta(std::vector<std::byte>& out, std::uint32_t number, PaneNumber pane,
                 std::span<const std::byte> packed) {
  ByteWriter writer{out};
  writer.u8(static_cast<std::uint8_t>(Entry::What::Delta));
  writer.varint(number);
  writer.zigzag(pane);
  writer.varint(packed.size());
  writer.bytes(packed);
}

std::optional<Entry> EntryReader::next() {
  if (reader_.left() == 0) return std::nullopt;
  Entry entry;
  const std::uint8_t what = reader_.u8();
  entry.number =
      static_cast<std::uint32_t>(reader_.count(std::numeric_limits<std::uint32_t>::max()));
  if (what == static_cast<std::uint8_t>(Entry::What::Born)) {
    const std::uint8_t kind = reader_.u8();
    if (kind > kKindMax) return std::nullopt;
    entry.kind = static_cast<model::Kind>(kind);
    entry.key = reader_.text(kKeyBytesMax);
  } else if (what == static_cast<std::uint8_t>(Entry::What::Delta)) {
    entry.what = Entry::What::Delta;
    entry.pane = reader_.zigzag();
    entry.packed = reader_.bytes(reader_.count(model::kPackedBytesMax));
  } else {
    return std::nullopt;
  }
  return reader_.good() ? std::optional{entry} : std::nullopt;
}

std::optional<model::SeriesKey> read_key(model::Kind kind, std::string_view bytes) {
  const std::size_t end = std::min(bytes.find('\0'), bytes.size());
  const std::string_view tags = bytes.substr(std::min(end + 1, bytes.size()));
  model::SeriesKey key = model::SeriesKey::from_raw(
      kind, {.name = bytes.substr(0, end), .tags = tags, .style = model::TagStyle::Nul});
  if (key.bytes() != bytes) return std::nullopt;
  return key;
}

}  // namespace ingest::archive
