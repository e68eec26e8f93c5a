#pragma once
// Lookups: what one connection asks of what there is (`meta`) and the hub has to look up: series,
// and all of it for who sees a part. Few wait at once; each is answered once, in any order. Part of
// a connection's Subscriptions, on its worker's thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/publish/catalogue_json.h"
#include "gateway/publish/command.h"
#include "gateway/publish/mail.h"
#include "ingest/base/result.h"
#include "ingest/query/bounds.h"
#include "ingest/query/fault.h"

namespace gateway::publish {

class Lookups {
 public:
  /// Of a connection at once.
  static constexpr std::size_t kWaitingMax = 8;

  explicit Lookups(Subscriber who) : who_(who) {}

  bool has(std::uint64_t id) const;
  std::size_t size() const { return waiting_.size(); }
  std::vector<std::uint64_t> ids() const;

  /// Within the bounds of who asks.
  void ask(Meta meta, const ingest::query::Bounds& bounds, std::vector<ToHub>& to_hub);

  struct Told {
    std::uint64_t id = 0;
    ingest::Result<std::string, ingest::query::Fault> message;  // `meta`
  };
  /// Nothing where nobody here asked.
  std::optional<Told> answered(const Answered& answered);

  /// Nobody waits for it any more.
  void drop(std::uint64_t id, std::vector<ToHub>& to_hub);
  void drop_all(std::vector<ToHub>& to_hub);

 private:
  // Apart from those of Inquiries, which ask for the same connection.
  static constexpr std::uint32_t kFirstTicket = 0x8000'0000;
  struct Waiting {
    std::uint32_t ticket = 0;
    Meta meta;
  };
  Subscriber who_;
  std::uint32_t tickets_ = kFirstTicket;
  std::vector<Waiting> waiting_;
};

/// What the hub is asked for `what`, within the bounds of who asks.
ingest::query::DiscoveryAsk discovery_ask(const MetaWhat& what,
                                          const ingest::query::Bounds& bounds);
/// The members of its answer.
ingest::Result<std::string, ingest::query::Fault> discovered_text(
    const MetaWhat& what, const ingest::query::Discovered& found);
/// The same for who sees everything, at once; of metrics and tags alone.
ingest::Result<std::string, ingest::query::Fault> catalogue_text(
    const MetaWhat& what, const ingest::query::Catalogue& catalogue);
/// "metrics", "tags", "series".
std::string_view what_name(const MetaWhat& what);

}  // namespace gateway::publish
