#pragma once
// WriteWork: the lines of one request on a write path, from what its head asks for to its answer.
// A short body is one step(); a long one is done a slice a turn. With ack=durable its outcome is a
// question: the answer is known, and told when all that it tells of is on disk. Its worker's thread
// only.
//
//   a retry of a batch   that is being taken: steps without a slice until it has been
//                        that was taken: hears what the first heard; with ack=durable when, and
//                        if, the first's samples are on disk

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/content_coding.h"
#include "gateway/http/response.h"
#include "gateway/server/answer.h"
#include "gateway/server/body_hold.h"
#include "gateway/server/counts.h"
#include "gateway/server/intake.h"
#include "gateway/server/work.h"
#include "gateway/server/write_wish.h"

namespace gateway::server {

/// Whose batch ids these are, and who it is that writes.
struct WriteOf {
  WriteWish wish;
  Peer client;
  std::string batch_key;  // empty: the request carries no id
  std::string path;
};

/// 413, or 400: the body is not what it says. Counted.
http::Response refuse_body(http::Inflater::Fault fault, std::string_view path, Counts* counts);
/// 503 for a body that finds no room beside the others that this worker holds, of all or of its own
/// address (limits.bodies).
http::Response no_room_for_body(BodyBook::Room room, std::string_view path);

class WriteWork final : public Work {
 public:
  /// `context` of the request; its site, desk and counts outlive the work.
  WriteWork(WriteOf of, const AnswerContext& context);
  /// The plain text, where the body is not that itself. Before keep().
  void keep_plain(std::vector<char> text) { plain_ = std::move(text); }
  /// Goes on with what this has begun to inflate of the body. Before keep().
  void go_on_with(http::Inflater inflater) { inflater_ = std::move(inflater); }
  /// As keep(), where `text` lives until the work is done.
  void lend(std::string_view text) { text_ = text; }

  void keep(std::string body) override;
  std::size_t held_bytes() const override {
    return body_.capacity() + (plain_ ? plain_->capacity() : 0) +
           (inflater_ ? inflater_->held_bytes() : 0);
  }
  bool give_up(BodyBook::Room room) override;
  Slice step() override;
  Outcome outcome() override { return *std::move(outcome_); }
  /// A batch of this id is being taken elsewhere: steps do nothing meanwhile.
  bool is_blocked() const { return blocked_; }

 private:
  enum class Begun : std::uint8_t { Reading, Blocked, Settled };
  Begun begin();
  Begun begin_batch();
  void finish();
  void settle(http::Response response, const std::optional<ingest::query::DurableAsk>& ask);
  ingest::query::DurableAnswer announce();
  Begun refuse_without_disk(ingest::query::DurableAnswer outlook);
  Slice inflate();

  const WriteOf of_;
  Intake& intake_;
  BatchBook& book_;
  ingest::query::DiskDoor* disk_;
  Counts* counts_;
  ingest::MonoTime began_;
  std::string body_;
  std::optional<std::vector<char>> plain_;
  std::optional<http::Inflater> inflater_;  // while there is more to inflate
  std::string_view text_;
  std::unique_ptr<LineReading> reading_;
  std::size_t left_ = 0;  // bytes that it has not taken
  std::optional<Outcome> outcome_;
  ingest::query::DurableAsk ask_;
  bool blocked_ = false;
};

}  // namespace gateway::server
