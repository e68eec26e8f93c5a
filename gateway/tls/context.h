#pragma once
// Contexts: what the TLS connections of one side have in common: certificates, what is trusted,
// which versions are spoken. Know no socket. Built by the wiring or a tool, outlive their streams;
// any thread may make streams from them.
//
// Both speak TLS 1.2 and 1.3 with forward-secret AEAD ciphers, never renegotiate, never compress.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/tls/pem.h"
#include "ingest/base/result.h"

namespace gateway::tls {

/// What one load of the files gave. Immutable; streams keep it alive through their handshake.
class Certificates;

class ServerContext {
 public:
  /// At least one pair. The first is for clients that name no server or an unknown one; each other
  /// is for the names in it (SNI, RFC 6066 section 3). The error is a sentence that names a file.
  static ingest::Result<std::unique_ptr<ServerContext>> open(std::vector<CertificateFiles> files);
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;
  ~ServerContext();

  /// Any thread: reads the files again. New streams use what it found, those that are open go on as
  /// they are. After an error everything stays as it was.
  ingest::Result<void> reload();

  /// Any thread.
  std::shared_ptr<const Certificates> current() const;

 private:
  explicit ServerContext(std::vector<CertificateFiles> files);
  const std::vector<CertificateFiles> files_;
  mutable std::mutex mutex_;  // taken once a connection
  std::shared_ptr<const Certificates> current_;
};

class ClientContext {
 public:
  enum class Trust : std::uint8_t {
    System,   // the machine's store
    File,     // ca_file alone
    Anybody,  // no certificate is looked at: for tests and a person who says so
  };
  struct Options {
    Trust trust = Trust::System;
    std::string ca_file;  // PEM; only with Trust::File
  };
  /// The error is a sentence that names the file.
  static ingest::Result<std::unique_ptr<ClientContext>> open(const Options& options);
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;
  ~ClientContext();

  ssl_ctx_st& get() const { return *context_; }

 private:
  explicit ClientContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

}  // namespace gateway::tls
