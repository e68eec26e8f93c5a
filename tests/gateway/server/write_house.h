#pragma once
// WriteHouse: a House whose lines go into a Ledger that a test reads, and requests that write.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/server/intake.h"
#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {

/// Takes every line but those that begin with "bad", up to `slice_lines` at once.
struct Ledger final : gateway::server::Intake {
  struct Reading final : gateway::server::LineReading {
    Reading(Ledger& owner, const gateway::server::Lines& lines) : ledger(owner), rest(lines.text) {}
    std::size_t take_some() override {
      for (std::size_t i = 0; i < ledger.slice_lines && !rest.empty(); ++i)
        take_line();
      return rest.size();
    }
    gateway::server::Taken taken() const override { return so_far; }
    void take_line() {
      ++number;
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.starts_with("bad")) {
        ++so_far.rejected;
        so_far.faults.push_back({.line = number, .reason = "bad_value"});
      } else if (!line.empty()) {
        ++so_far.accepted;
        ledger.text.append(line).append("\n");
        if (ledger.on_line) ledger.on_line();
      }
    }
    Ledger& ledger;
    std::string_view rest;
    std::uint64_t number = 0;
    gateway::server::Taken so_far;
  };
  std::unique_ptr<gateway::server::LineReading> begin(
      const gateway::server::Lines& lines) override {
    formats.push_back(lines.format);
    times.push_back(lines.times);
    from.push_back(lines.from.text());
    return std::make_unique<Reading>(*this, lines);
  }
  std::chrono::nanoseconds wait_of(const gateway::server::Peer& client) override {
    asked.push_back(client.text());
    return wait;
  }
  gateway::server::Noted note(ingest::model::KeptAnnotation event,
                              const gateway::server::Peer& client) override {
    if (noted == gateway::server::Noted::Kept) events.push_back(std::move(event));
    from.push_back(client.text());
    return noted;
  }
  gateway::server::Noted noted = gateway::server::Noted::Kept;
  std::vector<ingest::model::KeptAnnotation> events;
  std::chrono::nanoseconds wait{};
  std::vector<std::string> asked;
  ingest::WallTime now() const override { return ingest::wall_from_ms(now_ms); }
  std::int64_t now_ms = 0;
  std::function<void()> on_line;  // after each that counts
  std::size_t slice_lines = 1'000;
  std::string text;
  std::vector<gateway::server::LineFormat> formats;
  std::vector<gateway::server::LineTimes> times;
  std::vector<std::string> from;
};

struct WriteHouse : House {
  explicit WriteHouse(gateway::server::Settings wanted = {}, const Door& door = {})
      : House(std::move(wanted), door) {
    worker->take_lines_with(ledger);
  }
  std::uint64_t refused(gateway::server::WriteRefused why) const {
    return worker->counts().writes_refused[static_cast<std::size_t>(why)].get();
  }
  Ledger ledger;
};

inline std::string request(std::string_view first, std::string_view headers,
                           std::string_view body) {
  return std::string{first} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{headers} +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}
inline std::string post(std::string_view target, std::string_view body,
                        std::string_view headers = {}) {
  return request("POST " + std::string{target}, headers, body);
}
inline std::string ask(WriteHouse& house, const std::string& bytes) {
  Visitor visitor(house);
  visitor.send(bytes);
  return visitor.answer();
}
inline int status(WriteHouse& house, const std::string& bytes) {
  return status_of(ask(house, bytes));
}

inline std::string lines_of(char letter, std::size_t count) {
  std::string body;
  for (std::size_t i = 0; i < count; ++i)
    body += std::string(63, letter) + "\n";
  return body;
}

/// Turns until the ledger has something.
inline void begin_taking(WriteHouse& house) {
  for (int i = 0; i < 1'000 && house.ledger.text.empty(); ++i)
    house.turn();
}

}  // namespace tests
