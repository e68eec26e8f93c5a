#pragma once
// Metrics: Weir's own numbers as Prometheus reads them, through prometheus-cpp's registry and text
// serializer, or as OpenMetrics. Knows where no number lives: each owner gives a source that fills
// a sheet. Built by the wiring before the threads start; text() may then be called by any of them.

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/exposition/text.h"

namespace gateway::server {

/// One scrape's page. The first mention of a name fixes its help and type.
class Sheet {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  Sheet();
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;
  ~Sheet();

  /// Names end in _total; values never fall.
  void counter(std::string_view name, std::string_view help, double value, Labels labels = {});
  void gauge(std::string_view name, std::string_view help, double value, Labels labels = {});

 private:
  friend class Metrics;
  struct State;
  std::unique_ptr<State> state_;
};

class Metrics {
 public:
  using Source = std::function<void(Sheet&)>;
  /// Whom a source is for, and who asks. Readers: it tells of what is measured, or by whom.
  enum class Audience : std::uint8_t { Everybody, Readers };

  /// weir_build_info{version} and process_* come by themselves.
  explicit Metrics(std::string_view version);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  /// Before the threads start. A source is called on whatever worker answers a scrape, by several
  /// at once: it reads only counters and published ledgers.
  void add(Source source, Audience audience = Audience::Everybody);

  struct Page {
    std::string text;                          // without the line that ends it
    std::set<std::string, std::less<>> names;  // of its families, in either format
  };
  Page page(Audience asking, exposition::Format format) const;
  /// The Prometheus text format, version 0.0.4.
  std::string text(Audience asking = Audience::Readers) const {
    return page(asking, exposition::Format::Text).text;
  }

 private:
  class Sources;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::server
