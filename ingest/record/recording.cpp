#include "ingest/record/recording.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <initializer_list>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "ingest/base/check.h"

namespace ingest::record {
namespace {

constexpr std::string_view kMagic{"\x89WREC\r\n\x1a", 8};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFixedBytes = 16;  // of the header: magic, version, length
constexpr std::array kTransports{Transport::Udp, Transport::Unixgram, Transport::Tcp,
                                 Transport::Unix, Transport::Text};

template <class T>
void put(T number, std::string& out) {
  for (std::size_t i = 0; i < sizeof number; ++i)
    out.push_back(static_cast<char>(static_cast<unsigned char>(number >> (8U * i))));
}

template <class T>
T get(std::string_view bytes) {
  T number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i)
    number |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8U * i));
  return number;
}

std::uint32_t low_half(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash);
}
std::uint32_t check_of(std::string_view bytes) {
  return low_half(XXH3_64bits(bytes.data(), bytes.size()));
}
/// Of a record's head, up to the check, and its bytes.
std::uint32_t check_of(std::string_view head, std::string_view bytes) {
  return low_half(XXH3_64bits_withSeed(bytes.data(), bytes.size(), check_of(head)));
}

/// The value of "name value\n"; nothing where the text does not say it.
std::optional<std::string_view> line_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ')
      return line.substr(name.size() + 1);
  }
  return std::nullopt;
}

template <class T>
std::optional<T> number_of(std::string_view text, std::string_view name) {
  const auto line = line_of(text, name);
  if (!line) return std::nullopt;
  T number = 0;
  const auto [stop, fault] = std::from_chars(line->data(), line->data() + line->size(), number);
  if (fault != std::errc{} || stop != line->data() + line->size()) return std::nullopt;
  return number;
}

std::optional<Transport> transport_of(std::string_view name) {
  for (const Transport transport : kTransports) {
    if (transport_name(transport) == name) return transport;
  }
  return std::nullopt;
}

std::string header_text(const Header& header) {
  std::string text{"format "};
  text.append(codec::format_name(header.format)).append("\ntransport ");
  text.append(transport_name(header.transport)).append("\naddress ");
  text.append(header.address.empty() ? "-" : header.address).append("\nstarted_ms ");
  text.append(std::to_string(to_ms(header.started))).append("\n");
  return text;
}

std::optional<Header> parse_header_text(std::string_view text) {
  const auto format = codec::format_of(line_of(text, "format").value_or(""));
  const auto transport = transport_of(line_of(text, "transport").value_or(""));
  const auto address = line_of(text, "address");
  const auto started = number_of<std::int64_t>(text, "started_ms");
  if (!format || !transport || !address || !started) return std::nullopt;
  return Header{.format = *format,
                .transport = *transport,
                .address = std::string{*address == "-" ? "" : *address},
                .started = wall_from_ms(*started)};
}

bool is_kind(std::uint32_t number) {
  return number >= static_cast<std::uint32_t>(Kind::Data) &&
         number <= static_cast<std::uint32_t>(Kind::End);
}

}  // namespace

std::string_view transport_name(Transport transport) {
  switch (transport) {
    case Transport::Udp:
      return "udp";
    case Transport::Unixgram:
      return "unixgram";
    case Transport::Tcp:
      return "tcp";
    case Transport::Unix:
      return "unix";
    case Transport::Text:
      return "text";
  }
  return "";
}

std::string encode_header(const Header& header) {
  const std::string text = header_text(header);
  CHECK(text.size() <= kHeaderTextMax);
  std::string bytes{kMagic};
  put(kVersion, bytes);
  put(static_cast<std::uint32_t>(text.size()), bytes);
  bytes += text;
  put(check_of(bytes), bytes);
  return bytes;
}

Result<Decoded<Header>, Fault> decode_header(std::string_view bytes) {
  const std::size_t compared = std::min(bytes.size(), kMagic.size());
  if (bytes.substr(0, compared) != kMagic.substr(0, compared)) return Failure{Fault::NoRecording};
  if (bytes.size() < kFixedBytes) return Failure{Fault::Short};
  if (get<std::uint32_t>(bytes.substr(8)) != kVersion) return Failure{Fault::Version};
  const std::size_t length = get<std::uint32_t>(bytes.substr(12));
  if (length > kHeaderTextMax) return Failure{Fault::Damaged};
  const std::size_t checked = kFixedBytes + length;
  if (bytes.size() < checked + sizeof(std::uint32_t)) return Failure{Fault::Short};
  if (get<std::uint32_t>(bytes.substr(checked)) != check_of(bytes.substr(0, checked)))
    return Failure{Fault::Damaged};
  auto header = parse_header_text(bytes.substr(kFixedBytes, length));
  if (!header) return Failure{Fault::Damaged};
  return Decoded<Header>{*std::move(header), checked + sizeof(std::uint32_t)};
}

void encode_record(const Record& record, std::string& out) {
  CHECK(record.bytes.size() <= kRecordBytesMax);
  const std::size_t begin = out.size();
  put(static_cast<std::uint32_t>(record.bytes.size()), out);
  put(record.connection, out);
  put(static_cast<std::uint64_t>(record.at.count()), out);
  put(static_cast<std::uint32_t>(record.kind), out);
  put(check_of(std::string_view{out}.substr(begin), record.bytes), out);
  out += record.bytes;
}

Result<Decoded<Record>, Fault> decode_record(std::string_view bytes, std::size_t& needed) {
  needed = kRecordHeadBytes;
  if (bytes.size() < needed) return Failure{Fault::Short};
  const std::size_t length = get<std::uint32_t>(bytes);
  const auto kind = get<std::uint32_t>(bytes.substr(16));
  const auto at = get<std::uint64_t>(bytes.substr(8));
  if (length > kRecordBytesMax || !is_kind(kind) || at > INT64_MAX) return Failure{Fault::Damaged};
  needed += length;
  if (bytes.size() < needed) return Failure{Fault::Short};
  const std::string_view data = bytes.substr(kRecordHeadBytes, length);
  constexpr std::size_t kChecked = kRecordHeadBytes - sizeof(std::uint32_t);
  if (get<std::uint32_t>(bytes.substr(kChecked)) != check_of(bytes.substr(0, kChecked), data))
    return Failure{Fault::Damaged};
  return Decoded<Record>{{.kind = static_cast<Kind>(kind),
                          .connection = get<std::uint32_t>(bytes.substr(4)),
                          .at = std::chrono::nanoseconds{static_cast<std::int64_t>(at)},
                          .bytes = data},
                         needed};
}

std::string totals_text(const Totals& totals) {
  return "records " + std::to_string(totals.records) + "\nbytes " + std::to_string(totals.bytes) +
         "\ndrops " + std::to_string(totals.drops) + "\n";
}

std::optional<Totals> parse_totals(std::string_view text) {
  const auto records = number_of<std::uint64_t>(text, "records");
  const auto bytes = number_of<std::uint64_t>(text, "bytes");
  const auto drops = number_of<std::uint64_t>(text, "drops");
  if (!records || !bytes || !drops) return std::nullopt;
  return Totals{*records, *bytes, *drops};
}

}  // namespace ingest::record
