#include "gateway/server/write_work.h"

#include <utility>

#include "gateway/server/fault_answer.h"
#include "gateway/server/write_desk.h"

namespace gateway::server {

WriteWork::WriteWork(WriteOf of, const AnswerContext& context)
    : of_(std::move(of)),
      intake_(*context.desk->intake),
      book_(*context.site.batches),
      counts_(context.counts),
      began_(context.mono) {}

void WriteWork::keep(std::string body) {
  if (plain_.empty()) {
    body_ = std::move(body);
    text_ = body_;
  } else {
    text_ = {plain_.data(), plain_.size()};
  }
}

bool WriteWork::step() {
  if (!reading_ && !begin()) return false;
  if (reading_->take_some()) return true;
  finish();
  return false;
}

/// False when a batch of this id was or is taken: response_ says so.
bool WriteWork::begin() {
  if (!of_.batch_key.empty()) {
    const BatchBook::Begun begun = book_.begin(of_.batch_key, began_);
    switch (begun.is) {
      case BatchBook::Is::Repeated:
        if (counts_ != nullptr) counts_->batches_repeated.add();
        response_ = taken_answer(begun.taken, of_.wish.dialect);
        response_->add("Weir-Batch", "repeated");
        return false;
      case BatchBook::Is::Busy:
        response_ = fault_answer(503, "A batch of this id is being taken right now", of_.path);
        response_->add("Retry-After", "1");
        return false;
      case BatchBook::Is::First:
        break;
    }
  }
  reading_ = intake_.begin(
      {.format = of_.wish.format, .times = of_.wish.times, .text = text_, .from = of_.client});
  return true;
}

void WriteWork::finish() {
  const Taken taken = reading_->taken();
  if (!of_.batch_key.empty()) book_.finish(of_.batch_key, taken);
  response_ = taken_answer(taken, of_.wish.dialect);
}

}  // namespace gateway::server
