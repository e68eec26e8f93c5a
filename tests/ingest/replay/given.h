#pragma once
// What the tests of a replay are given: lines as a source, in pieces of any size, with or without
// times of arrival, and what an evaluation gives, as text.

#include <gtest/gtest.h>

#include <bit>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/query/query.h"
#include "ingest/replay/evaluation.h"

namespace ingest::replay {

/// A file of lines that is read `piece` bytes a time.
class Lines final : public record::Source {
 public:
  Lines(codec::Format format, std::string text, std::size_t piece)
      : header_{.format = format,
                .transport = record::Transport::Text,
                .address = {},
                .started = {}},
        text_(std::move(text)),
        piece_(piece) {}
  const record::Header& header() const override { return header_; }
  std::optional<record::Record> next() override {
    if (at_ == text_.size()) return std::nullopt;
    const std::string_view bytes = std::string_view{text_}.substr(at_, piece_);
    at_ += bytes.size();
    return record::Record{record::Kind::Data, 0, {}, bytes};
  }
  const record::Ending& ending() const override { return ending_; }
  const record::Totals& totals() const override { return totals_; }
  Result<void> rewind() override {
    at_ = 0;
    return {};
  }

 private:
  record::Header header_;
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
  record::Ending ending_;
  record::Totals totals_;
};

/// Connections whose lines came at known times.
class Recorded final : public record::Source {
 public:
  explicit Recorded(WallTime started)
      : header_{.format = codec::Format::Statsd,
                .transport = record::Transport::Tcp,
                .address = "tcp://127.0.0.1:8125",
                .started = started} {}
  void add(Millis at, std::uint32_t connection, std::string line) {
    records_.push_back({at, connection, std::move(line) + "\n"});
  }
  const record::Header& header() const override { return header_; }
  std::optional<record::Record> next() override {
    if (at_ == records_.size()) return std::nullopt;
    const Entry& entry = records_[at_++];
    return record::Record{record::Kind::Data, entry.connection, entry.at, entry.bytes};
  }
  const record::Ending& ending() const override { return ending_; }
  const record::Totals& totals() const override { return totals_; }
  Result<void> rewind() override {
    at_ = 0;
    return {};
  }

 private:
  struct Entry {
    Millis at;
    std::uint32_t connection = 0;
    std::string bytes;
  };
  record::Header header_;
  std::vector<Entry> records_;
  std::size_t at_ = 0;
  record::Ending ending_;
  record::Totals totals_;
};

/// Every bit of what was given.
inline std::string text_of(const FinalWindow& window) {
  std::string text;
  for (const FinalRow& row : window.rows) {
    text += std::to_string(to_ms(window.window.start)) + ".." +
            std::to_string(to_ms(window.window.end));
    for (const std::string& part : row.key)
      text += " " + part;
    for (const double value : row.values) {
      char digits[32];
      std::snprintf(digits, sizeof digits, " %016" PRIx64, std::bit_cast<std::uint64_t>(value));
      text += digits;
    }
    text += "\n";
  }
  return text;
}

struct Evaluated {
  std::string text;
  std::vector<FinalWindow> windows;
  Account account;
};

inline query::Query query_of(const std::string& json) {
  const auto query = query::parse_query(json, {.window_max = std::chrono::hours{24 * 366}});
  EXPECT_TRUE(query) << (query ? "" : query.error().msg);
  return query ? *query : query::Query{};
}

inline Evaluated evaluate(record::Source& source, const query::Query& query,
                          const Options& options) {
  Evaluated all;
  auto evaluation = Evaluation::make(options, query, [&](const FinalWindow& window) {
    all.text += text_of(window);
    all.windows.push_back(window);
  });
  EXPECT_TRUE(evaluation) << (evaluation ? "" : evaluation.error().msg);
  if (evaluation) all.account = (*evaluation)->run(source, [] { return true; });
  EXPECT_TRUE(all.account.adds_up());
  EXPECT_TRUE(all.account.lines.adds_up());
  EXPECT_EQ(all.account.windows, all.windows.size());
  return all;
}

inline Evaluated evaluate(record::Source& source, const std::string& json, const Options& options) {
  return evaluate(source, query_of(json), options);
}

/// The one value of the one row of the window that ends at `end`; none when there is no such row.
inline std::optional<double> value_at(const Evaluated& all, std::int64_t end) {
  for (const FinalWindow& window : all.windows) {
    if (to_ms(window.window.end) == end && window.rows.size() == 1)
      return window.rows.front().values.front();
  }
  return std::nullopt;
}

}  // namespace ingest::replay
