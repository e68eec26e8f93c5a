#pragma once
// Mail between the workers that own connections and the publisher on the hub's thread. Data only,
// over SPSC rings; each ring keeps its order, so a reader that was told "next is s" finds every
// frame from s on behind that word. `Publish` alone may be left out under overload: the reader's
// replica starts afresh behind the hole, and its cursors ask for a snapshot.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/publish/boards.h"
#include "gateway/publish/frame.h"
#include "gateway/publish/scrapes.h"
#include "gateway/publish/stream_facts.h"
#include "ingest/base/clock.h"
#include "ingest/query/annotations.h"
#include "ingest/query/bounds.h"
#include "ingest/query/catalogue.h"
#include "ingest/query/discovery.h"
#include "ingest/query/durability.h"
#include "ingest/query/past.h"
#include "ingest/query/query.h"

namespace gateway::publish {

/// A connection of a worker. The generation makes a reused slot somebody else.
struct Subscriber {
  std::uint32_t worker = 0;
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  bool operator==(const Subscriber&) const = default;
};

/// Where a client stood before: honoured when epoch, channel and ring allow it.
struct ResumePoint {
  std::string epoch;
  ChannelId ch = 0;
  Sequence s = 0;
};

// ---- worker -> hub ----

struct Subscribe {
  Subscriber who;
  std::uint64_t id = 0;  // the client's own
  ingest::query::Query query;
  ingest::Millis rate{1'000};
  std::optional<ResumePoint> from;
  std::uint32_t ticket = 0;  // the connection's own; answers carry it, so that a reused id is new
  std::uint32_t following = 0;  // further subscriptions of the same `hello` right behind this one
  ingest::query::Bounds bounds{};  // of who asks; in `query` they are already
  std::string party{};             // whom limits count as one; empty: this connection alone
};
/// `mod`: the same subscription at another rate.
struct Retune {
  Subscriber who;
  std::uint64_t id = 0;
  ingest::Millis rate{1'000};
};
/// The reader fell off its ring time and again: the next slower rate, if there is one.
struct Demote {
  Subscriber who;
  std::uint64_t id = 0;
};
/// Sent for `unsub`, and for each subscription of a connection that went away.
struct Unsubscribe {
  Subscriber who;
  std::uint64_t id = 0;
};
/// The reader's cursor fell off its worker's ring: it wants the newest state.
struct WantSnapshot {
  Subscriber who;
  ChannelId ch = 0;
};
/// What is answered once, later. Alternatives are added at the end.
using Question = std::variant<std::monostate, ingest::query::RangeAsk, ingest::query::DurableAsk,
                              ingest::query::DiscoveryAsk, BoardAsk, ScrapeAsk>;
struct Ask {
  Subscriber who;
  std::uint32_t ticket = 0;  // the connection's own; the answer carries it
  Question question;
  ingest::query::Bounds bounds{};  // as above
  std::string party{};             // as above
};
/// Who asked went away, or waited long enough.
struct Forget {
  Subscriber who;
  std::uint32_t ticket = 0;
};
using ToHub =
    std::variant<std::monostate, Subscribe, Unsubscribe, WantSnapshot, Retune, Ask, Forget, Demote>;
/// Who sent it; nobody sends a monostate.
const Subscriber& sender_of(const ToHub& mail);

// ---- hub -> worker ----

/// What a Tell means for the subscription it names.
enum class Verdict : std::uint8_t {
  Note,      // for no subscription in particular
  Accepted,  // `subd`: it reads channel `ch` from now on
  Refused,   // `err`: the subscription is over
  NotNow,    // the same, but it may succeed later
};

/// A control message for one connection: `err`, or `subd` ahead of its snapshot.
struct Tell {
  Subscriber who;
  FramePtr frame;
  Verdict verdict = Verdict::Note;
  std::uint64_t id = 0;
  std::uint32_t ticket = 0;
  ChannelId ch = 0;
};
/// Sent after `subd`: the state, and where to read on. Frames in order: a snapshot (its parts hang
/// on Frame::next), or replayed frames.
struct Join {
  enum class Brings : std::uint8_t {
    State,   // a snapshot, of the window that ends at window_end
    Missed,  // every frame since the place that was asked for
  };
  Subscriber who;
  std::uint64_t id = 0;
  ChannelId ch = 0;
  std::vector<FramePtr> frames;
  Sequence next = 0;  // the first sequence to read from the worker's own ring of this channel
  Brings brings = Brings::State;
  ingest::WallTime window_end{};
};
/// The next frame of a channel, for every reader of this worker.
struct Publish {
  ChannelId ch = 0;
  Sequence s = 0;
  FramePtr frame;
  std::size_t ring_bytes_max = ~std::size_t{0};  // what the channel's own ring may hold now
};
/// Nobody reads this channel on this worker any more, or it is gone: its ring may be dropped.
struct ChannelGone {
  ChannelId ch = 0;
};
struct NewCatalogue {
  std::shared_ptr<const ingest::query::Catalogue> catalogue;
};
struct NewAnnotations {
  std::shared_ptr<const ingest::query::Annotations> annotations;
};
/// The streams that cost most, now and then.
struct NewStreams {
  std::shared_ptr<const StreamList> streams;
};
/// To an Ask: the alternative in the place of its question.
using Answer =
    std::variant<std::monostate, ingest::query::RangeAnswerPtr, ingest::query::DurableAnswer,
                 ingest::query::DiscoveredPtr, BoardAnswerPtr, ScrapePage>;
struct Answered {
  Subscriber who;
  std::uint32_t ticket = 0;
  Answer answer;
};
using ToWorker = std::variant<std::monostate, Tell, Join, Publish, ChannelGone, NewCatalogue,
                              Answered, NewAnnotations, NewStreams>;

/// The publisher's way out; the server implements it over one ring for each worker and keeps the
/// order.
class Outlet {
 public:
  Outlet() = default;
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  virtual ~Outlet() = default;
  virtual void send(std::uint32_t worker, ToWorker message) = 0;
};

}  // namespace gateway::publish
