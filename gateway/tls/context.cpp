#include "gateway/tls/context.h"

#include <openssl/ssl.h>

#include <cerrno>
#include <utility>

#include "gateway/tls/certificates.h"
#include "gateway/tls/fault.h"
#include "gateway/tls/settings.h"
#include "ingest/base/check.h"

namespace gateway::tls {

using ingest::Error;
using ingest::Failure;
using ingest::Result;

// ---- the server's side ----

ServerContext::ServerContext(std::vector<CertificateFiles> files) : files_(std::move(files)) {}
ServerContext::~ServerContext() = default;

Result<std::unique_ptr<ServerContext>> ServerContext::open(std::vector<CertificateFiles> files) {
  CHECK(!files.empty());
  std::unique_ptr<ServerContext> context{new ServerContext(std::move(files))};
  TRY(context->reload());
  return context;
}

Result<void> ServerContext::reload() {
  auto fresh = TRY(Certificates::load(files_));
  const std::lock_guard lock{mutex_};
  current_.swap(fresh);
  return {};
}

std::shared_ptr<const Certificates> ServerContext::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

// ---- the client's side ----

ClientContext::~ClientContext() {
  SSL_CTX_free(context_);
}

Result<std::unique_ptr<ClientContext>> ClientContext::open(const Options& options) {
  ContextPtr context{SSL_CTX_new(TLS_client_method())};
  if (!context || !apply_common(*context) ||
      SSL_CTX_set_alpn_protos(context.get(), kProtocols.data(), kProtocols.size()) != 0) {
    return Failure{Error{ENOMEM, "cannot prepare TLS: " + take_fault("out of memory").sentence}};
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  const bool verifies = options.trust != Trust::Anybody;
  SSL_CTX_set_verify(context.get(), verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (options.trust == Trust::System && SSL_CTX_set_default_verify_paths(context.get()) != 1) {
    return Failure{Error{EIO, "the machine's store of certificates cannot be read: " +
                                  take_fault("OpenSSL refuses it").sentence}};
  }
  if (options.trust == Trust::File &&
      SSL_CTX_load_verify_file(context.get(), options.ca_file.c_str()) != 1) {
    return Failure{
        Error{EINVAL, "the certificates to trust in " + options.ca_file +
                          " cannot be read: " + take_fault("it holds none in PEM").sentence}};
  }
  return std::unique_ptr<ClientContext>{new ClientContext(context.release())};
}

}  // namespace gateway::tls
