#include "ingest/hub/worker_links.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::hub {

WorkerLinks::WorkerLinks(std::vector<WorkerLink> workers, WallTime since) {
  for (WorkerLink& worker : workers)
    peers_.push_back({.worker = std::move(worker), .tick = since, .flushed = since, .folded = {}});
}

// ---- hand-overs ----

bool WorkerLinks::take_handovers(Destinations to, const std::function<bool()>& go_on) {
  for (std::size_t empty = 0; empty < peers_.size();) {
    Peer& peer = peers_[next_];
    next_ = (next_ + 1) % peers_.size();
    auto handover = peer.worker.link->to_hub.try_pop();
    empty = handover ? 0 : empty + 1;
    if (!handover) continue;
    take(peer, std::move(*handover), to);
    if (!go_on()) return true;
  }
  return false;
}

void WorkerLinks::take(Peer& peer, std::unique_ptr<model::Handover> handover, Destinations to) {
  const auto worker = static_cast<std::size_t>(&peer - peers_.data());
  CHECK(handover->worker == worker);
  for (const model::SeriesBorn& born : handover->born) {
    if (const auto cap = to.timeline.born(worker, born))
      peer.folded.push_back({.series = born.series, .cap = *cap});
  }
  to.timeline.merge_all(worker, handover->moved);
  if (handover->held_bytes > 0) peer.held_bytes = handover->held_bytes;
  for (const model::LocalSeries gone : handover->expired)
    to.timeline.expired(worker, gone);
  for (model::KeptAnnotationPtr& annotation : handover->annotations)
    to.annotations.take(std::move(annotation));
  peer.tick = std::max(peer.tick, handover->tick);
  peer.flushed = std::max(peer.flushed, handover->flushed);
  ++counters_.handovers;
  handover->born.clear();
  handover->expired.clear();
  handover->annotations.clear();
  send_home(peer, std::move(handover));
}

// What was folded waits for the next one when this finds no room.
void WorkerLinks::send_home(Peer& peer, std::unique_ptr<model::Handover> handover) {
  handover->folded.swap(peer.folded);
  peer.folded.clear();
  model::ToWorker mail{model::HandoverEmptied{std::move(handover)}};
  if (peer.worker.link->to_worker.try_push(mail)) return;
  ++counters_.memory_freed;
  peer.folded.swap(std::get<model::HandoverEmptied>(mail).memory->folded);
}

WallTime WorkerLinks::whole(WallTime limit) const {
  for (const Peer& peer : peers_)
    limit = std::min(limit, peer.tick);
  return limit;
}

WallTime WorkerLinks::flushed() const {
  WallTime whole = WallTime::max();
  for (const Peer& peer : peers_)
    whole = std::min(whole, peer.flushed);
  return whole;
}

bool WorkerLinks::flushed_after(WallTime time) const {
  const auto behind = [time](const Peer& peer) { return peer.flushed <= time; };
  return std::none_of(peers_.begin(), peers_.end(), behind);
}

std::size_t WorkerLinks::held_bytes() const {
  std::size_t bytes = 0;
  for (const Peer& peer : peers_)
    bytes += peer.held_bytes;
  return bytes;
}

// ---- event time ----

// Relaxed: EventWords says why.
model::EventFront WorkerLinks::event_front() const {
  const auto time_of = [](const std::atomic<std::int64_t>& word) {
    const std::int64_t ms = word.load(std::memory_order_relaxed);
    return ms == model::EventWords::kNone ? std::optional<WallTime>{} : wall_from_ms(ms);
  };
  model::EventFront all;
  for (const Peer& peer : peers_) {
    const model::EventWords& words = peer.worker.link->event;
    all.merge({.slowest = time_of(words.slowest_ms), .newest = time_of(words.newest_ms)});
  }
  return all;
}

void WorkerLinks::tell_watermark(WallTime watermark) {
  for (const Peer& peer : peers_)
    peer.worker.link->event.watermark_ms.store(to_ms(watermark), std::memory_order_relaxed);
}

// ---- mail ----

void WorkerLinks::watch(std::vector<std::string> globs) {
  if (globs == watch_list_->globs) return;
  watch_list_ = std::make_shared<model::WatchList>(model::WatchList{std::move(globs)});
  for (Peer& peer : peers_)
    peer.owed_watch_list = true;
}

void WorkerLinks::send_mail() {
  for (Peer& peer : peers_) {
    if (!peer.owed_watch_list) continue;
    if (!peer.worker.link->to_worker.try_push(model::WatchChanged{watch_list_})) {
      ++counters_.mail_deferred;  // tried again at the next turn
      continue;
    }
    peer.owed_watch_list = false;
    if (peer.worker.wake) peer.worker.wake();
  }
}

}  // namespace ingest::hub
