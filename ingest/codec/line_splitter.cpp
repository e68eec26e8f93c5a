#include "ingest/codec/line_splitter.h"

#include <algorithm>

namespace ingest::codec {
namespace {

/// Memory grows by steps, not by doubling: a slow peer holds no more than its line.
constexpr std::size_t kStepBytes = 512;

}  // namespace

bool LineSplitter::fits(std::string_view bytes, Piece piece) const {
  const std::size_t end_bytes = piece == Piece::Ended ? 1 : 0;
  return pending_.size() + bytes.size() - end_bytes <= kLineBytesMax;
}

void LineSplitter::skip(LineLedger& ledger) {
  ++ledger.received;
  ledger.reject(Reject::LineTooLong);
  release();
  skipping_ = true;  // receive() calls release() at once where it saw the line's end
}

void LineSplitter::keep(std::string_view bytes) {
  const std::size_t needed = pending_.size() + bytes.size();
  if (needed > pending_.capacity()) {
    pending_.reserve((needed + kStepBytes - 1) / kStepBytes * kStepBytes);
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

void LineSplitter::release() {
  skipping_ = false;
  pending_.clear();
  // Not `= {}`, which would keep the memory.
  if (pending_.capacity() > kKeepBytes) std::vector<char>{}.swap(pending_);
}

void LineSplitter::close(LineLedger& ledger) {
  if (!pending_.empty()) {
    ++ledger.received;
    ++ledger.cut.tcp_tail;
  }
  release();
  ends_.reset();
}

}  // namespace ingest::codec
