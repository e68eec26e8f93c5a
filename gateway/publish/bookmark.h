#pragma once
// Bookmark: where the reader of an event stream stands in each of its subscriptions, as the text of
// an event's `id:`, which a browser gives back as Last-Event-ID when it reconnects. Pure; part of
// an event stream, on its worker's thread.
//
//   01JDX8Q3;17.48213,0.0,19.77      epoch; ch.s of each subscription in order, 0.0 before its
//   state

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/publish/frame.h"
#include "gateway/publish/mail.h"

namespace gateway::publish {

class Subscriptions;

class Bookmark {
 public:
  /// No subscription has it: for one that was refused.
  static constexpr std::uint64_t kNobody = ~std::uint64_t{0};

  /// A subscription in the order of the request; `at` is where it goes on, ch 0 where nowhere.
  void add(std::uint64_t id, FramePlace at) { entries_.push_back({id, at}); }
  /// A frame with this place goes by.
  void pass(FramePlace place, const Subscriptions& subscriptions);
  /// Appends the text.
  void write(std::string_view epoch, const Subscriptions& subscriptions, std::string& out) const;

 private:
  struct Entry {
    std::uint64_t id = 0;
    FramePlace at;
  };
  std::vector<Entry> entries_;
};

/// One for each subscription, ch 0 where there is no place; none where the text is not ours.
std::vector<ResumePoint> read_bookmark(std::string_view text);

}  // namespace gateway::publish
