#include "gateway/tls/certificates.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "gateway/tls/fault.h"
#include "gateway/tls/settings.h"

namespace gateway::tls {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Result;

/// RFC 7301 section 3.2: who offers only what we do not speak is told so.
// NOLINTNEXTLINE(readability-function-size): OpenSSL says what it passes.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* /*context*/) {
  unsigned char* found = nullptr;
  const int answer = SSL_select_next_proto(&found, size, kProtocols.data(), kProtocols.size(),
                                           offered, offered_size);
  if (answer != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

/// Called while a ClientHello is read. Without a name, or with one that no certificate holds, the
/// first certificate stays.
int choose_certificate(SSL* ssl, int* /*alert*/, void* certificates) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX& context = static_cast<const Certificates*>(certificates)->for_host(name);
  if (&context != SSL_get_SSL_CTX(ssl)) SSL_set_SSL_CTX(ssl, &context);
  return SSL_TLSEXT_ERR_OK;
}

ContextPtr make_context() {
  ContextPtr context{SSL_CTX_new(TLS_server_method())};
  if (!context || !apply_common(*context)) return nullptr;
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  // Tickets carry the state to the client; we keep none.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  constexpr std::size_t kTickets = 1;
  SSL_CTX_set_num_tickets(context.get(), kTickets);
  constexpr std::array<unsigned char, 4> kSessions{'w', 'e', 'i', 'r'};
  SSL_CTX_set_session_id_context(context.get(), kSessions.data(), kSessions.size());
  return context;
}

}  // namespace

void FreeContext::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<std::shared_ptr<const Certificates>> Certificates::load(
    const std::vector<CertificateFiles>& files) {
  auto all = std::make_shared<Certificates>();
  for (const CertificateFiles& pair : files) {
    ContextPtr context = make_context();
    if (!context) {
      return Failure{Error{ENOMEM, "cannot prepare TLS: " + take_fault("out of memory").sentence}};
    }
    TRY(tls::load(*context, pair));
    all->contexts_.push_back(std::move(context));
  }
  SSL_CTX_set_tlsext_servername_callback(all->contexts_.front().get(), choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(all->contexts_.front().get(), all.get());
  return std::shared_ptr<const Certificates>{std::move(all)};
}

ssl_ctx_st& Certificates::for_host(const std::string& host) const {
  for (const ContextPtr& context : contexts_) {
    X509* certificate = SSL_CTX_get0_certificate(context.get());
    if (X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1) return *context;
  }
  return first();
}

}  // namespace gateway::tls
