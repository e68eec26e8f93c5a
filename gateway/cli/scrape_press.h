#pragma once
// ScrapePress: the thread that prints pages of /metrics, so that neither the hub nor a worker
// spends a turn on a hundred thousand series. The hub gives it a table; who asks for the same
// format while a page is printed shares the next one. Owned by the wiring; ask(), drop(), use() and
// look() are the hub's thread's, counts() anybody's.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/exposition/book.h"
#include "gateway/publish/scrapes.h"
#include "gateway/server/metrics.h"
#include "ingest/base/clock.h"
#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/io/log.h"
#include "ingest/query/exposition.h"

namespace gateway::cli {

class ScrapePress final : public publish::Scrapes {
 public:
  /// Of pages that slow readers still hold; above it no more are printed.
  static constexpr std::size_t kPagesBytesMax = std::size_t{256} << 20;

  struct Counts {
    std::uint64_t pages = 0;
    std::uint64_t refused = 0;     // scrapes, for kPagesBytesMax
    std::uint64_t page_bytes = 0;  // the last one
    std::uint64_t print_us = 0;    // the same
    exposition::Book::Counts book;
  };
  struct Parts {
    ingest::query::Exposition* exposition = nullptr;
    const server::Metrics* own = nullptr;
    const ingest::Clock* clock = nullptr;
    const ingest::io::Logger* log = nullptr;
    std::function<void()> wake;  // brings the next look(); called on the press's thread
  };
  /// All parts outlive it.
  ScrapePress(std::size_t series_max, Parts parts);
  ScrapePress(const ScrapePress&) = delete;
  ScrapePress& operator=(const ScrapePress&) = delete;
  ~ScrapePress() override { stop(); }

  ingest::Result<void> start();
  /// What was asked is answered no more; before anything goes that a page reads.
  void stop();
  /// What series are called from now on.
  void use(exposition::MappingPtr mapping);
  /// The same from any thread: from the next look() on.
  void offer(exposition::MappingPtr mapping);

  Id ask(const publish::ScrapeAsk& ask, Done done) override;
  void drop(Id id) override;
  /// Hands over what was printed meanwhile.
  void look();

  Counts counts() const { return counts_.read(); }

 private:
  struct Waiting {
    ingest::query::Exposition::Id table = 0;  // while it waits for that
    Done done;
  };
  struct Job {
    Id id = 0;
    publish::ScrapeAsk ask;
    ingest::query::ExpositionTablePtr table;
    exposition::MappingPtr mapping;
  };
  void run();
  std::vector<Job> wait_for_jobs();
  void print(std::vector<Job> jobs);
  publish::ScrapePage print_page(publish::ScrapeAsk::Format wanted, const Job& job);
  std::size_t bytes_out();
  void hand_over(Id id, publish::ScrapePage page);

  Parts parts_;
  // The hub's thread's.
  exposition::MappingPtr mapping_;
  std::map<Id, Waiting> waiting_;
  Id next_id_ = 1;
  // The press's thread's.
  exposition::Book book_;
  ingest::query::ExpositionTablePtr taken_;
  std::vector<std::weak_ptr<const std::string>> out_;  // pages that somebody may hold
  Counts counted_;
  ingest::Published<Counts> counts_;

  std::mutex mutex_;  // of what stands below; held for a moment only
  std::condition_variable news_;
  std::vector<Job> jobs_;
  std::vector<std::pair<Id, publish::ScrapePage>> printed_;
  exposition::MappingPtr offered_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace gateway::cli
