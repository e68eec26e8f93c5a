#pragma once
// Door: what the configuration says of HTTP's sockets, opened: certificates first, then addresses.
// Owned by the wiring.

#include <memory>

#include "gateway/config/config.h"
#include "gateway/server/listener.h"
#include "gateway/tls/context.h"
#include "ingest/base/result.h"

namespace gateway::cli {

/// Null where no certificate is configured. The error is a sentence that names key and file.
ingest::Result<std::unique_ptr<tls::ServerContext>> open_tls(const config::Config& config);

struct Door {
  std::unique_ptr<tls::ServerContext> tls;  // null: plain HTTP
  std::unique_ptr<server::Listener> listener;
};
/// The error is a sentence that names the file or the address.
ingest::Result<Door> open_door(const config::Config& config);

}  // namespace gateway::cli
