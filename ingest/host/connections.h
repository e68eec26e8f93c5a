#pragma once
// Connections: TCP sockets by state.
//
//   system.network.connection.count{transport,state}   gauge; OpenTelemetry's eleven states
//
// How many are established and in time_wait is two numbers of /proc/net, whatever their count. The
// others are counted from the kernel's list without those two, so that the list is short, and the
// kernel's table is walked so seldom that it takes at most 0.1 % of a core (Pace): with very many
// sockets these numbers are some seconds old.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/host/pace.h"
#include "ingest/host/report.h"
#include "ingest/host/sock_diag.h"
#include "ingest/host/source.h"

namespace ingest::host {

/// /proc/net/sockstat: "TCP: inuse 5 orphan 0 tw 12 ...": the number in time_wait.
std::optional<std::uint64_t> parse_time_wait(std::string_view sockstat);

class Connections {
 public:
  enum class Ask {
    Kernel,     // of this machine
    FilesOnly,  // of the files below `proc` alone
  };
  Connections(const std::string& proc, Ask ask);
  /// `established`: with those in close_wait, as /proc/net/snmp counts them.
  void read(Report& report, std::optional<std::uint64_t> established);

 private:
  void walk(Report& report);

  Source sockstat_;
  Ask ask_;
  SockDiag diag_;
  Pace pace_;
  std::optional<TcpCounts> others_;
  bool refused_ = false;
};

}  // namespace ingest::host
