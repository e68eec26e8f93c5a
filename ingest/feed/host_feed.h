#pragma once
// HostFeed: this machine and this process, read from /proc, with OpenTelemetry's names; bytes and
// ratios 0 to 1.
//
//   system.cpu.utilization{mode}         gauge    system.network.io{device,direction}  counter,
//   bytes system.cpu.load_average.1m           gauge    system.disk.io{device,direction} counter,
//   bytes system.memory.usage{state}           gauge    process.cpu.utilization              gauge
//   system.memory.utilization{state}     gauge    process.memory.usage                 gauge
//                                                 process.open_file_descriptor.count   gauge
//
// One owner in the process: one worker, its thread only.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"
#include "ingest/feed/proc_text.h"
#include "ingest/io/event_loop.h"

namespace ingest::feed {

class HostFeed final : public Feed {
 public:
  struct Options {
    Millis every{1'000};
    std::string proc = "/proc";
    std::string sys = "/sys";
  };
  /// Reads first in the loop's next turn, again 250 ms later (utilization needs two readings), then
  /// `every`, in the middle of that interval of the wall clock, so that each pane of that size gets
  /// one reading. loop and sink outlive the feed.
  HostFeed(io::EventLoop& loop, model::SampleSink& sink, Options options);
  HostFeed(const HostFeed&) = delete;
  HostFeed& operator=(const HostFeed&) = delete;
  ~HostFeed() override;

 private:
  void run();
  void read_cpu();
  void read_load();
  void read_memory();
  void read_network();
  void read_disks();
  void read_process();
  std::optional<std::string_view> slurp(const std::string& path);
  void gauge(std::string_view name, std::string_view tags, double value);
  void count(std::string_view name, std::string_view tags, double value);
  struct IoNames {
    std::string_view metric;
    std::string_view in;
    std::string_view out;
  };
  void emit_io(const IoNames& names, const std::vector<proc::DeviceIo>& before,
               const std::vector<proc::DeviceIo>& now);
  Millis until_next() const;

  io::EventLoop& loop_;
  Options options_;
  codec::SampleBatch batch_;
  std::vector<char> text_;  // of the file read last
  bool read_once_ = false;
  std::optional<proc::CpuTimes> cpu_;
  std::vector<proc::DeviceIo> network_;
  std::vector<proc::DeviceIo> disks_;
  std::optional<std::chrono::nanoseconds> process_cpu_;
  MonoTime process_at_{};
  io::EventLoop::TimerId timer_ = 0;
};

}  // namespace ingest::feed
