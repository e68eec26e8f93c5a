#include "gateway/server/write_work.h"

#include <utility>

#include "gateway/server/durable_answer.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/write_desk.h"

namespace gateway::server {

using ingest::query::DurableAnswer;

http::Response refuse_body(http::Inflater::Fault fault, std::string_view path, Counts* counts) {
  const bool too_big = fault == http::Inflater::Fault::TooBig;
  if (counts != nullptr)
    counts->write_refused(too_big ? WriteRefused::TooBig : WriteRefused::Damaged);
  if (too_big)
    return fault_answer(
        413, "The body is larger than limits.body once it is inflated; none of it counts", path);
  return fault_answer(
      400, "The body is not what its Content-Encoding says, or is cut off; none of it counts",
      path);
}

http::Response no_room_for_body(BodyBook::Room room, std::string_view path) {
  const bool one = room == BodyBook::Room::NoneForAddress;
  http::Response response = fault_answer(
      503,
      one ? "Too many bodies of this address are on their way at once (a quarter of "
            "limits.bodies); none of this one counts"
          : "Too many bodies are on their way at once (limits.bodies); none of this one counts",
      path);
  response.add("Retry-After", "1");
  response.close = true;
  return response;
}

WriteWork::WriteWork(WriteOf of, const AnswerContext& context)
    : of_(std::move(of)),
      intake_(*context.desk->intake),
      book_(*context.site.batches),
      disk_(context.site.disk),
      counts_(context.counts),
      began_(context.mono) {}

void WriteWork::keep(std::string body) {
  if (inflater_) {
    body_ = std::move(body);
    inflater_->moved(body_);
  } else if (plain_) {
    text_ = {plain_->data(), plain_->size()};
  } else {
    body_ = std::move(body);
    text_ = body_;
  }
}

Work::Slice WriteWork::step() {
  if (inflater_) return inflate();
  if (!reading_) {
    const Begun begun = begin();
    blocked_ = begun == Begun::Blocked;
    if (begun != Begun::Reading) return {.more = blocked_};
    left_ = text_.size();
  }
  const std::size_t before = std::exchange(left_, reading_->take_some());
  if (left_ > 0) return {.more = true, .bytes = before - left_};
  finish();
  return {.more = false, .bytes = before};
}

Work::Slice WriteWork::inflate() {
  const std::size_t before = inflater_->worked();
  const auto slice = inflater_->some();
  const std::size_t bytes = inflater_->worked() - before;
  if (!slice) {
    outcome_ = refuse_body(slice.error(), of_.path, counts_);
    return {.more = false, .bytes = bytes};
  }
  if (*slice == http::Inflater::Slice::More) return {.more = true, .bytes = bytes};
  plain_ = inflater_->take();
  inflater_.reset();
  text_ = {plain_->data(), plain_->size()};
  std::string{}.swap(body_);
  return {.more = true, .bytes = bytes};
}

bool WriteWork::give_up(BodyBook::Room room) {
  if (!inflater_) return false;
  if (counts_ != nullptr) {
    counts_->write_refused(room == BodyBook::Room::NoneForAddress ? WriteRefused::NoRoomOfOne
                                                                  : WriteRefused::NoRoom);
  }
  outcome_ = no_room_for_body(room, of_.path);
  return true;
}

WriteWork::Begun WriteWork::begin() {
  if (!of_.batch_key.empty()) {
    const Begun begun = begin_batch();
    if (begun != Begun::Reading) return begun;
  }
  if (disk_ != nullptr) ask_.losses = disk_->losses();
  const DurableAnswer outlook = announce();
  if (of_.wish.ack != Ack::Received && outlook != DurableAnswer::OnDisk)
    return refuse_without_disk(outlook);
  reading_ = intake_.begin(
      {.format = of_.wish.format, .times = of_.wish.times, .text = text_, .from = of_.client});
  return Begun::Reading;
}

WriteWork::Begun WriteWork::begin_batch() {
  BatchBook::Begun begun = book_.begin(of_.batch_key, began_);
  switch (begun.is) {
    case BatchBook::Is::First:
      return Begun::Reading;
    case BatchBook::Is::Busy:
      return Begun::Blocked;
    case BatchBook::Is::Torn:
      outcome_ = torn_answer(of_.path);
      return Begun::Settled;
    case BatchBook::Is::Repeated:
      break;
  }
  if (counts_ != nullptr) counts_->batches_repeated.add();
  http::Response response = taken_answer(begun.done.taken, of_.wish.dialect);
  response.add("Weir-Batch", "repeated");
  settle(std::move(response), begun.done.ask);
  return Begun::Settled;
}

/// Tells the disk of a batch, and what would become of it.
DurableAnswer WriteWork::announce() {
  if (disk_ == nullptr) return DurableAnswer::Off;
  const DurableAnswer outlook = disk_->outlook();
  const bool is_taken = of_.wish.ack == Ack::Received || outlook == DurableAnswer::OnDisk;
  if (of_.batch_key.empty() || !is_taken || disk_->batch_begins(of_.batch_key)) return outlook;
  return DurableAnswer::Away;
}

/// Before anything of it counts, so that it may be sent again.
WriteWork::Begun WriteWork::refuse_without_disk(DurableAnswer outlook) {
  if (!of_.batch_key.empty()) book_.abandon(of_.batch_key);
  if (counts_ != nullptr) counts_->write_refused(WriteRefused::NoDisk);
  outcome_ = no_disk_answer(outlook, of_.path);
  return Begun::Settled;
}

void WriteWork::finish() {
  const Taken taken = reading_->taken();
  ask_.folded = intake_.now();
  if (!of_.batch_key.empty()) {
    book_.finish(of_.batch_key, {taken, ask_});
    if (disk_ != nullptr) disk_->batch_taken(of_.batch_key, ask_.folded, pack_taken(taken));
  }
  settle(taken_answer(taken, of_.wish.dialect), ask_);
}

void WriteWork::settle(http::Response response,
                       const std::optional<ingest::query::DurableAsk>& ask) {
  if (of_.wish.ack == Ack::Received || !ask) {
    outcome_ = std::move(response);
    return;
  }
  const DurableOf of{
      .path = of_.path,
      .batch = of_.batch_key.empty() ? DurableOf::Batch::None : DurableOf::Batch::Id};
  const auto respond = [of, taken = std::move(response)](const publish::Answer& answer) {
    const auto* const durable = std::get_if<DurableAnswer>(&answer);
    return durable != nullptr ? durable_answer(*durable, taken, of) : durable_late_answer(of);
  };
  outcome_ = Question{.what = *ask, .respond = respond, .claim = Question::Claim::Owed};
}

}  // namespace gateway::server
