#pragma once
// Work: what a request asks of its own worker that is too long for one turn, as the lines of a long
// body are. A handler gives one in place of a response; the worker does slices of all works in
// turn, so many bytes in a turn of its loop, so that every other connection is served between. What
// is asked for while works wait becomes one, however short: nobody overtakes. What has begun is
// finished, also when the connection goes meanwhile: of a body all counts, or nothing. That
// worker's thread only.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gateway/http/response.h"
#include "gateway/publish/mail.h"
#include "gateway/server/body_hold.h"
#include "gateway/server/question.h"

namespace gateway::server {

class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;
  /// The body of the request, once, before the first step().
  virtual void keep(std::string body) = 0;
  /// The memory of bodies that it keeps.
  virtual std::size_t held_bytes() const = 0;
  struct Slice {
    bool more = false;
    std::size_t bytes = 0;  // that it read or inflated; 0 and more: it waits for another work
  };
  virtual Slice step() = 0;
  /// It holds more memory than there is for bodies. True: it has ended, and has done nothing.
  /// False: it has begun, and goes on.
  virtual bool give_up(BodyBook::Room /*room*/) { return false; }
  /// Once nothing is left.
  virtual Outcome outcome() = 0;
};

/// What a request gets: an answer, or one that comes in a later turn.
using Reply = std::variant<http::Response, Question, std::unique_ptr<Work>>;

/// The works of one worker. As many as it has connections at most, and in memory what
/// limits.bodies allows: each keeps its hold.
class WorkQueue {
 public:
  struct Job {
    publish::Subscriber who;  // waits for it, one at a time
    std::unique_ptr<Work> work;
    BodyHold hold;
  };

  void add(Job job) { jobs_.push_back(std::move(job)); }
  bool empty() const { return jobs_.empty(); }
  std::size_t size() const { return jobs_.size(); }
  struct Step {
    std::size_t bytes = 0;    // as of Work::Slice
    std::optional<Job> done;  // that was its last slice
  };
  /// A slice of the one whose turn it is.
  Step step() {
    if (jobs_.empty()) return {};
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    const Work::Slice slice = job.work->step();
    if (!slice.more) return {slice.bytes, std::move(job)};
    job.hold.hold(job.work->held_bytes());
    const BodyBook::Room room = job.hold.room();
    if (room != BodyBook::Room::Enough && job.work->give_up(room))
      return {slice.bytes, std::move(job)};
    jobs_.push_back(std::move(job));
    return {slice.bytes, std::nullopt};
  }

 private:
  std::deque<Job> jobs_;
};

}  // namespace gateway::server
