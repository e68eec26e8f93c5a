#include "gateway/publish/channel_reader.h"

#include <algorithm>
#include <utility>

namespace gateway::publish {

void ChannelReplica::add_reader(Subscriber who) {
  if (std::find(readers_.begin(), readers_.end(), who) == readers_.end()) readers_.push_back(who);
}

void ChannelReplica::remove_reader(Subscriber who) {
  const auto found = std::find(readers_.begin(), readers_.end(), who);
  if (found == readers_.end()) return;
  *found = readers_.back();
  readers_.pop_back();
}

std::span<const Subscriber> ChannelReplicas::publish(Publish publish, ingest::Millis now) {
  ChannelReplica& replica = open(publish.ch, publish.s);
  replica.ring().hold_at_most(std::min(caps_.bytes_max, publish.ring_bytes_max));
  replica.ring().append(publish.s, std::move(publish.frame), now);
  return replica.readers();
}

void ChannelReplicas::gone(ChannelId ch) {
  const auto found = replicas_.find(ch);
  if (found != replicas_.end() && found->second->readers().empty()) replicas_.erase(found);
}

const ChannelReplica* ChannelReplicas::find(ChannelId ch) const {
  const auto found = replicas_.find(ch);
  return found == replicas_.end() ? nullptr : found->second.get();
}

ChannelReplica& ChannelReplicas::open(ChannelId ch, Sequence next) {
  std::unique_ptr<ChannelReplica>& replica = replicas_[ch];
  if (replica == nullptr) {
    replica = std::make_unique<ChannelReplica>(caps_);
    replica->ring().expect(next);
  }
  return *replica;
}

void ChannelReplicas::remove_reader(ChannelId ch, Subscriber who) {
  const auto found = replicas_.find(ch);
  if (found != replicas_.end()) found->second->remove_reader(who);
}

}  // namespace gateway::publish
