#pragma once
// RealClock: the kernel's wall and monotonic clocks. Stateless, so any thread may use one object.

#include "ingest/base/clock.h"

namespace ingest::io {

class RealClock final : public Clock {
 public:
  WallTime wall() const override {
    return std::chrono::floor<Millis>(std::chrono::system_clock::now());
  }
  MonoTime mono() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace ingest::io
