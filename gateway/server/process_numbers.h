#pragma once
// ProcessNumbers: what the kernel says of this process, by the names that Prometheus' client
// libraries share (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
// Any thread.

namespace gateway::server {

class Sheet;

/// Leaves out what /proc does not tell.
void write_process_numbers(Sheet& sheet);

}  // namespace gateway::server
