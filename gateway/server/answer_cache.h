#pragma once
// AnswerCache: answers that cost much and may be a little old, by what was asked and with which
// rights. Any thread; all workers share one.
//
//   find() -> Fresh: give it
//          -> Due:   work it out, then keep() or give_up(); others get the old one meanwhile

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"

namespace gateway::server {

class AnswerCache {
 public:
  /// Who works one out and is not heard of again has let it go.
  static constexpr ingest::Millis kPatience{10'000};
  static constexpr std::size_t kAnswersMax = 64;  // the one asked for longest ago goes first

  enum class Is : std::uint8_t {
    Fresh,  // `body` may be given
    Due,    // the caller is to work it out
  };
  using Body = std::shared_ptr<const std::string>;
  struct Found {
    Is is = Is::Due;
    Body body{};
  };
  /// It is fresh for so long after it was begun.
  Found find(std::string_view key, ingest::MonoTime now, ingest::Millis fresh_for);
  void keep(std::string_view key, Body body);
  void give_up(std::string_view key);

 private:
  struct Answer {
    std::string key;
    Body body{};
    ingest::MonoTime made{};   // as of when `body` is
    ingest::MonoTime begun{};  // when somebody went to work it out anew
    bool under_way = false;
  };
  std::list<Answer>::iterator find_answer(std::string_view key);

  std::mutex mutex_;           // held for a moment, a few times a second
  std::list<Answer> answers_;  // the one asked for last in front
};

}  // namespace gateway::server
