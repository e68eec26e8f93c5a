#pragma once
// Subscriptions: one connection's side of the protocol. Texts and the hub's mail come in; frames
// that are due, mail for the hub and at last a close code come out. It knows no socket and no
// timer: the connection moves bytes and asks. Owned by its connection; everything that the
// connections of a worker share is in that worker's Desk. One thread.
//
//   receive(text) --> desk.to_hub --ring--> Publisher --ring--> told(), joined() --> due()
//
// An idle subscribed connection costs some 300 bytes here.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/publish/allowance.h"
#include "gateway/publish/burst.h"
#include "gateway/publish/channel_reader.h"
#include "gateway/publish/credit.h"
#include "gateway/publish/cursor_set.h"
#include "gateway/publish/identity.h"
#include "gateway/publish/inquiries.h"
#include "gateway/publish/laggards.h"
#include "gateway/publish/mail.h"
#include "gateway/publish/protocol.h"
#include "gateway/publish/refusals.h"
#include "ingest/base/clock.h"
#include "ingest/query/catalogue.h"

namespace gateway::publish {

/// Same for all connections of a process.
struct Rules {
  std::string epoch;
  ingest::Millis tick{250};
  CommandLimits commands;
  Allowance::PerSecond commands_per_second = 0;  // of each connection; 0: no limit
  Allowance::PerSecond output_per_second = 0;    // bytes of messages; the same
};

/// What the connections of one worker share.
struct Desk {
  Rules rules;
  ChannelReplicas replicas;
  std::shared_ptr<const ingest::query::Catalogue> catalogue = nullptr;  // none before the first
  /// Filled by the calls below; the server moves it into its ring to the hub after each of them.
  std::vector<ToHub> to_hub;
  std::uint64_t commands = 0;  // texts received
  Refusals refusals;       // commands answered with `err` here; others the hub refuses, and counts
  std::uint64_t gaps = 0;  // readers that fell off their ring
  Laggards laggards{};
  /// Connections whose token was refused or ended, by code from AuthRequired on.
  std::array<std::uint64_t, 5> auth_refused{};
  std::uint64_t unseen = 0;             // connections whose frames stopped for want of `seen`
  std::uint64_t commands_deferred = 0;  // times that they waited for Rules::commands_per_second
  std::uint64_t output_held = 0;        // times that frames waited for Rules::output_per_second
};

class Subscriptions {
 public:
  /// Errors within kErrorsWithin that end the connection with 4009; one that says "retry" is no
  /// fault of the client's, nor is an id that nothing has any more.
  static constexpr std::size_t kErrorsMax = 10;
  static constexpr ingest::Millis kErrorsWithin{10'000};
  /// A page that asks anew for all that it shows says two commands for each subscription at once,
  /// and again when its reader changes his mind.
  static constexpr std::chrono::seconds kCommandsAtOnce{10};
  /// Control messages that may wait for a reader, besides one for each subscription; one more ends
  /// the connection with 4104.
  static constexpr std::size_t kControlMax = 256;

  struct Now {
    ingest::MonoTime mono;
    ingest::WallTime wall;
  };

  /// `session` names the connection in `welcome`; random in production. Without an identity it may
  /// read everything.
  Subscriptions(Subscriber who, std::uint64_t session, std::unique_ptr<Identity> identity = nullptr)
      : who_(who), session_(session), identity_(std::move(identity)) {}

  /// In place of `hello`, for a reader that says nothing: what it asked for beforehand.
  void open(SubBodies&& subs, Desk& desk, Now now);
  /// Whether what the client says next is to be read later, as it has said all that
  /// Rules::commands_per_second lets it say by now; and when.
  bool must_rest(Desk& desk, ingest::MonoTime now);
  ingest::MonoTime rests_until() const { return commands_.again(kCommandsAtOnce); }
  /// One text message of the client. Ignored once close_code() is set.
  void receive(std::string_view text, Desk& desk, Now now);
  /// The hub's answers to this subscriber. Those that came too late are ignored.
  void told(Tell tell, Desk& desk, Now now);
  void joined(Join join, Desk& desk);
  void answered(const Answered& answered, Desk& desk, Now now);
  /// A message of the server's own, as `hb` and `bye`: goes out before what channels have due.
  void say(FramePtr control);
  /// What became of its rights since: tells of their end, or closes with 4105 or 4002. When to look
  /// again; absent: only what somebody else does can change them.
  std::optional<ingest::WallTime> check_identity(Desk& desk, Now now);
  /// kHelloWithin has passed: closes with 4008 unless the client has spoken.
  void hello_overdue();
  /// The connection ended or will: leaves every channel. Call it before destruction.
  void leave(Desk& desk);

  /// Appends the frames due now, in their order, until `out` holds `frames_max`. A reader that
  /// fell off a ring or stopped saying `seen` is found here. Nothing is taken off: call sent() with
  /// the number that left (a frame of which at least one byte was written counts).
  void due(Desk& desk, Now now, std::vector<FramePtr>& out, std::size_t frames_max);
  /// Whether more is due at once because of that.
  bool sent(Desk& desk, Now now, std::size_t frames);
  /// So many bytes of messages left.
  void spent(const Desk& desk, ingest::MonoTime now, std::size_t bytes) {
    output_.spend(bytes, desk.rules.output_per_second, now);
  }
  /// When the frames that due() held back for Rules::output_per_second may leave.
  std::optional<ingest::MonoTime> held_until() const {
    return output_held_ ? std::optional{output_.again()} : std::nullopt;
  }

  /// When check_identity() has something to do; absent: never.
  std::optional<ingest::WallTime> rights_end() const {
    return identity_ == nullptr || close_ ? std::nullopt : identity_->look_at();
  }

  /// The client has sent a `hello` or a `sub`: it may get `hb`.
  bool is_live() const { return phase_ == Phase::Live; }
  /// Set once: send what due() still gives, then Close with it.
  std::optional<CloseCode> close_code() const { return close_; }
  std::size_t size() const { return subs_.size(); }
  /// Whose token it showed; empty where it needed none.
  std::string_view holder() const { return identity_ == nullptr ? "" : identity_->name(); }
  /// Frames that wait for it, of the channel with the most.
  std::uint64_t behind(const Desk& desk) const;
  /// What subscription `id` reads; 0: nothing yet, or there is none.
  ChannelId channel_of(std::uint64_t id) const;
  /// Control messages that wait to be sent.
  std::size_t waiting() const { return control_.size(); }

 private:
  enum class Phase : std::uint8_t { AwaitingHello, Live };
  struct Entry {
    std::uint64_t id = 0;
    ChannelId ch = 0;  // 0 until `subd`
    std::uint32_t ticket = 0;
    Mod::Pause paused = Mod::Pause::No;
  };

  void obey(Hello& hello, Desk& desk, Now now);
  void obey(Sub& sub, Desk& desk, Now now);
  void obey(Mod& mod, Desk& desk, Now now);
  void obey(Unsub& unsub, Desk& desk, Now now);
  void obey(Seen& seen, Desk& desk, Now now);
  void obey(Ping& ping, Desk& desk, Now now);
  void obey(Range& range, Desk& desk, Now now);
  void obey(Meta& meta, Desk& desk, Now now);
  void obey(Auth& auth, Desk& desk, Now now);
  bool show(std::string_view token, Desk& desk, Now now);
  bool is_crowded(Desk& desk, Now now);
  bool is_stranger() const { return identity_ != nullptr && !identity_->is_known(); }
  void turn_away(ingest::query::Fault fault, CloseCode code, Desk& desk, Now now);
  void revoke_subscriptions(Desk& desk);
  void restrict(ingest::query::Query& query) const;
  /// Matchers of everything that it asks; none: it sees everything.
  const std::vector<ingest::query::Matcher>& allowed() const;
  ingest::query::Bounds bounds() const {
    return identity_ == nullptr ? nullptr : identity_->bounds();
  }
  std::string party() const { return identity_ == nullptr ? std::string{} : identity_->party(); }
  std::optional<Refusal> subscribe(Sub& sub, Desk& desk);
  bool is_taken(std::uint64_t id) const;
  void set_pause(Entry& entry, Mod::Pause pause, Desk& desk);
  void refuse(const Refusal& refusal, Desk& desk, Now now);
  void say_of_each(FramePtr control, const Desk& desk);
  void push(FramePtr control, std::size_t control_max);
  void count_error(Now now);
  void close(CloseCode code);
  void forget(std::uint64_t id, Desk& desk);
  void detach(ChannelId ch, Desk& desk);
  bool is_paused(ChannelId ch) const;
  Entry* find(std::uint64_t id);
  Inquiries& inquiries();
  void look_up(Meta& meta, Desk& desk, Now now);
  void looked_up(const Answered& answered, Desk& desk, Now now);
  void hold_for_history();
  void hold_unseen(Desk& desk, Now now);
  bool hold_output(Desk& desk, Now now);
  void tell_gaps(Desk& desk, Now now);
  void renew_state(Cursor& cursor, const FrameRing* ring, Desk& desk) const;
  void demote(ChannelId ch, Desk& desk);
  void wake(Cursor& cursor, Desk& desk);

  Subscriber who_;
  Phase phase_ = Phase::AwaitingHello;
  bool output_held_ = false;
  bool rests_ = false;
  std::uint32_t tickets_ = 0;
  std::uint64_t session_ = 0;
  std::vector<Entry> subs_;
  CursorSet cursors_;
  std::vector<FramePtr> control_;
  Credit credit_;
  Allowance commands_;
  Allowance output_;
  std::unique_ptr<Burst<kErrorsMax>> errors_;  // made at the first error
  std::unique_ptr<Inquiries> inquiries_;       // made at the first question
  std::unique_ptr<Identity> identity_;         // none where reading is open
  std::optional<CloseCode> close_;
};

}  // namespace gateway::publish
