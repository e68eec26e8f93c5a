#pragma once
// WriteDesk: what a worker has for its write handlers. Part of Commons; that worker's thread only.

#include <algorithm>
#include <cstddef>

#include "gateway/http/content_coding.h"
#include "gateway/server/intake.h"

namespace gateway::server {

struct WriteDesk {
  /// Of bodies, as they come and as works, in one turn: what comes after it is a work, and so is
  /// what comes while works wait. About a millisecond of lines.
  static constexpr std::size_t kBytesATurn = 8 * Intake::kSliceBytes;

  /// What the shortest costs: a request has a price of its own.
  static constexpr std::size_t kBytesLeast = 512;

  Intake* intake = nullptr;  // null: nothing takes lines here, and writes get 503
  http::Inflater inflater;
  std::size_t bytes_left = kBytesATurn;  // of this turn
  bool works_wait = false;

  /// For who comes now.
  bool turn_is_over() const { return bytes_left == 0 || works_wait; }
  /// A body that begins while the turn has room is taken whole.
  void take(std::size_t bytes) { bytes_left -= std::min(std::max(bytes, kBytesLeast), bytes_left); }
  void begin_turn() { bytes_left = kBytesATurn; }
};

}  // namespace gateway::server
