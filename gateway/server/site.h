#pragma once
// Site: what all workers serve alike: settings, who may ask, the numbers behind /metrics. Built by
// the wiring before the threads start, outlives them; read by all workers.

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/http/routes.h"
#include "gateway/server/access.h"
#include "gateway/server/admission.h"
#include "gateway/server/answer_cache.h"
#include "gateway/server/batch_book.h"
#include "gateway/server/dealer.h"
#include "gateway/server/hidden_ids.h"
#include "gateway/server/host_rules.h"
#include "gateway/server/identity_book.h"
#include "gateway/server/metrics.h"
#include "gateway/server/rate_book.h"
#include "gateway/server/responder.h"
#include "gateway/server/settings.h"
#include "gateway/server/slow_board.h"
#include "gateway/server/ticket_book.h"
#include "gateway/server/work.h"
#include "gateway/server/write_rules.h"
#include "ingest/io/log.h"
#include "ingest/query/durability.h"

namespace gateway::server {

struct AnswerContext;
class DemoSwitch;
/// Makes the answer of one route; `rest` is what the star of its path stood for.
using Handler = http::Response (*)(const http::Request& request, std::string_view rest,
                                   const AnswerContext& context);
/// As Handler, where another thread may have to be asked.
using Asker = Reply (*)(const http::Request& request, std::string_view rest,
                        const AnswerContext& context);
/// One of the two, and who may ask for it.
struct Endpoint {
  // NOLINTNEXTLINE(google-explicit-constructor): a table of routes names functions
  constexpr Endpoint(Handler handler, Needs needs_in = Needs::Nothing)
      : at_once(handler), needs(needs_in) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr Endpoint(Asker asker, Needs needs_in = Needs::Nothing)
      : later(asker), needs(needs_in) {}
  Handler at_once = nullptr;
  Asker later = nullptr;
  Needs needs = Needs::Nothing;
};
using Routes = std::span<const http::Route<Endpoint>>;

struct Site {
  /// All four outlive the site.
  Site(const Settings& settings_in, const Metrics& metrics_in, const Dealer& dealer_in,
       const ingest::io::Logger& log_in)
      : settings(settings_in),
        metrics(metrics_in),
        dealer(dealer_in),
        log(log_in),
        host_rules(settings_in),
        access(std::make_shared<const auth::Authenticator>(settings_in.tokens, std::nullopt,
                                                           auth::ClaimRules{})),
        write_rules(settings_in),
        identities(std::make_unique<IdentityBook>(
            IdentityBook::Caps{.connections_max = settings_in.limits.connections_per_identity_max,
                               .subs_max = settings_in.limits.subs_per_identity_max})),
        questions(std::make_unique<RateBook>(
            RateBook::Rate{.times = settings_in.limits.questions_per_second,
                           .within = std::chrono::seconds{1},
                           .at_once = std::chrono::seconds{10}})),
        token_failures(std::make_unique<RateBook>(
            RateBook::Rate{.times = settings_in.limits.token_failures_per_minute,
                           .within = std::chrono::seconds{60},
                           .at_once = std::chrono::seconds{60}})) {}

  const Settings& settings;
  const Metrics& metrics;
  const Dealer& dealer;  // for the number of connections
  const ingest::io::Logger& log;
  const HostRules host_rules;
  /// The member `ingest` of /api/v1/status, a JSON object; set before the threads start, may be
  /// empty. Called on whatever worker answers, by several at once: it reads published ledgers
  /// alone.
  std::function<std::string()> ingest;
  /// The members `archive` and `exposition` of the same; as `ingest`.
  std::function<std::string()> archive;
  std::function<std::string()> exposition;
  /// The answer of /api/v1/rejected, of one feed or, by an empty name, of all; as `ingest`.
  std::function<std::string(std::string_view feed)> rejected;
  /// Whether what is taken cannot be put on disk; as `ingest`, may be empty.
  std::function<bool()> archive_away;
  /// What those who write see of the disk; as `ingest`, outlives the site. Null: nothing is kept.
  ingest::query::DiskDoor* disk = nullptr;
  /// Made-up data, where it can be had; outlives the site.
  DemoSwitch* demo = nullptr;
  Access access;  // whose tokens count; may be replaced while the threads run
  const std::unique_ptr<TicketBook> tickets = std::make_unique<TicketBook>();
  const HiddenIds hidden_ids;  // of events, for who sees a part of them
  const WriteRules write_rules;
  const std::unique_ptr<AnswerCache> unusual = std::make_unique<AnswerCache>();
  const std::unique_ptr<BatchBook> batches = std::make_unique<BatchBook>();
  const std::unique_ptr<IdentityBook> identities;
  const std::unique_ptr<RateBook> questions;       // over HTTP, by identity or address
  const std::unique_ptr<RateBook> token_failures;  // by address
  const std::unique_ptr<SlowBoard> slow = std::make_unique<SlowBoard>();
  Routes routes;  // before the usual ones, for who builds a server of its own; outlive the site
  /// Set before the threads start, outlives the site; null: WebSockets speak the subscription
  /// protocol.
  const Responder* responder = nullptr;
};

}  // namespace gateway::server
