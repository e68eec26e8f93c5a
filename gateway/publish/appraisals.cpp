#include "gateway/publish/appraisals.h"

#include <memory>
#include <utility>
#include <variant>

namespace gateway::publish {

using ingest::query::Catalogue;
using ingest::query::CatalogueAsk;
using ingest::query::Discovered;
using ingest::query::DiscoveredPtr;
using ingest::query::Fault;

Appraisals::~Appraisals() {
  for (const auto& [key, line] : lines_)
    discovery_->drop(line.asked);
}

bool Appraisals::wants_appraisal(const ToHub& mail) const {
  const auto* subscribe = std::get_if<Subscribe>(&mail);
  return subscribe != nullptr && subscribe->bounds != nullptr && discovery_ != nullptr;
}

bool Appraisals::keeps(const ToHub& mail) {
  const Key key = key_of(sender_of(mail));
  if (const auto line = lines_.find(key); line != lines_.end()) {
    line->second.mail.push_back(mail);
    return true;
  }
  if (!wants_appraisal(mail)) return false;
  Line& line = lines_[key];
  line.mail.push_back(mail);
  ask(key, line);
  return true;
}

void Appraisals::ask(const Key& key, Line& line) {
  const auto& subscribe = std::get<Subscribe>(line.mail.front());
  CatalogueAsk ask{.age = CatalogueAsk::Age::Recent};
  ingest::query::restrict(ask.where, *subscribe.bounds);  // as in the query itself
  line.asked = discovery_->ask(std::move(ask),
                               [this, key](const DiscoveredPtr& part) { found(key, *part); });
}

/// All of his mail up to the first subscription within other bounds: a token shown meanwhile.
void Appraisals::found(const Key& key, const Discovered& found) {
  const auto at = lines_.find(key);
  Line& line = at->second;
  const ingest::query::Bounds bounds = std::get<Subscribe>(line.mail.front()).bounds;
  while (!line.mail.empty()) {
    const ToHub& next = line.mail.front();
    if (wants_appraisal(next)) {
      const auto& subscribe = std::get<Subscribe>(next);
      if (subscribe.bounds != bounds && *subscribe.bounds != *bounds) return ask(key, line);
      tell(subscribe, found);
    } else {
      calls_.mail(next);
    }
    line.mail.pop_front();
  }
  lines_.erase(at);
}

void Appraisals::tell(const Subscribe& subscribe, const Discovered& found) const {
  if (const auto* fault = std::get_if<Fault>(&found)) return calls_.refused(subscribe, *fault);
  calls_.known(subscribe, *std::get<std::shared_ptr<const Catalogue>>(found));
}

}  // namespace gateway::publish
