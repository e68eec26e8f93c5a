#pragma once
// Scrapes: the page of /metrics with all series, as it is asked for and answered: data, and who
// makes it as the publisher sees it. All calls are on the hub's thread; a page is made on another,
// so it comes later.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gateway::publish {

struct ScrapeAsk {
  enum class Format : std::uint8_t { Text, OpenMetrics };
  Format format = Format::Text;
};
/// The whole page, Weir's own metrics included; shared by who asked at once. Null: too much waits.
using ScrapePage = std::shared_ptr<const std::string>;

class Scrapes {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(const ScrapePage&)>;
  Scrapes() = default;
  Scrapes(const Scrapes&) = delete;
  Scrapes& operator=(const Scrapes&) = delete;
  virtual ~Scrapes() = default;
  /// `done` is called once, after ask() has returned, unless drop() comes before.
  virtual Id ask(const ScrapeAsk& ask, Done done) = 0;
  /// Nobody waits for it any more. Harmless for what was answered.
  virtual void drop(Id id) = 0;
};

}  // namespace gateway::publish
