#pragma once
// Pressure: for how long tasks stood still for want of CPU, memory or I/O. From /proc/pressure (the
// kernel's Documentation/accounting/psi.rst); a kernel without it has no such folder.
//
//   system.linux.psi.total_time{resource,stall_type}   counter, s; its rate is the share of time
//                                                      resource: cpu memory io irq; some, full

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/host/counter_table.h"
#include "ingest/host/report.h"
#include "ingest/host/source.h"

namespace ingest::host {

struct StallTimes {
  std::uint64_t some_us;  // kUnsaid where there is no such line
  std::uint64_t full_us;
};
/// "some avg10=0.00 avg60=0.00 avg300=0.00 total=123\nfull ...".
StallTimes parse_pressure(std::string_view text);

class Pressure {
 public:
  explicit Pressure(const std::string& proc);
  void read(Report& report);

 private:
  std::vector<Source> sources_;
  CounterTable table_;
};

}  // namespace ingest::host
