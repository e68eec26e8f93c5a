#include "gateway/cli/scrape_press.h"

#include <chrono>
#include <system_error>

#include "gateway/exposition/text.h"

namespace gateway::cli {

using exposition::Format;
using ingest::Failure;
using ingest::Result;
using ingest::query::ExpositionTablePtr;
using publish::ScrapeAsk;
using publish::ScrapePage;

namespace {

Format text_format(ScrapeAsk::Format format) {
  return format == ScrapeAsk::Format::OpenMetrics ? Format::OpenMetrics : Format::Text;
}

}  // namespace

ScrapePress::ScrapePress(std::size_t series_max, Parts parts)
    : parts_(std::move(parts)), book_(series_max) {}

void ScrapePress::stop() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  news_.notify_one();
  if (thread_.joinable()) thread_.join();
  for (const auto& [id, waiting] : std::exchange(waiting_, {}))
    parts_.exposition->drop(waiting.table);
}

Result<void> ScrapePress::start() {
  try {
    thread_ = std::thread{[this] { run(); }};
    return {};
  } catch (const std::system_error& fault) {
    return Failure{
        ingest::Error{fault.code().value(), std::string{"cannot start a thread: "} + fault.what()}};
  }
}

// ---- the hub's thread ----

void ScrapePress::use(exposition::MappingPtr mapping) {
  mapping_ = std::move(mapping);
  parts_.exposition->shape_timers(
      [mapping = mapping_](std::string_view metric) { return mapping->shape(metric); });
}

void ScrapePress::offer(exposition::MappingPtr mapping) {
  const std::lock_guard lock{mutex_};
  if (stop_) return;  // nobody is left to be woken
  offered_ = std::move(mapping);
  parts_.wake();
}

ScrapePress::Id ScrapePress::ask(const ScrapeAsk& ask, Done done) {
  const Id id = next_id_++;
  const auto with_table = [this, id, ask](const ExpositionTablePtr& table) {
    const auto waiting = waiting_.find(id);
    if (waiting == waiting_.end()) return;
    waiting->second.table = 0;
    {
      const std::lock_guard lock{mutex_};
      jobs_.push_back({id, ask, table, mapping_});
    }
    news_.notify_one();
  };
  waiting_[id] = {.table = parts_.exposition->ask(with_table), .done = std::move(done)};
  return id;
}

void ScrapePress::drop(Id id) {
  auto waiting = waiting_.extract(id);
  if (!waiting.empty()) parts_.exposition->drop(waiting.mapped().table);
}

void ScrapePress::look() {
  std::vector<std::pair<Id, ScrapePage>> all;
  exposition::MappingPtr mapping;
  {
    const std::lock_guard lock{mutex_};
    all.swap(printed_);
    mapping.swap(offered_);
  }
  if (mapping != nullptr) use(std::move(mapping));
  for (const auto& [id, page] : all) {
    auto waiting = waiting_.extract(id);
    if (!waiting.empty()) waiting.mapped().done(page);
  }
}

// ---- the press's ----

void ScrapePress::run() {
  for (;;) {
    std::vector<Job> jobs = wait_for_jobs();
    if (jobs.empty()) return;
    print(std::move(jobs));
  }
}

/// All there are; none when the end has come.
std::vector<ScrapePress::Job> ScrapePress::wait_for_jobs() {
  std::unique_lock lock{mutex_};
  news_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
  return stop_ ? std::vector<Job>{} : std::exchange(jobs_, {});
}

/// A page for each format that is wanted, all of the newest table.
void ScrapePress::print(std::vector<Job> jobs) {
  std::map<ScrapeAsk::Format, ScrapePage> pages;
  for (const Job& job : jobs) {
    const auto& [at, is_new] = pages.try_emplace(job.ask.format);
    if (is_new) at->second = print_page(at->first, jobs.back());
    counted_.refused += at->second == nullptr ? 1 : 0;
  }
  counted_.book = book_.counts();
  counts_.publish(counted_);  // who has a page sees its numbers
  for (const Job& job : jobs)
    hand_over(job.id, pages.at(job.ask.format));
  parts_.wake();
  if (const auto clash = book_.take_clash())
    parts_.log->warn("metrics_name_clash", {{"what", *clash}});
}

ScrapePage ScrapePress::print_page(ScrapeAsk::Format wanted, const Job& job) {
  if (bytes_out() + counted_.page_bytes > kPagesBytesMax) return nullptr;
  const ingest::MonoTime begun = parts_.clock->mono();
  const Format format = text_format(wanted);
  server::Metrics::Page own = parts_.own->page(server::Metrics::Audience::Readers, format);
  book_.reserve(own.names);
  if (taken_ != job.table) book_.take(job.table, job.mapping);
  taken_ = job.table;
  std::string text = std::move(own.text);
  text.reserve(counted_.page_bytes + counted_.page_bytes / 8);
  book_.print(format, text);
  text += exposition::end_of(format);
  counted_.page_bytes = text.size();
  ++counted_.pages;
  const auto spent = parts_.clock->mono() - begun;
  counted_.print_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(spent).count());
  auto page = std::make_shared<const std::string>(std::move(text));
  out_.push_back(page);
  return page;
}

std::size_t ScrapePress::bytes_out() {
  std::erase_if(out_, [](const auto& page) { return page.expired(); });
  std::size_t bytes = 0;
  for (const auto& each : out_)
    if (const auto page = each.lock()) bytes += page->size();
  return bytes;
}

void ScrapePress::hand_over(Id id, ScrapePage page) {
  const std::lock_guard lock{mutex_};
  printed_.emplace_back(id, std::move(page));
}

}  // namespace gateway::cli
