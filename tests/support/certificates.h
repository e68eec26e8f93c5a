#pragma once
// Certificates: a small authority of a test's own, and PEM files that it writes into a folder which
// goes with it. Elliptic keys, so that making one costs nothing.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/temporary_folder.h"

namespace tests::support {

class Authority {
 public:
  /// `name` is what its own certificate says.
  explicit Authority(const std::string& name = "Weir test authority")
      : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
    fill(certificate_.get(), name, key_.get());
    extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    write_certificate(ca_file());
  }

  /// What a client must trust.
  std::string ca_file() const { return folder_.path("ca.pem"); }
  std::string file(const std::string& name) const { return folder_.path(name); }

  /// Writes NAME.pem and NAME.key, for `hosts` as OpenSSL writes them: "DNS:localhost,
  /// IP:127.0.0.1".
  void issue(const std::string& name, const std::string& hosts) const {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const std::unique_ptr<X509, void (*)(X509*)> leaf{X509_new(), X509_free};
    fill(leaf.get(), name, key.get());
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate_.get()));
    extend(leaf.get(), NID_subject_alt_name, hosts);
    X509_sign(leaf.get(), key_.get(), EVP_sha256());
    FILE* file = std::fopen(cert(name).c_str(), "w");
    PEM_write_X509(file, leaf.get());
    std::fclose(file);
    file = std::fopen(this->key(name).c_str(), "w");
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }
  std::string cert(const std::string& name) const { return folder_.path(name + ".pem"); }
  std::string key(const std::string& name) const { return folder_.path(name + ".key"); }

 private:
  static void fill(X509* certificate, const std::string& name, EVP_PKEY* key) {
    constexpr long kDay = 86'400;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial());
    X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(certificate), kDay);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
  }
  static void extend(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static long& serial() {
    static long last = 0;
    return last;
  }
  void write_certificate(const std::string& path) const {
    FILE* file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate_.get());
    std::fclose(file);
  }

  TemporaryFolder folder_;
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
  std::unique_ptr<X509, void (*)(X509*)> certificate_;
};

}  // namespace tests::support
