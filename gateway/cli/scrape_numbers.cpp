#include "gateway/cli/scrape_numbers.h"

#include <nlohmann/json.hpp>

namespace gateway::cli {

std::string scrapes_json(const ScrapePress::Counts& counts) {
  const exposition::Book::Counts& book = counts.book;
  return nlohmann::ordered_json{
      {"series", book.series},
      {"families", book.families},
      {"left_out", {{"limit", book.above_limit}, {"rule", book.dropped}, {"silent", book.silent}}},
      {"clashes", {{"name", book.name_clashes}, {"labels", book.label_clashes}}},
      {"refused", counts.refused}}
      .dump();
}

void write_scrapes(server::Sheet& sheet, const ScrapePress::Counts& counts,
                   const ingest::hub::ExpositionLedger& ledger) {
  const auto left_out = [&](const char* why, std::uint64_t value) {
    sheet.gauge("weir_exposition_left_out", "Series that the last page of metrics left out, by why",
                static_cast<double>(value), {{"reason", why}});
  };
  const auto clash = [&](const char* of, std::uint64_t value) {
    sheet.counter("weir_exposition_clashes_total",
                  "Names, and labels under one name, that were taken, so that another was given",
                  static_cast<double>(value), {{"of", of}});
  };
  sheet.gauge("weir_exposition_series", "Ingested series on the last page of metrics",
              static_cast<double>(counts.book.series));
  sheet.gauge("weir_exposition_families", "Names that those series have",
              static_cast<double>(counts.book.families));
  left_out("limit", counts.book.above_limit);
  left_out("rule", counts.book.dropped);
  left_out("silent", counts.book.silent);
  clash("name", counts.book.name_clashes);
  clash("labels", counts.book.label_clashes);
  sheet.counter("weir_exposition_tables_total", "Times that the hub read all series for a page",
                static_cast<double>(ledger.tables));
  sheet.gauge("weir_exposition_table_turns", "Turns of the hub's loop that the last of them took",
              static_cast<double>(ledger.last_turns));
  sheet.counter("weir_exposition_pages_total", "Pages of metrics with ingested series printed",
                static_cast<double>(counts.pages));
  sheet.counter("weir_exposition_pages_refused_total",
                "Scrapes answered 503 because slow readers hold too many pages",
                static_cast<double>(counts.refused));
  sheet.gauge("weir_exposition_page_bytes", "Size of the last of those pages",
              static_cast<double>(counts.page_bytes));
  sheet.gauge("weir_exposition_page_seconds", "Time that it took to print",
              static_cast<double>(counts.print_us) / 1e6);
}

}  // namespace gateway::cli
