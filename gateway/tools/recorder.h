#pragma once
// Recorder: what arrives, written to a recording with its time, and passed on where that is wanted.
// Owned by `weir record`; its loop's thread.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "gateway/tools/line_post.h"
#include "gateway/tools/record_sockets.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/record/recording_writer.h"

namespace gateway::tools {

class Recorder final : public ArrivalSink {
 public:
  struct Parts {
    ingest::record::RecordingWriter writer;
    std::optional<LinePost> forward;  // over UDP, which never blocks
    const ingest::Clock* clock = nullptr;
    std::function<void()> done;  // once: the file is full, or cannot be written
  };
  explicit Recorder(Parts parts);

  void datagram(std::string_view bytes, Whole whole) override;
  void piece(std::uint32_t connection, std::string_view bytes) override;
  void closed(std::uint32_t connection) override;
  void dropped(std::uint64_t count) override;
  void refused() override { ++refused_; }

  /// Hands what has arrived to the system, so that a kill takes no more than came since.
  void flush();
  /// Ends the file. Once. The error is that of the first write that failed.
  ingest::Result<void> finish();

  bool is_full() const { return full_; }
  const ingest::record::Totals& totals() const { return parts_.writer.totals(); }
  /// Datagrams that could not be passed on.
  std::uint64_t not_forwarded() const { return not_forwarded_; }
  /// Connections that had no place.
  std::uint64_t refused_connections() const { return refused_; }

 private:
  std::chrono::nanoseconds since_start() const { return parts_.clock->mono() - start_; }
  void add(ingest::record::Kind kind, std::uint32_t connection, std::string_view bytes);
  void took(const ingest::Result<ingest::record::RecordingWriter::Took>& took);
  void give_up(const ingest::Error& fault);
  void pass_on(std::string_view bytes);
  bool is_over() const { return full_ || fault_.has_value(); }

  Parts parts_;
  ingest::MonoTime start_;
  bool full_ = false;
  std::optional<ingest::Error> fault_;
  std::uint64_t not_forwarded_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace gateway::tools
