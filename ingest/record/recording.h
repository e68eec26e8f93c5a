#pragma once
// Recording: the file format of `weir record`: what a feed received, byte for byte, with the time
// of its arrival. Pure: bytes to values and back; recording_writer and recording_reader have the
// file. Shared by both, so that they cannot differ. Integers are little-endian.
//
//   head     8  magic: 89 'W' 'R' 'E' 'C' 0d 0a 1a (as PNG's: a transfer as text breaks it visibly)
//            4  version, 1
//            4  length of the text
//            n  text: "format statsd\ntransport udp\naddress 127.0.0.1:8125\nstarted_ms 1764...\n"
//            4  check of all before
//   record   4  length of its bytes, at most kRecordBytesMax
//            4  connection: 0 for datagrams, else counted from 1 in the order of accepting
//            8  nanoseconds since the start
//            4  kind
//            4  check of the 20 bytes before and of its bytes
//            n  bytes
//   The last record is an End, and nothing is behind it. Without one the file was cut off, and all
//   that is whole counts.
//
// A check is the low half of XXH3's 64 bits.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"

namespace ingest::record {

enum class Transport : std::uint8_t {
  Udp,
  Unixgram,
  Tcp,
  Unix,
  Text,  // no recording: a plain file of lines
};
/// "udp", "unixgram", "tcp", "unix", "text".
std::string_view transport_name(Transport transport);
constexpr bool is_stream(Transport transport) {
  return transport == Transport::Tcp || transport == Transport::Unix;
}
constexpr bool is_datagram(Transport transport) {
  return transport == Transport::Udp || transport == Transport::Unixgram;
}

struct Header {
  codec::Format format = codec::Format::Statsd;
  Transport transport = Transport::Udp;
  std::string address;  // that was listened on, for people; no control characters
  WallTime started{};
  bool operator==(const Header&) const = default;
};

enum class Kind : std::uint32_t {
  Data = 1,  // a datagram; or whole lines of a connection as they came together, and what was left
             // when it closed
  Cut = 2,   // a datagram that was longer than the room for it: its first part
  Closed = 3,  // the connection has ended; no bytes
  Drops = 4,   // text: how many datagrams the kernel has dropped since the start
  End = 5,     // text: "records N\nbytes N\ndrops N\n", Data and Cut counted
};

struct Record {
  Kind kind = Kind::Data;
  std::uint32_t connection = 0;
  std::chrono::nanoseconds at{0};
  std::string_view bytes;
};

struct Totals {
  std::uint64_t records = 0;  // Data and Cut
  std::uint64_t bytes = 0;    // of those
  std::uint64_t drops = 0;    // datagrams that the kernel dropped meanwhile
  bool operator==(const Totals&) const = default;
};

constexpr std::size_t kRecordBytesMax = std::size_t{1} << 20;
constexpr std::size_t kRecordHeadBytes = 24;
constexpr std::size_t kHeaderTextMax = 4096;
/// The most that a header takes.
constexpr std::size_t kHeaderBytesMax = 8 + 4 + 4 + kHeaderTextMax + 4;

std::string encode_header(const Header& header);
/// Appends head and bytes.
void encode_record(const Record& record, std::string& out);
std::string totals_text(const Totals& totals);
std::optional<Totals> parse_totals(std::string_view text);

enum class Fault : std::uint8_t {
  Short,        // more bytes are needed
  NoRecording,  // another magic
  Version,      // written by a later Weir
  Damaged,      // a check or a length is wrong
};
template <class T>
struct Decoded {
  T value;
  std::size_t bytes = 0;  // taken from the front
};
Result<Decoded<Header>, Fault> decode_header(std::string_view bytes);
/// The record's bytes look into `bytes`. With Short, `needed` says how many bytes there must be.
Result<Decoded<Record>, Fault> decode_record(std::string_view bytes, std::size_t& needed);

}  // namespace ingest::record
