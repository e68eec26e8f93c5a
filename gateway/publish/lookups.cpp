#include "gateway/publish/lookups.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "gateway/publish/message.h"

namespace gateway::publish {

using ingest::Failure;
using ingest::Result;
using ingest::query::Bounds;
using ingest::query::Catalogue;
using ingest::query::CatalogueAsk;
using ingest::query::Code;
using ingest::query::Discovered;
using ingest::query::DiscoveredPtr;
using ingest::query::DiscoveryAsk;
using ingest::query::Fault;
using ingest::query::SeriesAsk;
using ingest::query::SeriesPage;

DiscoveryAsk discovery_ask(const MetaWhat& what, const Bounds& bounds) {
  if (const auto* series = std::get_if<SeriesAsk>(&what)) {
    SeriesAsk ask = *series;
    ask.bounds = bounds;
    if (bounds != nullptr) ingest::query::restrict(ask.where, *bounds);
    return ask;
  }
  CatalogueAsk ask;
  if (bounds != nullptr) ingest::query::restrict(ask.where, *bounds);
  return ask;
}

Result<std::string, Fault> discovered_text(const MetaWhat& what, const Discovered& found) {
  if (const auto* fault = std::get_if<Fault>(&found)) return Failure{*fault};
  if (const auto* page = std::get_if<SeriesPage>(&found)) return series_text(*page);
  const Catalogue& catalogue = *std::get<std::shared_ptr<const Catalogue>>(found);
  return catalogue_text(what, catalogue);
}

Result<std::string, Fault> catalogue_text(const MetaWhat& what, const Catalogue& catalogue) {
  if (const auto* list = std::get_if<CatalogueList>(&what)) return metrics_text(catalogue, *list);
  if (const auto* tags = std::get_if<CatalogueTags>(&what)) return tags_text(catalogue, *tags);
  return Failure{Fault{Code::ServerInternal, "an answer to another question", false}};
}

std::string_view what_name(const MetaWhat& what) {
  if (std::holds_alternative<CatalogueList>(what)) return "metrics";
  return std::holds_alternative<CatalogueTags>(what) ? "tags" : "series";
}

bool Lookups::has(std::uint64_t id) const {
  return std::ranges::any_of(waiting_, [id](const Waiting& one) { return one.meta.id == id; });
}

std::vector<std::uint64_t> Lookups::ids() const {
  std::vector<std::uint64_t> all;
  for (const Waiting& one : waiting_)
    all.push_back(one.meta.id);
  return all;
}

void Lookups::ask(Meta meta, const Bounds& bounds, std::vector<ToHub>& to_hub) {
  to_hub.emplace_back(Ask{who_, ++tickets_, discovery_ask(meta.what, bounds)});
  waiting_.push_back({tickets_, std::move(meta)});
}

std::optional<Lookups::Told> Lookups::answered(const Answered& answered) {
  const auto* found = std::get_if<DiscoveredPtr>(&answered.answer);
  const auto one = std::ranges::find(waiting_, answered.ticket, &Waiting::ticket);
  if (found == nullptr || *found == nullptr || one == waiting_.end()) return std::nullopt;
  const Meta meta = std::move(one->meta);
  waiting_.erase(one);
  auto members = discovered_text(meta.what, **found);
  if (!members) return Told{meta.id, Failure{std::move(members).error()}};
  return Told{meta.id, meta_text(meta.id, what_name(meta.what), *members)};
}

void Lookups::drop(std::uint64_t id, std::vector<ToHub>& to_hub) {
  for (const Waiting& one : waiting_)
    if (one.meta.id == id) to_hub.emplace_back(Forget{who_, one.ticket});
  std::erase_if(waiting_, [id](const Waiting& one) { return one.meta.id == id; });
}

void Lookups::drop_all(std::vector<ToHub>& to_hub) {
  for (const Waiting& one : waiting_)
    to_hub.emplace_back(Forget{who_, one.ticket});
  waiting_.clear();
}

}  // namespace gateway::publish
