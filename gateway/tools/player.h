#pragma once
// Player: a source played to a running server, each record when it is due. Datagrams stay
// datagrams; recorded connections are connections again where the target is a stream, and their
// whole lines elsewhere. Owned by `weir replay`; one thread, which it blocks.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "gateway/tools/line_post.h"
#include "gateway/tools/outlet.h"
#include "gateway/tools/target.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/codec/line_splitter.h"
#include "ingest/record/pacer.h"
#include "ingest/record/source.h"

namespace gateway::tools {

class Player {
 public:
  /// Recorded connections that are open at once; the oldest ends for a further one.
  static constexpr std::size_t kConnectionsMax = 512;

  struct Options {
    Target target;
    ingest::record::Speed speed = 1.0;
    std::uint64_t rounds = 1;
    const ingest::Clock* clock = nullptr;
    /// Waits until then, at once for a time that has passed. True: the player is to end.
    std::function<bool(ingest::MonoTime)> wait_until;
  };
  struct Played {
    std::uint64_t rounds = 0;
    std::uint64_t records = 0;   // Data and Cut
    std::uint64_t bytes = 0;     // of those
    std::uint64_t left_out = 0;  // lines without an end, which only a stream can carry
    bool interrupted = false;
    ingest::record::Ending ending;  // of the last round
    std::uint64_t drops = 0;        // that the recorder counted
  };

  /// The source outlives the player.
  Player(ingest::record::Source& source, Options options);
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;
  ~Player() = default;

  /// Once. The error is a sentence: nobody listens, the peer has closed.
  ingest::Result<Played> run();

 private:
  ingest::Result<void> play_round();
  ingest::Result<void> take(const ingest::record::Record& record);
  ingest::Result<void> take_data(const ingest::record::Record& record);
  ingest::Result<void> take_piece(std::uint32_t connection, std::string_view bytes);
  ingest::Result<void> close(std::uint32_t connection);
  ingest::Result<void> close_all();
  bool keeps_connections() const;

  ingest::record::Source& source_;
  Options options_;
  ingest::record::Pacer pacer_;
  std::optional<LinePost> post_;  // of all that is no recorded connection
  std::map<std::uint32_t, Outlet> outlets_;
  std::map<std::uint32_t, ingest::codec::LineSplitter> splitters_;
  ingest::codec::LineLedger scratch_;  // of the splitters: what had no end
  Played played_;
};

}  // namespace gateway::tools
