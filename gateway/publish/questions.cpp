#include "gateway/publish/questions.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace gateway::publish {

using ingest::Failure;
using ingest::query::Code;
using ingest::query::Fault;
using ingest::query::RangeAnswer;
using ingest::query::RangeAnswerPtr;

Questions::~Questions() {
  for (const auto& [key, posed] : waiting_)
    past_->drop(posed.id);
  for (const auto& [key, id] : durable_)
    durability_->drop(id);
  for (const auto& [key, id] : discovering_)
    discovery_->drop(id);
  for (const auto& [key, id] : boarding_)
    boards_->drop(id);
  for (const auto& [key, id] : scraping_)
    scrapes_->drop(id);
}

void Questions::ask(const Ask& ask) {
  std::visit([&](const auto& question) { pose(ask, question); }, ask.question);
}

void Questions::pose(const Ask& ask, const ingest::query::RangeAsk& range) {
  if (past_ == nullptr) {
    return refuse(ask, {Code::HistoryUnavailable, "nothing here keeps the past", false});
  }
  InLine next{ask.who, ask.ticket, range, party_of(ask)};
  if (may_pose(next.party)) return pose_now(std::move(next));
  const auto of_it = std::ranges::count(line_, next.party, &InLine::party);
  if (line_.size() == kLineMax || of_it == static_cast<std::ptrdiff_t>(kLineOfOneMax)) {
    return refuse(ask, {Code::ServerOverloaded, "too many questions about the past wait", true});
  }
  line_.push_back(std::move(next));
}

std::string Questions::party_of(const Ask& ask) {
  if (!ask.party.empty()) return ask.party;
  return std::to_string(ask.who.worker) + "." + std::to_string(ask.who.slot) + "." +
         std::to_string(ask.who.generation);
}

bool Questions::may_pose(const std::string& party) const {
  if (waiting_.size() >= kPosedMax) return false;
  const auto is_its = [&](const auto& one) { return one.second.party == party; };
  return std::ranges::count_if(waiting_, is_its) < static_cast<std::ptrdiff_t>(kPosedOfOneMax);
}

void Questions::pose_now(InLine next) {
  const Key key = key_of(next.who, next.ticket);
  const auto done = [this, key, who = next.who,
                     ticket = next.ticket](const RangeAnswerPtr& answer) {
    waiting_.erase(key);
    outlet_.send(who.worker, Answered{who, ticket, answer});
    pose_next();
  };
  Posed& posed = waiting_[key];
  posed.party = std::move(next.party);
  posed.id = past_->ask(next.range, done);
}

void Questions::pose_next() {
  const auto next =
      std::ranges::find_if(line_, [this](const InLine& one) { return may_pose(one.party); });
  if (next == line_.end()) return;
  InLine taken = std::move(*next);
  line_.erase(next);
  pose_now(std::move(taken));
}

void Questions::refuse(const Ask& ask, const Fault& fault) {
  refused_.add(fault.code);
  outlet_.send(ask.who.worker,
               Answered{ask.who, ask.ticket, std::make_shared<RangeAnswer>(Failure{fault})});
}

void Questions::pose(const Ask& ask, const ingest::query::DurableAsk& durable) {
  using ingest::query::DurableAnswer;
  if (durability_ == nullptr) {
    outlet_.send(ask.who.worker, Answered{ask.who, ask.ticket, DurableAnswer::Off});
    return;
  }
  const Key key = key_of(ask.who, ask.ticket);
  const auto done = [this, key, who = ask.who, ticket = ask.ticket](DurableAnswer answer) {
    durable_.erase(key);
    outlet_.send(who.worker, Answered{who, ticket, answer});
  };
  durable_[key] = durability_->wait(durable, done);
}

void Questions::pose(const Ask& ask, const ingest::query::DiscoveryAsk& discovery) {
  using ingest::query::Discovered;
  if (discovery_ == nullptr) {
    const Fault fault{Code::HistoryUnavailable, "nothing here knows what there is", false};
    outlet_.send(ask.who.worker,
                 Answered{ask.who, ask.ticket, std::make_shared<const Discovered>(fault)});
    return;
  }
  const Key key = key_of(ask.who, ask.ticket);
  const auto done = [this, key, who = ask.who,
                     ticket = ask.ticket](const ingest::query::DiscoveredPtr& found) {
    discovering_.erase(key);
    outlet_.send(who.worker, Answered{who, ticket, found});
  };
  discovering_[key] = discovery_->ask(discovery, done);
}

void Questions::pose(const Ask& ask, const BoardAsk& board) {
  if (boards_ == nullptr) {
    outlet_.send(ask.who.worker,
                 Answered{ask.who, ask.ticket, std::make_shared<const BoardAnswer>()});
    return;
  }
  const Key key = key_of(ask.who, ask.ticket);
  const auto done = [this, key, who = ask.who, ticket = ask.ticket](const BoardAnswerPtr& answer) {
    boarding_.erase(key);
    outlet_.send(who.worker, Answered{who, ticket, answer});
  };
  boarding_[key] = boards_->ask(board, done);
}

void Questions::pose(const Ask& ask, const ScrapeAsk& scrape) {
  if (scrapes_ == nullptr) {
    outlet_.send(ask.who.worker, Answered{ask.who, ask.ticket, ScrapePage{}});
    return;
  }
  const Key key = key_of(ask.who, ask.ticket);
  const auto done = [this, key, who = ask.who, ticket = ask.ticket](const ScrapePage& page) {
    scraping_.erase(key);
    outlet_.send(who.worker, Answered{who, ticket, page});
  };
  scraping_[key] = scrapes_->ask(scrape, done);
}

void Questions::forget(const Forget& forget) {
  if (const auto scraping = scraping_.find(key_of(forget.who, forget.ticket));
      scraping != scraping_.end()) {
    scrapes_->drop(scraping->second);
    scraping_.erase(scraping);
    return;
  }
  if (const auto boarding = boarding_.find(key_of(forget.who, forget.ticket));
      boarding != boarding_.end()) {
    boards_->drop(boarding->second);
    boarding_.erase(boarding);
    return;
  }
  if (const auto discovering = discovering_.find(key_of(forget.who, forget.ticket));
      discovering != discovering_.end()) {
    discovery_->drop(discovering->second);
    discovering_.erase(discovering);
    return;
  }
  if (const auto durable = durable_.find(key_of(forget.who, forget.ticket));
      durable != durable_.end()) {
    durability_->drop(durable->second);
    durable_.erase(durable);
    return;
  }
  const auto found = waiting_.find(key_of(forget.who, forget.ticket));
  if (found == waiting_.end()) {  // it stands in line, or its answer is on its way
    std::erase_if(line_, [&](const InLine& one) {
      return one.who == forget.who && one.ticket == forget.ticket;
    });
    return;
  }
  past_->drop(found->second.id);
  waiting_.erase(found);
  pose_next();
}

}  // namespace gateway::publish
