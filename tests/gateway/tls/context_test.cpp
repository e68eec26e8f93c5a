#include "gateway/tls/context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/gateway/tls/pair.h"

namespace tests {
namespace {

using gateway::tls::CertificateFiles;
using support::Authority;

std::string refusal(const CertificateFiles& files) {
  const auto opened = ServerContext::open({files});
  return opened ? "" : opened.error().what;
}

TEST(TlsServerContext, NamesTheFileThatCannotBeUsed) {
  const Authority authority;
  authority.issue("a", "DNS:localhost");
  authority.issue("b", "DNS:localhost");
  const std::string cert = authority.cert("a");
  const std::string none = authority.file("none.pem");
  const std::string text = authority.file("text.pem");
  std::ofstream{text} << "no PEM at all";
  EXPECT_EQ(refusal({cert, authority.key("a")}), "");
  EXPECT_EQ(refusal({none, authority.key("a")}),
            "the certificate " + none + " cannot be read: no such file or directory");
  EXPECT_EQ(refusal({text, authority.key("a")}),
            "the certificate " + text + " holds no certificate in PEM");
  EXPECT_EQ(refusal({cert, none}),
            "the key " + none + " cannot be read: no such file or directory");
  EXPECT_EQ(refusal({cert, text}), "the key " + text + " holds no unencrypted private key in PEM");
  EXPECT_EQ(refusal({cert, authority.key("b")}),
            "the key " + authority.key("b") + " does not match the certificate " + cert);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(TlsServerContext, RefusesADamagedCertificateBehindTheFirst) {
  const Authority authority;
  authority.issue("a", "DNS:localhost");
  const auto text_of = [](const std::string& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
  };
  const std::string own = text_of(authority.cert("a"));
  const std::string issuer = text_of(authority.ca_file());
  std::string flipped = issuer;
  flipped[issuer.find('\n') + 20] = '!';
  const std::string chain = authority.file("chain.pem");
  for (const std::string& damaged : {flipped, issuer.substr(0, issuer.size() / 2)}) {
    std::ofstream{chain} << own << damaged;
    EXPECT_TRUE(refusal({chain, authority.key("a")})
                    .starts_with("the chain in " + chain + " cannot be used: "))
        << refusal({chain, authority.key("a")});
  }
  std::ofstream{chain} << own << issuer << "words behind the last are no certificate\n";
  EXPECT_EQ(refusal({chain, authority.key("a")}), "");
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(TlsServerContext, AsksNobodyForAPassphrase) {
  const Authority authority;
  authority.issue("a", "DNS:localhost");
  const std::string locked = authority.file("locked.key");
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  FILE* file = std::fopen(locked.c_str(), "w");
  constexpr unsigned char kPhrase[] = "secret";
  PEM_write_PrivateKey(file, key.get(), EVP_aes_128_cbc(), kPhrase, 6, nullptr, nullptr);
  std::fclose(file);
  EXPECT_EQ(refusal({authority.cert("a"), locked}),
            "the key " + locked + " holds no unencrypted private key in PEM");
}

TEST(TlsServerContext, SendsTheWholeChain) {
  const Trusting trusting;
  const std::string both = trusting.authority.file("both.pem");
  std::ofstream{both} << std::ifstream{trusting.authority.cert("server")}.rdbuf()
                      << std::ifstream{trusting.authority.ca_file()}.rdbuf();
  const auto server = ServerContext::open({{both, trusting.authority.key("server")}});
  ASSERT_TRUE(server.has_value()) << server.error().what;
  Pair pair{trusting};
  auto stream = *Stream::server(**server, pair.server_fd.get(), pair.buffers);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, pair.client_fd.get());
  for (int i = 0; i < 10 && SSL_connect(ssl) != 1; ++i)
    stream->handshake();
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(ssl)), 2);
  SSL_free(ssl);
  SSL_CTX_free(context);
}

TEST(TlsServerContext, ChoosesTheCertificateByTheNameThatIsAskedFor) {
  const Trusting trusting;
  trusting.authority.issue("two", "DNS:two.example,DNS:*.two.example");
  const auto server =
      ServerContext::open({{trusting.authority.cert("server"), trusting.authority.key("server")},
                           {trusting.authority.cert("two"), trusting.authority.key("two")}});
  ASSERT_TRUE(server.has_value());
  for (const char* host : {"localhost", "two.example", "www.two.example", "127.0.0.1"}) {
    Pair pair{**server, *trusting.client, host};
    EXPECT_TRUE(pair.shake()) << host << ": " << pair.client->fault();
    EXPECT_EQ(pair.client->protocol(), "http/1.1") << host;
  }
  Pair other{**server, *trusting.client, "three.example"};
  EXPECT_FALSE(other.shake());
}

TEST(TlsServerContext, ReloadGivesNewStreamsTheNewCertificateAndLeavesTheOldAlone) {
  const Trusting trusting;
  Pair before{trusting};
  ASSERT_TRUE(before.shake());
  Pair amid{trusting};
  amid.client->handshake();
  amid.server->handshake();
  // The same files, now for another name.
  trusting.authority.issue("server", "DNS:other.example");
  ASSERT_TRUE(trusting.server->reload().has_value());
  EXPECT_TRUE(amid.shake()) << amid.client->fault();
  EXPECT_EQ(Pair::write(*before.client, "still").bytes, 5U);
  EXPECT_EQ(Pair::read(*before.server), "still");
  Pair old_name{trusting};
  EXPECT_FALSE(old_name.shake());
  Pair new_name{trusting, "other.example"};
  EXPECT_TRUE(new_name.shake()) << new_name.client->fault();
}

TEST(TlsServerContext, ABadReloadKeepsTheOldCertificateAndSaysWhy) {
  const Trusting trusting;
  std::filesystem::remove(trusting.authority.key("server"));
  const auto reloaded = trusting.server->reload();
  ASSERT_FALSE(reloaded.has_value());
  EXPECT_NE(reloaded.error().what.find(trusting.authority.key("server")), std::string::npos);
  Pair pair{trusting};
  EXPECT_TRUE(pair.shake()) << pair.client->fault();
}

TEST(TlsClientContext, RefusesACertificateForAnotherName) {
  const Trusting trusting;
  for (const char* host : {"example.org", "127.0.0.2", "::1"}) {
    Pair pair{trusting, host};
    EXPECT_FALSE(pair.shake()) << host;
    EXPECT_EQ(pair.client_state, State::Failed);
    EXPECT_NE(pair.client->fault().find("certificate verify failed"), std::string::npos)
        << pair.client->fault();
    EXPECT_NE(pair.client->fault().find("mismatch"), std::string::npos) << pair.client->fault();
  }
}

TEST(TlsClientContext, AcceptsAnAddressThatTheCertificateNames) {
  const Trusting trusting;
  Pair pair{trusting, "127.0.0.1"};
  EXPECT_TRUE(pair.shake()) << pair.client->fault();
}

TEST(TlsClientContext, RefusesWhomItDoesNotTrust) {
  const Trusting trusting;
  const Authority stranger;
  const auto file =
      ClientContext::open({.trust = ClientContext::Trust::File, .ca_file = stranger.ca_file()});
  const auto system = ClientContext::open({});
  ASSERT_TRUE(file.has_value() && system.has_value());
  for (const auto* context : {&*file, &*system}) {
    Pair pair{*trusting.server, **context, "localhost"};
    EXPECT_FALSE(pair.shake());
    EXPECT_NE(pair.client->fault().find("certificate verify failed"), std::string::npos)
        << pair.client->fault();
  }
}

TEST(TlsClientContext, TrustsAnybodyWhenToldTo) {
  const Trusting trusting;
  const auto anybody = ClientContext::open({.trust = ClientContext::Trust::Anybody, .ca_file = ""});
  ASSERT_TRUE(anybody.has_value());
  Pair pair{*trusting.server, **anybody, "example.org"};
  EXPECT_TRUE(pair.shake()) << pair.client->fault();
}

TEST(TlsClientContext, NamesTheFileOfAuthoritiesThatCannotBeRead) {
  const auto opened =
      ClientContext::open({.trust = ClientContext::Trust::File, .ca_file = "/nowhere/ca.pem"});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().what.find("/nowhere/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace tests
