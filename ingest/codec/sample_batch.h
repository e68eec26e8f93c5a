#pragma once
// SampleBatch: samples on their way from a codec to the sink, so that the sink is called once for
// many. A feed may collect over several blocks (all datagrams of one read) and flush before their
// bytes die. Owned by one feed or worker and used again and again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ingest/model/sample.h"

namespace ingest::codec {

class SampleBatch {
 public:
  /// Drafts of one line; what is above kBatchMax is allocated when a line first needs it.
  static constexpr std::size_t kDraftsMax = 1024;

  explicit SampleBatch(model::SampleSink& sink)
      : sink_(sink), samples_(model::SampleSink::kBatchMax) {}

  /// The next sample, to be written whole: it still holds an older one. It counts once keep() is
  /// called; before, draft() gives it again.
  model::Sample& draft() {
    if (count_ >= model::SampleSink::kBatchMax) flush();
    return samples_[count_];
  }
  /// A further one of the same line, after `drafts` that are not kept yet. References to those may
  /// break. Null when there are kDraftsMax.
  model::Sample* draft_after(std::size_t drafts) {
    if (count_ + drafts == samples_.size() && !make_room(drafts)) return nullptr;
    return &samples_[count_ + drafts];
  }
  /// A draft, from the first that is not kept on.
  model::Sample& at(std::size_t draft) { return samples_[count_ + draft]; }
  /// The first `drafts` count now.
  void keep(std::size_t drafts = 1) { count_ += drafts; }
  model::Sample& next() {
    model::Sample& sample = draft();
    keep();
    return sample;
  }
  void push(const model::Sample& sample) { next() = sample; }
  /// Who sends what is kept from here on, until the next call: model::SampleSink::source_of(). At
  /// first nobody, 0.
  void from(std::uint32_t source) {
    if (source == source_) return;
    stamp();
    source_ = source;
  }
  /// At once, and so ahead of samples that are kept.
  void note(model::Annotation annotation) {
    annotation.source = source_;
    sink_.note(annotation);
  }
  /// At once, too.
  void reject(model::RejectedLine line) {
    line.source = source_;
    sink_.reject(line);
  }
  /// Hands over what there is, without drafts. Call before the bytes that the samples look at
  /// change.
  void flush() {
    stamp();
    std::span<const model::Sample> kept{samples_.data(), count_};
    while (!kept.empty()) {
      const std::size_t size = std::min(kept.size(), model::SampleSink::kBatchMax);
      sink_.take(kept.first(size));
      kept = kept.subspan(size);
    }
    count_ = 0;
    stamped_ = 0;
  }

 private:
  // Late, as a kept sample may still be written, and all at once.
  void stamp() {
    for (; stamped_ < count_; ++stamped_)
      samples_[stamped_].source = source_;
  }
  bool make_room(std::size_t drafts) {
    if (count_ == 0) {
      if (drafts == kDraftsMax) return false;
      samples_.resize(std::min(kDraftsMax, 2 * samples_.size()));
      return true;
    }
    const std::size_t kept = count_;
    flush();
    for (std::size_t i = 0; i < drafts; ++i)
      samples_[i] = samples_[kept + i];
    return true;
  }

  model::SampleSink& sink_;
  std::vector<model::Sample> samples_;
  std::size_t count_ = 0;
  std::size_t stamped_ = 0;  // of count_
  std::uint32_t source_ = 0;
};

}  // namespace ingest::codec
