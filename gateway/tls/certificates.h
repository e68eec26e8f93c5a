#pragma once
// Certificates: the server's OpenSSL contexts of one load, one for each certificate, and the choice
// between them by the name that a client asks for. Part of this room's inside. Immutable.

#include <memory>
#include <string>
#include <vector>

#include "gateway/tls/pem.h"
#include "ingest/base/result.h"

namespace gateway::tls {

struct FreeContext {
  void operator()(ssl_ctx_st* context) const;
};
using ContextPtr = std::unique_ptr<ssl_ctx_st, FreeContext>;

class Certificates {
 public:
  static ingest::Result<std::shared_ptr<const Certificates>> load(
      const std::vector<CertificateFiles>& files);

  /// The context that a new connection begins with.
  ssl_ctx_st& first() const { return *contexts_.front(); }
  /// The one whose certificate names `host`, else the first.
  ssl_ctx_st& for_host(const std::string& host) const;

 private:
  std::vector<ContextPtr> contexts_;
};

}  // namespace gateway::tls
