#include "gateway/server/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <locale>
#include <sstream>
#include <unordered_map>

#include "gateway/server/open_metrics.h"
#include "gateway/server/process_numbers.h"

namespace gateway::server {

struct Sheet::State {
  std::vector<prometheus::MetricFamily> families;
  std::unordered_map<std::string, std::size_t> index;  // of families, by name

  prometheus::ClientMetric& row(std::string_view name, std::string_view help,
                                prometheus::MetricType type, Labels&& labels) {
    const auto [at, fresh] = index.try_emplace(std::string{name}, families.size());
    if (fresh) {
      families.push_back(prometheus::MetricFamily{
          .name = at->first, .help = std::string{help}, .type = type, .metric = {}});
    }
    prometheus::ClientMetric& metric = families[at->second].metric.emplace_back();
    metric.label.reserve(labels.size());
    for (auto& [label, value] : labels)
      metric.label.push_back({.name = std::move(label), .value = std::move(value)});
    return metric;
  }
};

Sheet::Sheet() : state_(std::make_unique<State>()) {}
Sheet::~Sheet() = default;

void Sheet::counter(std::string_view name, std::string_view help, double value, Labels labels) {
  state_->row(name, help, prometheus::MetricType::Counter, std::move(labels)).counter.value = value;
}

void Sheet::gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  state_->row(name, help, prometheus::MetricType::Gauge, std::move(labels)).gauge.value = value;
}

/// All sources as one Collectable: a scrape asks each once.
class Metrics::Sources final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    Sheet sheet;
    for (const Source& source : sources_)
      source(sheet);
    return std::move(sheet.state_->families);
  }
  void add(Source source) { sources_.push_back(std::move(source)); }

 private:
  std::vector<Source> sources_;
};

struct Metrics::State {
  prometheus::Registry registry;  // what never changes after the start
  Sources page;                   // what is read at each scrape
  Sources for_readers;            // the same, left out where somebody else asks
};

Metrics::Metrics(std::string_view version) : state_(std::make_unique<State>()) {
  prometheus::BuildGauge()
      .Name("weir_build_info")
      .Help("1, labelled with the version that runs")
      .Register(state_->registry)
      .Add({{"version", std::string{version}}})
      .Set(1);
  add(write_process_numbers);
}

Metrics::~Metrics() = default;

void Metrics::add(Source source, Audience audience) {
  Sources& page = audience == Audience::Readers ? state_->for_readers : state_->page;
  page.add(std::move(source));
}

Metrics::Page Metrics::page(Audience asking, exposition::Format format) const {
  std::vector<const prometheus::Collectable*> collected{&state_->registry, &state_->page};
  if (asking == Audience::Readers) collected.push_back(&state_->for_readers);
  std::vector<prometheus::MetricFamily> families;
  for (const prometheus::Collectable* from : collected) {
    std::vector<prometheus::MetricFamily> more = from->Collect();
    families.insert(families.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  }
  Page page;
  for (const prometheus::MetricFamily& family : families) {
    page.names.insert(family.name);
    page.names.insert(open_metrics_name(family));
  }
  if (format == exposition::Format::OpenMetrics) {
    append_open_metrics(families, page.text);
    return page;
  }
  std::ostringstream out;
  out.imbue(std::locale::classic());
  prometheus::TextSerializer{}.Serialize(out, families);
  page.text = std::move(out).str();
  return page;
}

}  // namespace gateway::server
