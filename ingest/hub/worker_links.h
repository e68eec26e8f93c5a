#pragma once
// WorkerLinks: the hub's ends of the links to all workers: takes what they hand over into the
// timeline and the log of annotations and sends its memory home, with the word which of their
// series ran into a cap here; knows how far each has come, and brings them the list of what is
// watched and the watermark of event time.
//
// It must not know ticks, streams or the archive. Owned by the hub, on its thread; the other end of
// each link is a worker's, on another thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/hub/annotation_log.h"
#include "ingest/model/handover.h"
#include "ingest/model/watermark.h"
#include "ingest/timeline/timeline.h"

namespace ingest::hub {

struct WorkerLink {
  model::HubLink* link = nullptr;
  std::function<void()> wake;
};

class WorkerLinks {
 public:
  struct Counters {
    std::uint64_t handovers = 0;
    std::uint64_t memory_freed = 0;   // emptied hand-overs not sent home, the ring being full
    std::uint64_t mail_deferred = 0;  // watch lists that waited for a full ring
  };

  /// `workers` are in the order of Handover::worker, and have come as far as `since`.
  WorkerLinks(std::vector<WorkerLink> workers, WallTime since);

  std::size_t size() const { return peers_.size(); }
  struct Destinations {
    timeline::Timeline& timeline;
    AnnotationLog& annotations;
  };
  /// Takes what lies in the rings, from each worker in turn, while `go_on` says so; at least one.
  /// True when more may wait.
  bool take_handovers(Destinations to, const std::function<bool()>& go_on);
  /// The newest tick for which every worker has spoken, `limit` at most.
  WallTime whole(WallTime limit) const;
  /// All that was folded before has come, of every worker.
  WallTime flushed() const;
  /// Whether every worker has flushed later than `time`.
  bool flushed_after(WallTime time) const;
  /// What the workers hold, as they said last.
  std::size_t held_bytes() const;

  /// Of event time: what all of them have to say.
  model::EventFront event_front() const;
  void tell_watermark(WallTime watermark);

  /// Each worker is told at the next send_mail(), if it is news.
  void watch(std::vector<std::string> globs);
  /// What a full ring refuses is tried again at the next call.
  void send_mail();

  const Counters& counters() const { return counters_; }

 private:
  struct Peer {
    WorkerLink worker;
    WallTime tick;  // of its newest hand-over
    WallTime flushed;
    bool owed_watch_list = false;
    std::size_t held_bytes = 0;
    std::vector<model::SeriesFolded> folded;  // not yet on their way
  };
  void take(Peer& peer, std::unique_ptr<model::Handover> handover, Destinations to);
  void send_home(Peer& peer, std::unique_ptr<model::Handover> handover);

  std::vector<Peer> peers_;
  std::size_t next_ = 0;  // whose turn it is
  std::shared_ptr<const model::WatchList> watch_list_ = std::make_shared<model::WatchList>();
  Counters counters_;
};

}  // namespace ingest::hub
