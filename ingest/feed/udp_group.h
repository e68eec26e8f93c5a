#pragma once
// The sockets of a UDP feed: one for each worker, all on one port (SO_REUSEPORT).

#include <cstddef>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/io/fd.h"
#include "ingest/io/log.h"
#include "ingest/io/socket.h"

namespace ingest::feed {

/// Binds `count` sockets to one port, each with a receive buffer of 8 MiB (a smaller one is logged
/// once). Refuses a port that another program has, even one that would share it. Port 0 takes one
/// free port for all.
Result<std::vector<io::Fd>> open_udp_group(const io::Address& address, std::size_t count,
                                           const io::Logger& log);

}  // namespace ingest::feed
