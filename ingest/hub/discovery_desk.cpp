#include "ingest/hub/discovery_desk.h"

#include <algorithm>
#include <optional>

namespace ingest::hub {

using query::Code;
using query::Discovered;
using query::DiscoveredPtr;
using query::Fault;

namespace {

/// Equal for equal matchers.
std::string text_of(const std::vector<query::Matcher>& where) {
  query::Query all;
  all.metric = "**";
  all.where = where;
  return query::canonical_text(all);
}

}  // namespace

DiscoveryDesk::Id DiscoveryDesk::ask(query::DiscoveryAsk ask, Done done) {
  ++ledger_.asked;
  const Id id = next_id_++;
  ++ledger_.waiting;
  std::visit([&](const auto& about) { pose(about, {id, std::move(done)}); }, ask);
  wake_();
  return id;
}

void DiscoveryDesk::pose(const query::CatalogueAsk& ask, Waiter waiter) {
  std::string text = text_of(ask.where);
  const auto kept = std::ranges::find(kept_, text, &Kept::where);
  if (kept != kept_.end() && serves(*kept, ask.age)) {
    kept_.splice(kept_.begin(), kept_, kept);
    return give_later(std::move(waiter), kept->catalogue);
  }
  const auto job = std::ranges::find(jobs_, text, &Job::where);
  if (job != jobs_.end()) return job->waiters.push_back(std::move(waiter));
  auto where = query::Where::compile(ask.where);
  if (!where) return refuse(std::move(waiter), std::move(where).error());
  begin({.where = text,
         .whose = text,
         .survey = timeline::CatalogueSurvey{timeline_, *std::move(where)},
         .waiters = {std::move(waiter)},
         .version = timeline_.catalogue_version()});
}

void DiscoveryDesk::pose(const query::SeriesAsk& ask, Waiter waiter) {
  if (auto fault = fault_of(ask)) return refuse(std::move(waiter), *std::move(fault));
  auto where = query::Where::compile(ask.where);
  if (!where) return refuse(std::move(waiter), std::move(where).error());
  begin({.where = {},
         .whose = text_of(ask.bounds == nullptr ? std::vector<query::Matcher>{} : *ask.bounds),
         .survey = timeline::SeriesSurvey{timeline_, ask, *std::move(where)},
         .waiters = {std::move(waiter)}});
}

/// Whoever asks first of his part comes before who has asked already, however much that was.
void DiscoveryDesk::begin(Job job) {
  std::size_t of_his = 0;
  job.round = jobs_.empty() ? 0 : jobs_.front().round;
  for (const Job& other : jobs_) {
    if (other.whose != job.whose) continue;
    ++of_his;
    job.round = std::max(job.round, other.round + 1);
  }
  if (jobs_.size() + of_his >= surveys_max_) {
    return refuse(std::move(job.waiters.front()),
                  {Code::ServerOverloaded, "too many ask at once what there is", true});
  }
  ++ledger_.surveys;
  jobs_.insert(std::ranges::upper_bound(jobs_, job.round, {}, &Job::round), std::move(job));
  ledger_.in_line = jobs_.size();
}

void DiscoveryDesk::refuse(Waiter waiter, Fault fault) {
  ++ledger_.refused;
  give_later(std::move(waiter), std::move(fault));
}

void DiscoveryDesk::give_later(Waiter waiter, Discovered found) {
  ready_.emplace_back(std::move(waiter), std::make_shared<const Discovered>(std::move(found)));
}

void DiscoveryDesk::drop(Id id) {
  const auto is_it = [id](const Waiter& waiter) { return waiter.id == id; };
  std::size_t gone = std::erase_if(ready_, [&](const auto& one) { return is_it(one.first); });
  for (Job& job : jobs_)
    gone += std::erase_if(job.waiters, is_it);
  std::erase_if(jobs_, [](const Job& job) { return job.waiters.empty(); });
  ledger_.in_line = jobs_.size();
  ledger_.dropped += gone;
  ledger_.waiting -= gone;
}

bool DiscoveryDesk::serves(const Kept& kept, query::CatalogueAsk::Age wanted) const {
  const Millis age = now_ - kept.made;
  const bool same = kept.version == timeline_.catalogue_version();
  return age < kFresh || (age < kSame && (same || wanted == query::CatalogueAsk::Age::Recent));
}

void DiscoveryDesk::keep(Kept kept) {
  std::erase_if(kept_, [&](const Kept& other) { return other.where == kept.where; });
  if (kept.bytes <= kCataloguesBytesMax) kept_.push_front(std::move(kept));
  const auto bytes = [&] {
    std::size_t sum = 0;
    for (const Kept& one : kept_)
      sum += one.bytes;
    return sum;
  };
  while (kept_.size() > kCataloguesMax || bytes() > kCataloguesBytesMax)
    kept_.pop_back();
  ledger_.bytes = bytes();
}

/// What it came to; nullptr while it is not done.
DiscoveredPtr DiscoveryDesk::work(Job& job, std::size_t& steps) {
  if (auto* const series = std::get_if<timeline::SeriesSurvey>(&job.survey)) {
    auto page = series->go_on(steps);
    return page ? std::make_shared<const Discovered>(*std::move(page)) : nullptr;
  }
  auto& survey = std::get<timeline::CatalogueSurvey>(job.survey);
  auto catalogue = survey.go_on(steps);
  if (catalogue == nullptr) return nullptr;
  keep({job.where, catalogue, job.version, now_, survey.bytes()});
  return std::make_shared<const Discovered>(std::move(catalogue));
}

bool DiscoveryDesk::turn() {
  // A share for each of the first ones; who is done makes room for the next in line.
  const std::size_t at_once = std::min(jobs_.size(), kAtOnceMax);
  auto job = jobs_.begin();
  for (std::size_t i = 0; i < at_once; ++i) {
    std::size_t steps = kStepsPerTurn / at_once;
    const DiscoveredPtr found = work(*job, steps);
    if (found == nullptr) {
      ++job;
      continue;
    }
    for (Waiter& waiter : job->waiters)
      ready_.emplace_back(std::move(waiter), found);
    job = jobs_.erase(job);
  }
  ledger_.in_line = jobs_.size();
  for (auto& [waiter, found] : std::exchange(ready_, {})) {
    ++ledger_.answered;
    --ledger_.waiting;
    waiter.done(found);
  }
  return !jobs_.empty() || !ready_.empty();
}

}  // namespace ingest::hub
