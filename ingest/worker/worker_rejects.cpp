// Lines that could not be read, on their way to whoever looks at them.

#include <utility>

#include "ingest/worker/worker.h"

namespace ingest::worker {
namespace {

constexpr Millis kRejectsEvery{250};

}  // namespace

// A flood of bad lines comes here as often as its lines do.
void Worker::keep_reject(const model::RejectedLine& line, RejectLog& log) {
  rejects_changed_ = true;
  if (!log.admits(loop_.mono())) return;
  see_time();
  log.keep(line, arrival_, series::sender_text(sources_.sender(line.source)));
}

void Worker::publish_rejects() {
  const MonoTime now = loop_.mono();
  if (!rejects_changed_ || now - rejects_at_ < kRejectsEvery) return;
  rejects_at_ = now;
  rejects_changed_ = false;
  auto view = std::make_shared<RejectsView>();
  for (const Entry& entry : entries_) {
    const RejectLog& log = entry.source->rejects;
    if (!log.empty()) view->push_back(log.view(entry.feed->name()));
  }
  RejectsPtr published = std::move(view);
  const std::lock_guard lock{rejects_mutex_};
  rejects_published_.swap(published);
}

Worker::RejectsPtr Worker::rejects() const {
  const std::lock_guard lock{rejects_mutex_};
  return rejects_published_;
}

}  // namespace ingest::worker
