#include "gateway/server/body_hold.h"

#include <algorithm>

namespace gateway::server {

BodyBook::BodyBook(std::size_t body_max, std::size_t bodies_max)
    : all_max_(bodies_max), host_max_(std::max(bodies_max / kShareOfOne, body_max)) {}

BodyBook::Room BodyBook::room(const ingest::IpAddress& host, std::size_t more) const {
  if (all_ + more > all_max_) return Room::NoneForAnybody;
  const auto found = by_host_.find(host);
  const std::size_t held = found == by_host_.end() ? 0 : found->second;
  return held + more > host_max_ ? Room::NoneForAddress : Room::Enough;
}

void BodyBook::change(const ingest::IpAddress& host, std::size_t from, std::size_t to) {
  if (from == to) return;
  all_ += to - from;  // unsigned: a smaller number subtracts
  std::size_t& held = by_host_[host];
  held += to - from;
  if (held == 0) by_host_.erase(host);
}

void BodyHold::begin(const ingest::IpAddress& sender) {
  release();
  host_ = ingest::host_of(sender);
}

void BodyHold::hold(std::size_t bytes) {
  book_.change(host_, bytes_, bytes);
  bytes_ = bytes;
}

}  // namespace gateway::server
