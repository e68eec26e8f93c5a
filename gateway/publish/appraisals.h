#pragma once
// Appraisals: who sees a part of the series waits here, with all that he says meanwhile, until it
// is known what there is in that part: what his subscriptions cost is estimated from it alone, so
// that no refusal tells of others' series. Part of the Publisher, on the hub's thread.
//
//   Subscribe with bounds -> Discovery::ask() ... his mail is kept ... -> on_known(), then his mail
//
// What one connection keeps here is bounded by what it may say while a survey takes its turns.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <tuple>

#include "gateway/publish/mail.h"
#include "ingest/query/catalogue.h"
#include "ingest/query/discovery.h"
#include "ingest/query/fault.h"

namespace gateway::publish {

class Appraisals {
 public:
  struct Calls {
    std::function<void(const Subscribe&, const ingest::query::Catalogue& part)> known;
    /// The part could not be looked up: too many ask at once.
    std::function<void(const Subscribe&, const ingest::query::Fault&)> refused;
    /// Mail that had to wait behind.
    std::function<void(const ToHub&)> mail;
  };
  explicit Appraisals(Calls calls) : calls_(std::move(calls)) {}
  Appraisals(const Appraisals&) = delete;
  Appraisals& operator=(const Appraisals&) = delete;
  ~Appraisals();

  /// Who knows what there is; outlives it. Without one every query can be afforded.
  void ask_of(ingest::query::Discovery& discovery) { discovery_ = &discovery; }

  /// Whether the mail is kept here for now: a subscription within bounds, or behind one.
  bool keeps(const ToHub& mail);
  /// Connections that wait.
  std::size_t waiting() const { return lines_.size(); }

 private:
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  static Key key_of(const Subscriber& who) { return {who.worker, who.slot, who.generation}; }
  struct Line {
    std::deque<ToHub> mail;  // the first is the Subscribe that is being appraised
    ingest::query::Discovery::Id asked = 0;
  };
  using Lines = std::map<Key, Line>;

  bool wants_appraisal(const ToHub& mail) const;
  void ask(const Key& key, Line& line);
  void found(const Key& key, const ingest::query::Discovered& found);
  void tell(const Subscribe& subscribe, const ingest::query::Discovered& found) const;

  Calls calls_;
  ingest::query::Discovery* discovery_ = nullptr;
  Lines lines_;
};

}  // namespace gateway::publish
