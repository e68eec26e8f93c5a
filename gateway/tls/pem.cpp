#include "gateway/tls/pem.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "gateway/tls/fault.h"
#include "ingest/base/freed.h"
#include "ingest/io/fd.h"
#include "ingest/io/socket.h"

namespace gateway::tls {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Freed;
using ingest::Result;

using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

Failure<Error> failure(const std::string& what) {
  return Failure{Error{EINVAL, what}};
}

Result<std::string> read_file(const char* what, const std::string& path) {
  const auto refused = [&](const std::string& why) {
    return failure(std::string{what} + " " + path + " cannot be read: " + why);
  };
  const ingest::io::Fd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd) return refused(ingest::io::errno_text(errno));
  std::string text;
  std::array<char, 16'384> block{};
  for (;;) {
    const ssize_t count = read(fd.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused(ingest::io::errno_text(errno));
    if (count == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > kPemBytesMax) return refused("it is larger than 1 MiB");
  }
}

/// Nobody is there to be asked for a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return -1;
}

Bio reader(const std::string& text) {
  return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

Result<void> use_chain(SSL_CTX& context, const std::string& path) {
  const std::string text = TRY(read_file("the certificate", path));
  const Bio bio = reader(text);
  const Certificate own{PEM_read_bio_X509_AUX(bio.get(), nullptr, no_passphrase, nullptr)};
  if (!own) return failure("the certificate " + path + " holds no certificate in PEM");
  if (SSL_CTX_use_certificate(&context, own.get()) != 1) {
    return failure("the certificate " + path +
                   " cannot be used: " + take_fault("OpenSSL refuses it").sentence);
  }
  SSL_CTX_clear_chain_certs(&context);
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)}) {
    if (SSL_CTX_add0_chain_cert(&context, next.get()) != 1) {
      return failure("the chain in " + path +
                     " cannot be used: " + take_fault("OpenSSL refuses it").sentence);
    }
    static_cast<void>(next.release());  // the context has it now
  }
  // The end of the file counts as an error. Any other is a certificate that the clients would miss.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return failure("the chain in " + path + " cannot be used: " +
                   take_fault("a certificate after the first is damaged").sentence);
  }
  ERR_clear_error();
  return {};
}

Result<void> use_key(SSL_CTX& context, const CertificateFiles& files) {
  const std::string text = TRY(read_file("the key", files.key));
  const Bio bio = reader(text);
  const Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
  ERR_clear_error();
  if (!key) return failure("the key " + files.key + " holds no unencrypted private key in PEM");
  if (X509_check_private_key(SSL_CTX_get0_certificate(&context), key.get()) != 1) {
    ERR_clear_error();
    return failure("the key " + files.key + " does not match the certificate " + files.cert);
  }
  if (SSL_CTX_use_PrivateKey(&context, key.get()) != 1) {
    return failure("the key " + files.key +
                   " cannot be used: " + take_fault("OpenSSL refuses it").sentence);
  }
  return {};
}

}  // namespace

Result<void> load(ssl_ctx_st& context, const CertificateFiles& files) {
  ERR_clear_error();
  TRY(use_chain(context, files.cert));
  return use_key(context, files);
}

}  // namespace gateway::tls
