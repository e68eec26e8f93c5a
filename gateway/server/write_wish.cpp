#include "gateway/server/write_wish.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "gateway/http/characters.h"
#include "gateway/server/batch_book.h"

namespace gateway::server {
namespace {

using ingest::Failure;
using ingest::Result;

template <class T>
struct Named {
  std::string_view name;
  T value;
};

constexpr std::array kFormats{
    Named<LineFormat>{"statsd", LineFormat::Statsd},
    Named<LineFormat>{"influx", LineFormat::Influx},
    Named<LineFormat>{"graphite", LineFormat::Graphite},
    Named<LineFormat>{"json", LineFormat::Json},
};

/// Influx 1's names; those of Influx 2 are among them.
constexpr std::array kPrecisions{
    Named<LineTimes>{"ns", LineTimes::Nanoseconds},  Named<LineTimes>{"n", LineTimes::Nanoseconds},
    Named<LineTimes>{"us", LineTimes::Microseconds}, Named<LineTimes>{"u", LineTimes::Microseconds},
    Named<LineTimes>{"ms", LineTimes::Milliseconds}, Named<LineTimes>{"s", LineTimes::Seconds},
    Named<LineTimes>{"m", LineTimes::Minutes},       Named<LineTimes>{"h", LineTimes::Hours},
};
/// Influx 2 knows ns, us, ms and s.
constexpr std::array<std::string_view, 4> kPrecisions2{"ns", "us", "ms", "s"};

template <class T>
std::optional<T> named(std::span<const Named<T>> all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named<T>& one) { return one.name == name; });
  if (found == all.end()) return std::nullopt;
  return found->value;
}

Failure<WishFault> fault(int status, std::string sentence) {
  return Failure{WishFault{.status = status, .sentence = std::move(sentence)}};
}

/// `application/json; charset=utf-8` and the types of JSON lines.
bool says_json(const http::Request& request) {
  std::string_view type = request.header("content-type").value_or("");
  type = http::trim(http::cut(type, ';'));
  constexpr std::array<std::string_view, 4> kTypes{"application/json", "application/x-ndjson",
                                                   "application/jsonl", "application/json-lines"};
  return std::any_of(kTypes.begin(), kTypes.end(), [&](std::string_view known) {
    return http::equals_ignoring_case(type, known);
  });
}

Result<LineFormat, WishFault> read_format(const http::Request& request, Dialect dialect) {
  if (dialect != Dialect::Own) return LineFormat::Influx;
  const auto asked = request.query_parameter("format");
  if (!asked) return says_json(request) ? LineFormat::Json : LineFormat::Statsd;
  const auto known = named<LineFormat>(kFormats, *asked);
  if (known) return *known;
  return fault(400, "The format is unknown: say ?format=statsd, influx, graphite or json");
}

Result<LineTimes, WishFault> read_times(const http::Request& request, const WriteWish& wish) {
  const auto asked = request.query_parameter("precision");
  if (!asked || asked->empty()) return LineTimes::Auto;
  if (wish.format != LineFormat::Influx)
    return fault(400, "The precision is for format=influx: the times of other formats tell it");
  const auto known = named<LineTimes>(kPrecisions, *asked);
  const bool of_2 =
      std::find(kPrecisions2.begin(), kPrecisions2.end(), *asked) != kPrecisions2.end();
  if (wish.dialect == Dialect::Influx2 && !of_2)
    return fault(400, "The precision is unknown: say ns, us, ms or s");
  if (!known) return fault(400, "The precision is unknown: say ns, us, ms, s, m or h");
  return *known;
}

Result<std::string, WishFault> read_batch(const http::Request& request) {
  const auto ids = request.header_values("weir-batch-id");
  if (ids.empty()) return std::string{};
  const std::string_view id = ids.front();
  if (ids.size() == 1 && !id.empty() && id.size() <= BatchBook::kIdBytesMax &&
      http::all_of_text(id, http::is_visible))
    return std::string{id};
  return fault(400, "Weir-Batch-Id is one word of up to 128 visible ASCII characters");
}

}  // namespace

Dialect dialect_of(std::string_view path) {
  if (path == "/write" || path == "/query" || path == "/ping") return Dialect::Influx1;
  return path.starts_with("/api/v2/") ? Dialect::Influx2 : Dialect::Own;
}

bool is_write_path(std::string_view path) {
  return path == "/api/v1/write" || path == "/write" || path == "/api/v2/write";
}

bool is_writers_path(std::string_view path) {
  return is_write_path(path) || path == "/query";
}

Result<WriteWish, WishFault> read_wish(const http::Request& request) {
  WriteWish wish;
  wish.dialect = dialect_of(request.path);
  wish.format = TRY(read_format(request, wish.dialect));
  wish.times = TRY(read_times(request, wish));
  const auto coding = http::content_coding(request);
  if (!coding) {
    return fault(415,
                 "The body's Content-Encoding is not known here: send it as gzip, deflate or "
                 "plain");
  }
  wish.coding = *coding;
  if (const auto ack = request.query_parameter("ack"); ack && *ack != "received") {
    if (*ack != "durable") return fault(400, "The ack is unknown: leave it out");
    wish.ack = Ack::Durable;
  }
  wish.batch = TRY(read_batch(request));
  return wish;
}

}  // namespace gateway::server
