// The client's half of the opening handshake: RFC 6455 section 4.1, websocket.md 55.
#include "gateway/ws/client_handshake.h"

#include <gtest/gtest.h>

#include "gateway/ws/accept_key.h"
#include "gateway/ws/handshake.h"

namespace gateway::ws {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

ClientOffer offer() {
  return {.key = std::string{kKey},
          .protocols = {"weir.v2.json", "weir.v1.json"},
          .compression = Compression::Deflate};
}

UpgradeAnswer good() {
  UpgradeAnswer answer;
  answer.status = 101;
  answer.connection = {"Upgrade"};
  answer.upgrade = {"websocket"};
  answer.accept = {kAccept};
  return answer;
}

/// "" when the answer is fine.
std::string wrong(const UpgradeAnswer& answer, const ClientOffer& offered = offer()) {
  const auto opened = check_answer(answer, offered);
  return opened ? "" : opened.error();
}

void expect_says(const UpgradeAnswer& answer, std::string_view what) {
  EXPECT_NE(wrong(answer).find(what), std::string::npos) << '"' << wrong(answer) << '"';
}

TEST(WsClientHandshake, MakesTheKeyOfTheRfc) {
  HandshakeNonce nonce{};
  const std::string_view text = "the sample nonce";
  std::copy(text.begin(), text.end(), nonce.begin());
  EXPECT_EQ(client_key(nonce), kKey);
  EXPECT_TRUE(is_valid_key(client_key(HandshakeNonce{})));
}

TEST(WsClientHandshake, AsksWithTheHeadersThatAServerWants) {
  EXPECT_EQ(request_headers(offer()),
            (HeaderLines{{"Upgrade", "websocket"},
                         {"Connection", "Upgrade"},
                         {"Sec-WebSocket-Version", "13"},
                         {"Sec-WebSocket-Key", std::string{kKey}},
                         {"Sec-WebSocket-Protocol", "weir.v2.json, weir.v1.json"},
                         {"Sec-WebSocket-Extensions", std::string{kDeflateOffer}}}));
  const HeaderLines plain = request_headers({.key = std::string{kKey}, .protocols = {}});
  EXPECT_EQ(plain.size(), 4U);
}

TEST(WsClientHandshake, TakesAGoodAnswer) {
  EXPECT_EQ(wrong(good()), "");
  UpgradeAnswer answer = good();
  answer.connection = {"keep-alive", "x, UPGRADE"};
  answer.upgrade = {"WebSocket"};
  answer.protocol = {"weir.v1.json"};
  answer.extensions = {"permessage-deflate; server_no_context_takeover; server_max_window_bits=12"};
  const auto opened = check_answer(answer, offer());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->protocol, "weir.v1.json");
  EXPECT_EQ(opened->deflate,
            (DeflateAgreement{.server_max_window_bits = 12, .client_max_window_bits = 15}));
}

TEST(WsClientHandshake, TakesAnAnswerThatChoosesNothing) {
  const auto opened = check_answer(good(), offer());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->protocol, "");
  EXPECT_EQ(opened->deflate, std::nullopt);
}

TEST(WsClientHandshake, RefusesAStatusThatIsNot101) {
  for (const int status : {100, 102, 200, 301, 400, 401, 404, 426, 503}) {
    UpgradeAnswer answer = good();
    answer.status = status;
    expect_says(answer, "answered " + std::to_string(status) + " instead of 101");
  }
}

TEST(WsClientHandshake, RefusesAnAnswerWithoutUpgrade) {
  for (const std::vector<std::string_view>& lines :
       {std::vector<std::string_view>{}, {"h2c"}, {"websockets"}, {"websocket", "websocket"}}) {
    UpgradeAnswer answer = good();
    answer.upgrade = lines;
    expect_says(answer, "Upgrade: websocket");
  }
}

TEST(WsClientHandshake, RefusesAnAnswerWithoutConnection) {
  for (const std::vector<std::string_view>& lines :
       {std::vector<std::string_view>{}, {"keep-alive"}, {"upgraded"}}) {
    UpgradeAnswer answer = good();
    answer.connection = lines;
    expect_says(answer, "Connection: Upgrade");
  }
}

TEST(WsClientHandshake, RefusesAMissingOrWrongAccept) {
  UpgradeAnswer answer = good();
  answer.accept = {};
  expect_says(answer, "lacks Sec-WebSocket-Accept");
  answer.accept = {kAccept, kAccept};
  expect_says(answer, "Sec-WebSocket-Accept twice");
  for (const std::string_view accept :
       {"", "x", "dGhlIHNhbXBsZSBub25jZQ==", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=="}) {
    answer.accept = {accept};
    expect_says(answer, "Sec-WebSocket-Accept is not the answer to our key");
  }
}

TEST(WsClientHandshake, RefusesASubprotocolThatWasNotOffered) {
  UpgradeAnswer answer = good();
  for (const std::string_view chosen : {"mqtt", "WEIR.V1.JSON", "", "weir.v2.json, weir.v1.json"}) {
    answer.protocol = {chosen};
    expect_says(answer, "subprotocol that was not offered: \"" + std::string{chosen} + "\"");
  }
  answer.protocol = {"weir.v1.json", "weir.v1.json"};
  expect_says(answer, "Sec-WebSocket-Protocol twice");
  answer.protocol = {"weir.v1.json"};
  EXPECT_NE(wrong(answer, {.key = std::string{kKey}, .protocols = {}}), "");
}

TEST(WsClientHandshake, RefusesAnExtensionThatWasNotOffered) {
  UpgradeAnswer answer = good();
  answer.extensions = {"x-other"};
  expect_says(answer, "extension that was not offered: \"x-other\"");
  answer.extensions = {"permessage-deflate; server_no_context_takeover"};
  EXPECT_NE(wrong(answer, {.key = std::string{kKey}, .protocols = {}}), "");
}

TEST(WsClientHandshake, TellsAPeersWordsShortAndPrintable) {
  UpgradeAnswer answer = good();
  const std::string chosen = "a\x01\xFF" + std::string(1'000, 'b');
  answer.protocol = {chosen};
  const std::string sentence = wrong(answer);
  EXPECT_LE(sentence.size(), 200U);
  EXPECT_NE(sentence.find("\"a??bbb"), std::string::npos);
}

TEST(WsClientHandshake, AgreesWithOurServer) {
  const ClientOffer ours = offer();
  UpgradeRequest request;
  request.is_get = true;
  const HeaderLines lines = request_headers(ours);
  request.upgrade = {lines[0].second};
  request.connection = {lines[1].second};
  request.version = {lines[2].second};
  request.key = {lines[3].second};
  request.protocol = {lines[4].second};
  request.extensions = {lines[5].second};
  const std::string_view known[] = {"weir.v1.json"};
  const auto upgrade = check_upgrade(request, known, Compression::Deflate);
  ASSERT_TRUE(upgrade);
  UpgradeAnswer answer;
  answer.status = 101;
  answer.upgrade = {upgrade->headers[0].second};
  answer.connection = {upgrade->headers[1].second};
  answer.accept = {upgrade->headers[2].second};
  answer.protocol = {upgrade->headers[3].second};
  answer.extensions = {upgrade->headers[4].second};
  const auto opened = check_answer(answer, ours);
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ(opened->protocol, "weir.v1.json");
  EXPECT_EQ(opened->deflate, upgrade->deflate);
}

}  // namespace
}  // namespace gateway::ws
