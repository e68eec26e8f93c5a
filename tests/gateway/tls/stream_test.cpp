#include "gateway/tls/stream.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>

#include "tests/gateway/tls/pair.h"

namespace tests {
namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

TEST(TlsStream, CarriesBytesBothWaysAfterTheHandshake) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake()) << pair.client->fault() << pair.server->fault();
  EXPECT_STREQ(pair.server->version(), "TLSv1.3");
  EXPECT_EQ(pair.server->protocol(), "http/1.1");
  EXPECT_EQ(Pair::write(*pair.client, "a question").bytes, 10U);
  EXPECT_EQ(Pair::read(*pair.server), "a question");
  EXPECT_EQ(Pair::write(*pair.server, "an answer").bytes, 9U);
  EXPECT_EQ(Pair::read(*pair.client), "an answer");
}

TEST(TlsStream, TakesManyBuffersAsOneRecord) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake());
  std::vector<iovec> buffers;
  std::string expected;
  constexpr std::string_view word = "word ";
  for (int i = 0; i < 64; ++i) {
    buffers.push_back(buffer_of(i % 8 == 0 ? "" : word));
    if (i % 8 != 0) expected += word;
  }
  const Stream::Answer answer = pair.server->write(buffers);
  EXPECT_EQ(answer.state, State::Done);
  EXPECT_EQ(answer.bytes, expected.size());
  char cipher[4096];
  const ssize_t sent = recv(pair.client_fd.get(), cipher, sizeof cipher, MSG_PEEK);
  EXPECT_LT(sent, static_cast<ssize_t>(expected.size() + 400));  // tickets and one record's frame
  EXPECT_EQ(Pair::read(*pair.client), expected);
}

TEST(TlsStream, ReadsOneByteAtATimeWithoutLosingAny) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake());
  const std::string text = pattern(1000);
  EXPECT_EQ(Pair::write(*pair.client, text).bytes, text.size());
  EXPECT_EQ(Pair::read(*pair.server, 1), text);
}

TEST(TlsStream, IsTheSameWhenTheRecordsComeByteByByte) {
  const Trusting trusting;
  Pair pair{trusting};
  // A pipe between the two whose bytes the test passes on one by one.
  int ends[2] = {-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  const ingest::io::Fd near{ends[0]};
  const ingest::io::Fd far{ends[1]};
  auto server = *Stream::server(*trusting.server, far.get(), pair.buffers);
  const auto pass_on = [&] {
    std::string heard;
    char byte = 0;
    while (recv(pair.server_fd.get(), &byte, 1, MSG_DONTWAIT) == 1) {
      EXPECT_EQ(send(near.get(), &byte, 1, MSG_DONTWAIT), 1);
      if (!server->is_ready()) {
        EXPECT_NE(server->handshake().state, State::Failed) << server->fault();
      }
      if (server->is_ready()) heard += Pair::read(*server);
    }
    return heard;
  };
  const auto answer = [&] {
    char bytes[8192];
    const ssize_t count = recv(near.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (count > 0) {
      EXPECT_EQ(send(pair.server_fd.get(), bytes, static_cast<std::size_t>(count), 0), count);
    }
  };
  for (int i = 0; i < 4 && !server->is_ready(); ++i) {
    EXPECT_NE(pair.client->handshake().state, State::Failed) << pair.client->fault();
    pass_on();
    answer();
  }
  ASSERT_TRUE(server->is_ready());
  EXPECT_EQ(Pair::write(*pair.client, "whole").bytes, 5U);
  EXPECT_EQ(pass_on(), "whole");
}

TEST(TlsStream, LosesNothingThatCameWithTheEndOfTheHandshake) {
  const Trusting trusting;
  Pair pair{trusting};
  while (!pair.client->is_ready()) {
    pair.client->handshake();
    if (!pair.client->is_ready()) pair.server->handshake();
  }
  // The client's Finished and its first words wait in one segment.
  EXPECT_EQ(Pair::write(*pair.client, "at once").bytes, 7U);
  const Stream::Answer done = pair.server->handshake();
  ASSERT_EQ(done.state, State::Done);
  EXPECT_TRUE(done.more);
  EXPECT_EQ(Pair::read(*pair.server), "at once");
}

TEST(TlsStream, BeginsWithBytesThatWereReceivedBefore) {
  const Trusting trusting;
  Pair pair{trusting};
  pair.client->handshake();
  std::vector<std::uint8_t> hello(4096);
  const ssize_t count = recv(pair.server_fd.get(), hello.data(), hello.size(), 0);
  ASSERT_GT(count, 100);
  pair.server->give(std::span{hello}.first(static_cast<std::size_t>(count)));
  EXPECT_TRUE(pair.shake()) << pair.server->fault();
}

TEST(TlsStream, HoldsABoundedAmountForAPeerThatDoesNotRead) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake());
  const std::string text = pattern(std::size_t{8} << 20);
  std::size_t taken = 0;
  for (int i = 0; i < 200; ++i) {
    const Stream::Answer answer = Pair::write(*pair.server, std::string_view{text}.substr(taken));
    taken += answer.bytes;
    EXPECT_LE(answer.bytes, Stream::kWriteBytes + Stream::kBatchBytes);
    if (answer.state == State::WantWrite) break;
  }
  EXPECT_TRUE(pair.server->holds_output());
  ASSERT_LT(taken, text.size());
  std::string heard;
  for (int i = 0; i < 1000 && heard.size() < text.size(); ++i) {
    heard += Pair::read(*pair.client);
    taken += Pair::write(*pair.server, std::string_view{text}.substr(taken)).bytes;
  }
  EXPECT_EQ(heard, text);
  EXPECT_FALSE(pair.server->holds_output());
}

TEST(TlsStream, MayBeGivenOtherBytesAfterAShortWrite) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake());
  const std::string text = pattern(std::size_t{4} << 20);
  std::size_t taken = 0;
  while (!pair.server->holds_output())
    taken += Pair::write(*pair.server, std::string_view{text}.substr(taken)).bytes;
  std::string heard;
  for (int i = 0; i < 1000 && (pair.server->holds_output() || heard.size() < taken); ++i) {
    heard += Pair::read(*pair.client);
    pair.server->flush();
  }
  EXPECT_EQ(heard, text.substr(0, taken));
  EXPECT_EQ(Pair::write(*pair.server, "something else").state, State::Done);
  EXPECT_EQ(Pair::read(*pair.client), "something else");
}

TEST(TlsStream, TellsAGentleEnd) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake());
  EXPECT_EQ(Pair::write(*pair.server, "last words").bytes, 10U);
  pair.server->finish();
  std::vector<std::uint8_t> bytes(Stream::kReadBytes);
  const Stream::Answer last = pair.client->read(bytes);
  EXPECT_EQ(last.state, State::Done);
  EXPECT_EQ(last.bytes, 10U);
  EXPECT_TRUE(last.more);
  EXPECT_EQ(pair.client->read(bytes).state, State::Closed);
  // The other half still carries (RFC 8446 section 6.1).
  EXPECT_EQ(Pair::write(*pair.client, "and mine").state, State::Done);
  EXPECT_EQ(Pair::read(*pair.server), "and mine");
}

TEST(TlsStream, ReadsWhatCameBeforeTheSocketsEnd) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake());
  EXPECT_EQ(Pair::write(*pair.client, "before the end").bytes, 14U);
  shutdown(pair.client_fd.get(), SHUT_WR);
  EXPECT_EQ(Pair::read(*pair.server), "before the end");
  std::vector<std::uint8_t> bytes(Stream::kReadBytes);
  EXPECT_EQ(pair.server->read(bytes).state, State::Closed);
}

TEST(TlsStream, FailsOnABrokenRecordAndSaysSoToThePeer) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake());
  constexpr std::string_view kBroken{"\x17\x03\x03\x00\x14rubbish rubbish rubb", 25};
  ASSERT_EQ(send(pair.client_fd.get(), kBroken.data(), kBroken.size(), 0), 25);
  std::vector<std::uint8_t> bytes(Stream::kReadBytes);
  EXPECT_EQ(pair.server->read(bytes).state, State::Failed);
  EXPECT_FALSE(pair.server->fault().empty());
  EXPECT_EQ(pair.server->read(bytes).state, State::Failed);
  EXPECT_EQ(Pair::write(*pair.server, "x").state, State::Failed);
  EXPECT_EQ(pair.client->read(bytes).state, State::Failed);
  EXPECT_NE(pair.client->fault().find("bad record mac"), std::string::npos) << pair.client->fault();
}

TEST(TlsStream, KnowsPlainHttpWhenItMeetsIt) {
  const Trusting trusting;
  for (const std::string_view request : {"GET / HTTP/1.1\r\n\r\n", "POST /x HTTP/1.1\r\n\r\n"}) {
    Pair pair{trusting};
    ASSERT_GT(send(pair.client_fd.get(), request.data(), request.size(), 0), 0);
    EXPECT_EQ(pair.server->handshake().state, State::Failed);
    EXPECT_TRUE(pair.server->met_plain_http()) << pair.server->fault();
  }
  Pair pair{trusting};
  ASSERT_GT(send(pair.client_fd.get(), "SSH-2.0-x\r\n", 11, 0), 0);
  EXPECT_EQ(pair.server->handshake().state, State::Failed);
  EXPECT_FALSE(pair.server->met_plain_http());
}

TEST(TlsStream, IsClosedWhenThePeerLeavesInTheHandshake) {
  const Trusting trusting;
  Pair pair{trusting};
  pair.client->handshake();
  pair.server->handshake();
  shutdown(pair.client_fd.get(), SHUT_WR);
  EXPECT_EQ(pair.server->handshake().state, State::Closed);
}

/// A client by OpenSSL's own hand that offers at most `version`.
TEST(TlsStream, RefusesVersionsBelow12) {
  const Trusting trusting;
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) {
    Pair pair{trusting};
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);  // else OpenSSL would not offer them at all
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, version);
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, pair.client_fd.get());
    State state = State::WantRead;
    for (int i = 0; i < 10 && state == State::WantRead; ++i) {
      SSL_connect(ssl);
      state = pair.server->handshake().state;
    }
    EXPECT_EQ(state, version == TLS1_2_VERSION ? State::Done : State::Failed) << version;
    if (state == State::Failed) {
      EXPECT_NE(pair.server->fault().find("unsupported protocol"), std::string::npos);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
}

TEST(TlsStream, AgreesOnHttp11OrBreaksOff) {
  const Trusting trusting;
  struct Offer {
    std::string_view protocols;
    State state;
    std::string chosen;
  };
  for (const Offer& offer : {Offer{"\x02h2\x08http/1.1", State::Done, "http/1.1"},
                             Offer{"\x02h2", State::Failed, ""}, Offer{"", State::Done, ""}}) {
    Pair pair{trusting};
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(offer.protocols.data()),
                            static_cast<unsigned>(offer.protocols.size()));
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, pair.client_fd.get());
    State state = State::WantRead;
    for (int i = 0; i < 10 && state == State::WantRead; ++i) {
      SSL_connect(ssl);
      state = pair.server->handshake().state;
    }
    EXPECT_EQ(state, offer.state) << pair.server->fault();
    if (state == State::Done) {
      EXPECT_EQ(pair.server->protocol(), offer.chosen);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
}

TEST(TlsStream, AnswersAKeyUpdateAndGoesOn) {
  const Trusting trusting;
  Pair pair{trusting};
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, pair.client_fd.get());
  for (int i = 0; i < 10 && !pair.server->is_ready(); ++i) {
    SSL_connect(ssl);
    pair.server->handshake();
  }
  ASSERT_TRUE(pair.server->is_ready());
  for (int i = 0; i < 10'000; ++i) {
    SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
    ASSERT_EQ(SSL_write(ssl, "x", 1), 1);
    ASSERT_EQ(Pair::read(*pair.server), "x");
    char bytes[64];
    if (i % 100 == 0) SSL_read(ssl, bytes, sizeof bytes);
  }
  EXPECT_EQ(Pair::write(*pair.server, "still here").state, State::Done);
  char heard[64] = {};
  EXPECT_EQ(SSL_read(ssl, heard, sizeof heard), 10);
  SSL_free(ssl);
  SSL_CTX_free(context);
}

/// A client that asks for key updates as fast as it can and reads none of the answers.
struct Flooder {
  explicit Flooder(Pair& pair) : context(SSL_CTX_new(TLS_client_method())), ssl(SSL_new(context)) {
    SSL_set_fd(ssl, pair.client_fd.get());
    for (int i = 0; i < 10 && !pair.server->is_ready(); ++i) {
      SSL_connect(ssl);
      pair.server->handshake();
    }
  }
  Flooder(const Flooder&) = delete;
  Flooder& operator=(const Flooder&) = delete;
  ~Flooder() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  bool ask() const {
    return SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1;
  }
  SSL_CTX* context;
  SSL* ssl;
};

TEST(TlsStream, StopsReadingWhereThePeerReadsNoneOfTheAnswersItAsksFor) {
  const Trusting trusting;
  Pair pair{trusting};
  const Flooder flooder{pair};
  ASSERT_TRUE(pair.server->is_ready());
  std::vector<std::uint8_t> room(Stream::kReadBytes);
  Stream::Answer answer;
  for (int i = 0; i < 100'000 && answer.state != State::WantWrite; ++i) {
    ASSERT_TRUE(flooder.ask());
    do {
      answer = pair.server->read(room);
      ASSERT_NE(answer.state, State::Failed) << pair.server->fault();
    } while (answer.more);
  }
  ASSERT_EQ(answer.state, State::WantWrite);
  EXPECT_TRUE(pair.server->holds_output());
  EXPECT_TRUE(pair.server->holds_input());
  EXPECT_EQ(pair.server->read(room).state, State::WantWrite);  // and so until it is flushed

  ASSERT_EQ(SSL_write(flooder.ssl, "a word", 6), 6);
  std::string heard;
  for (int i = 0; i < 1'000 && heard.empty(); ++i) {
    char bytes[64];
    SSL_read(flooder.ssl, bytes, sizeof bytes);
    pair.server->flush();
    if (!pair.server->holds_output()) heard += Pair::read(*pair.server);
  }
  EXPECT_EQ(heard, "a word");
}

TEST(TlsStream, ReadsWhatCameBeforeThoughItsWriteFailed) {
  const Trusting trusting;
  Pair pair{trusting};
  ASSERT_TRUE(pair.shake());
  EXPECT_EQ(Pair::write(*pair.client, "last words").bytes, 10U);
  pair.client_fd.reset();
  EXPECT_EQ(Pair::write(*pair.server, "nobody hears this").state, State::Failed);
  EXPECT_EQ(Pair::write(*pair.server, "nor this").state, State::Failed);
  EXPECT_TRUE(pair.server->met_socket_fault());
  EXPECT_FALSE(pair.server->fault().empty());
  EXPECT_FALSE(pair.server->holds_output());
  EXPECT_EQ(Pair::read(*pair.server), "last words");
}

}  // namespace
}  // namespace tests
