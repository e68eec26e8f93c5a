#pragma once
// SampleBatch: samples on their way from a codec to the sink, so that the sink is called once for
// many. A feed may collect over several blocks (all datagrams of one read) and flush before their
// bytes die. Owned by one feed or worker and used again and again.

#include <array>
#include <cstddef>
#include <span>

#include "ingest/model/sample.h"

namespace ingest::codec {

class SampleBatch {
 public:
  explicit SampleBatch(model::SampleSink& sink) : sink_(sink) {}

  /// The next sample, to be written whole: it still holds an older one. It counts once keep() is
  /// called; before, draft() gives it again.
  model::Sample& draft() {
    if (count_ == samples_.size()) flush();
    return samples_[count_];
  }
  /// After draft().
  void keep() { ++count_; }
  model::Sample& next() {
    model::Sample& sample = draft();
    keep();
    return sample;
  }
  void push(const model::Sample& sample) { next() = sample; }
  void note(const model::Annotation& annotation) { sink_.note(annotation); }
  /// Hands over what there is. Call before the bytes that the samples look at change.
  void flush() {
    if (count_ == 0) return;
    sink_.take(std::span<const model::Sample>{samples_.data(), count_});
    count_ = 0;
  }

 private:
  model::SampleSink& sink_;
  std::array<model::Sample, model::SampleSink::kBatchMax> samples_{};
  std::size_t count_ = 0;
};

}  // namespace ingest::codec
