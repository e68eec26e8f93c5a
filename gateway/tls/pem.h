#pragma once
// PEM files: a certificate chain and its key, from disk into an OpenSSL context. Part of this
// room's inside. Any thread.

#include <cstddef>
#include <string>

#include "ingest/base/result.h"

struct ssl_ctx_st;

namespace gateway::tls {

/// Bytes of one PEM file at most.
constexpr std::size_t kPemBytesMax = std::size_t{1} << 20;

/// Two paths: the certificate first and then those that lead to its root; the key, unencrypted.
struct CertificateFiles {
  std::string cert;
  std::string key;
  bool operator==(const CertificateFiles&) const = default;
};

/// The error is a sentence that names the file and says whether it cannot be read, holds nothing of
/// use, or does not match the other.
ingest::Result<void> load(ssl_ctx_st& context, const CertificateFiles& files);

}  // namespace gateway::tls
