#pragma once
// Progress: one line on a terminal that the next one replaces: how far a long work has come, how
// fast it goes and how long it will take. Nothing of it is written where there is no terminal.
//
//   [#########---------------------]  31 %  93.2 MB of 300 MB, 34.1 MB/s, 6 s left

#include <cstdint>
#include <iosfwd>
#include <string>

#include "ingest/base/clock.h"

namespace gateway::cli {

/// `done` of `all` bytes (0: nobody knows how many) after `took`.
std::string progress_text(std::uint64_t done, std::uint64_t all, ingest::Millis took);

class Progress {
 public:
  /// What is over sooner is not told.
  static constexpr ingest::Millis kPatience{1'000};
  static constexpr ingest::Millis kEvery{200};

  /// On stderr, if that is a terminal.
  explicit Progress(std::ostream& err);
  Progress(std::ostream& err, bool shows) : err_(err), shows_(shows) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  void say(const std::string& text);
  /// To be called as often as one likes; the first call is the work's beginning.
  void at(ingest::MonoTime now, std::uint64_t done, std::uint64_t all);
  void clear();

 private:
  std::ostream& err_;
  bool shows_;
  bool has_text_ = false;
  bool begun_ = false;
  ingest::MonoTime begin_{};
  ingest::MonoTime next_{};
};

}  // namespace gateway::cli
