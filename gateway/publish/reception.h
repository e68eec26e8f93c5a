#pragma once
// Reception: who reads which channel, and how each reader begins: `subd`, then the state or what it
// missed. Part of the Publisher, on the hub's thread; it must not know when frames are made.

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/publish/ledger.h"
#include "gateway/publish/mail.h"
#include "gateway/publish/message.h"
#include "gateway/publish/stream_book.h"
#include "ingest/base/clock.h"
#include "ingest/query/fault.h"

namespace gateway::publish {

class Reception {
 public:
  struct Options {
    std::string epoch;
    ingest::Millis tick{250};
  };
  /// All three outlive it.
  Reception(Options options, StreamBook& book, Outlet& outlet, Ledger& ledger)
      : options_(std::move(options)), book_(book), outlet_(outlet), ledger_(ledger) {}

  /// The time of the last tick.
  void turn_to(ingest::WallTime now) { now_ = now; }

  void obey(const Subscribe& subscribe) { admit(subscribe, nullptr); }
  /// The same of who sees a part: what that is.
  void admit(const Subscribe& subscribe, const ingest::query::Catalogue* part);
  void turn_away(const Subscribe& subscribe, const ingest::query::Fault& fault);
  void obey(const Unsubscribe& unsubscribe);
  void obey(const Retune& retune);
  void obey(const Demote& demote);
  void obey(const WantSnapshot& want);
  /// The channel's stream has its first state: those who waited for it get it.
  void start(OpenChannel& channel);
  /// Subscriptions.
  std::size_t size() const { return readers_.size(); }

 private:
  struct Key {
    Subscriber who;
    std::uint64_t id = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Reader {
    ChannelId ch = 0;
    std::uint32_t ticket = 0;
  };
  /// Joins of one `hello`: its `subd` all go out before the first `snap`.
  struct Held {
    ChannelId ch = 0;
    Joining joining;
  };
  using Readers = std::unordered_map<Key, Reader, KeyHash>;

  Start start_of(const Subscribe& subscribe, const OpenChannel& channel) const;
  OpenChannel& enter(OpenStream& stream, const Key& key, Reader& reader, ingest::Millis rate);
  void leave(OpenChannel& channel, std::uint32_t worker);
  void move(Readers::value_type& entry, ingest::Millis rate, Start why);
  void say_subd(const Key& key, const Reader& reader, Start start);
  void release_held(Subscriber who);
  void begin(OpenChannel& channel, const Joining& joining);
  void join(OpenChannel& channel, const Joining& joining);
  FramePtr snapshot(OpenChannel& channel);

  Options options_;
  StreamBook& book_;
  Outlet& outlet_;
  Ledger& ledger_;
  ingest::WallTime now_;
  Readers readers_;
  std::vector<Held> held_;
};

}  // namespace gateway::publish
