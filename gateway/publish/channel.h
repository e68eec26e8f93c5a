#pragma once
// Channel: a stream at one rate, with its sequence, its ring of frames and the state that a reader
// has after the last of them. Owned by the Publisher, on the hub's thread; knows no reader.
// Pure: frames come out, time goes in.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/publish/frame_ring.h"
#include "gateway/publish/mail.h"
#include "gateway/publish/message.h"
#include "gateway/publish/row_table.h"
#include "gateway/publish/update_json.h"
#include "ingest/base/clock.h"
#include "ingest/query/update.h"

namespace gateway::publish {

/// A frame with its number, on its way to the workers.
struct Numbered {
  Sequence s = 0;
  FramePtr frame;
};

class Channel {
 public:
  /// A large snapshot is split into parts of about this many bytes.
  static constexpr std::size_t kPartBytes = std::size_t{1024} * 1024;

  struct Identity {
    ChannelId ch = 0;
    ingest::Millis tier{1'000};
    ingest::Millis slide{1'000};
  };
  Channel(Identity identity, FrameRing::Caps caps) : identity_(identity), ring_(caps) {}

  ChannelId ch() const { return identity_.ch; }
  ingest::Millis tier() const { return identity_.tier; }
  /// Windows that it shows none of cannot be corrected: a tier coarser than the slide skips some.
  bool corrects() const { return identity_.tier <= identity_.slide; }
  /// False until start(): there is no state yet.
  bool is_started() const { return started_; }
  /// The sequence of the last frame, 0 before the first.
  Sequence s() const { return ring_.next() - 1; }
  /// The end of the newest window after frame s().
  ingest::WallTime window_end() const { return window_.end; }
  /// The table's version that readers have.
  Version said() const { return said_; }

  /// The table's state becomes the readers' state. Gives no frame.
  void start(const RowTable& table, ingest::WallTime now);
  /// A boundary of the tier lies after the last advance() and not after `now`.
  bool is_due(ingest::WallTime now) const;
  /// Appends what is due now: a `u` when the window moved or a row changed, and after it one for
  /// each earlier window whose printed values differ from what was said.
  void advance(const RowTable& table, ingest::WallTime now, std::vector<Numbered>& out);
  /// After table.rebase(): a snapshot that takes the next sequence and goes to every reader.
  void rebase(const RowTable& table, ingest::WallTime now, std::vector<Numbered>& out);

  /// The state after frame s(), its parts in a chain. Built at most once for each s.
  FramePtr snapshot(const RowTable& table);
  std::uint64_t snapshots_built() const { return snapshots_built_; }

  /// How a reader that was at `s` goes on: Replay with the frames after `s`, or TooOld.
  struct Resumed {
    Start start = Start::TooOld;
    std::vector<FramePtr> frames;
  };
  Resumed resume(Sequence s) const;

  FrameRing& ring() { return ring_; }
  const FrameRing& ring() const { return ring_; }
  std::size_t bytes() const;

 private:
  struct Changes {
    std::vector<RowIndex> removed;
    std::vector<RowIndex> added;
    std::vector<RowIndex> rows;
  };
  void take_changes(const RowTable& table);
  void adopt(const RowTable& table);
  void say_newest(const RowTable& table, ingest::WallTime now, std::vector<Numbered>& out);
  void say_corrections(const RowTable& table, Version said_before, ingest::WallTime now,
                       std::vector<Numbered>& out);
  void publish(FramePtr frame, ingest::WallTime now, std::vector<Numbered>& out);
  FramePtr build_snapshot(const RowTable& table, Sequence s, SnapMessage::Rebase rebase);

  Identity identity_;
  FrameRing ring_;
  bool started_ = false;
  ingest::WallTime advanced_;  // the tick of the last advance()
  Version said_ = 0;
  ingest::WallTime first_window_end_;  // corrections reach back to it
  // What a reader has after frame s():
  ingest::query::Window window_;
  std::size_t live_ = 0;
  std::vector<std::uint8_t> alive_;  // by index
  Sheet shown_;
  FramePtr snapshot_;  // the state after frame s(), once somebody asked
  std::uint64_t snapshots_built_ = 0;
  Changes changes_;   // memory kept between frames
  std::string json_;  // memory kept between frames
};

}  // namespace gateway::publish
