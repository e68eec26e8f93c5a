#pragma once
// Readers: every area of one machine, read one after another. Owned by the host feed, its thread
// only.

#include <cstddef>
#include <string>

#include "ingest/base/clock.h"
#include "ingest/host/cgroup.h"
#include "ingest/host/connections.h"
#include "ingest/host/cpu.h"
#include "ingest/host/disks.h"
#include "ingest/host/filesystems.h"
#include "ingest/host/interfaces.h"
#include "ingest/host/memory.h"
#include "ingest/host/network_faults.h"
#include "ingest/host/pressure.h"
#include "ingest/host/process.h"
#include "ingest/host/report.h"

namespace ingest::host {

class Readers {
 public:
  struct Options {
    std::string proc = "/proc";
    std::string sys = "/sys";
    Connections::Ask ask = Connections::Ask::Kernel;
  };
  explicit Readers(const Options& options)
      : cpu_(options.proc),
        memory_(options.proc),
        disks_(options.proc, options.sys),
        interfaces_(options.proc),
        faults_(options.proc),
        connections_(options.proc, options.ask),
        pressure_(options.proc),
        filesystems_(options.proc),
        process_(options.proc),
        cgroup_(options.proc, options.sys) {}

  /// One reading of everything.
  void read(Report& report, MonoTime now) {
    report.begin(now);
    cpu_.read(report);
    memory_.read(report);
    disks_.read(report);
    interfaces_.read(report);
    faults_.read(report);
    connections_.read(report, faults_.established());
    pressure_.read(report);
    filesystems_.read(report);
    process_.read(report);
    cgroup_.read(report);
  }
  /// Cores, disks, interfaces and filesystems without a row of their own, at the last reading.
  std::size_t folded() const {
    return cpu_.folded() + disks_.folded() + interfaces_.folded() + filesystems_.folded();
  }

 private:
  Cpu cpu_;
  Memory memory_;
  Disks disks_;
  Interfaces interfaces_;
  NetworkFaults faults_;
  Connections connections_;
  Pressure pressure_;
  Filesystems filesystems_;
  Process process_;
  Cgroup cgroup_;
};

}  // namespace ingest::host
