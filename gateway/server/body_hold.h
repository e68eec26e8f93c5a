#pragma once
// BodyHold: the bytes of one request body that is coming in, as a part of all that its worker holds
// (limits.bodies). Gives them back when it goes. Its worker's thread only.

#include <cstddef>

namespace gateway::server {

class BodyHold {
 public:
  /// `all` is the worker's sum; it outlives this.
  explicit BodyHold(std::size_t& all) : all_(all) {}
  BodyHold(const BodyHold&) = delete;
  BodyHold& operator=(const BodyHold&) = delete;
  ~BodyHold() { hold(0); }

  void hold(std::size_t bytes) {
    all_ += bytes - bytes_;  // unsigned: a smaller number subtracts
    bytes_ = bytes;
  }

 private:
  std::size_t& all_;
  std::size_t bytes_ = 0;
};

}  // namespace gateway::server
