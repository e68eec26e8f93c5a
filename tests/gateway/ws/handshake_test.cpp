#include "gateway/ws/handshake.h"

#include <gtest/gtest.h>

#include <array>

#include "gateway/ws/accept_key.h"

namespace gateway::ws {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::array<std::string_view, 2> kOurs{"weir.v2.json", "weir.v1.json"};

UpgradeRequest good() {
  UpgradeRequest request;
  request.is_get = true;
  request.connection = {"Upgrade"};
  request.upgrade = {"websocket"};
  request.version = {"13"};
  request.key = {kKey};
  return request;
}

std::string value_of(const HeaderLines& lines, std::string_view name) {
  for (const auto& [line_name, value] : lines) {
    if (line_name == name) return value;
  }
  return "none";
}

int status_of(const UpgradeRequest& request) {
  const auto answer = check_upgrade(request, kOurs);
  return answer ? 101 : answer.error().status;
}

void expect_426(const UpgradeRequest& request) {
  const auto answer = check_upgrade(request, kOurs);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 426);
  EXPECT_EQ(value_of(answer.error().headers, "Sec-WebSocket-Version"), "13");
  EXPECT_EQ(value_of(answer.error().headers, "Upgrade"), "websocket");
  EXPECT_EQ(value_of(answer.error().headers, "Connection"), "Upgrade");
  EXPECT_TRUE(answer.error().close);
  EXPECT_FALSE(answer.error().sentence.empty());
}

TEST(WsHandshake, AnswersTheExampleKeyOfTheRfc) {
  EXPECT_EQ(accept_key(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const auto answer = check_upgrade(good(), kOurs);
  ASSERT_TRUE(answer);
  EXPECT_EQ(value_of(answer->headers, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(value_of(answer->headers, "Upgrade"), "websocket");
  EXPECT_EQ(value_of(answer->headers, "Connection"), "Upgrade");
}

TEST(WsHandshake, Answers426ToAnotherVersionOrNone) {
  UpgradeRequest request = good();
  for (const std::string_view version : {"12", "8", "14", "013", "", "x"}) {
    request.version = {version};
    expect_426(request);
  }
  request.version = {};
  expect_426(request);
}

TEST(WsHandshake, Answers400ToTwoVersions) {
  UpgradeRequest request = good();
  request.version = {"13, 8"};
  EXPECT_EQ(status_of(request), 400);
  request.version = {"13", "8"};
  EXPECT_EQ(status_of(request), 400);
  request.version = {"13", "13"};
  EXPECT_EQ(status_of(request), 400);
}

TEST(WsHandshake, Answers400ToAKeyThatIsNot16BytesOfBase64) {
  UpgradeRequest request = good();
  for (const std::string_view key :
       {"", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZQAA", "AAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA=", "!!!!!!!!!!!!!!!!!!!!!!==",
        "dGhlIHNhbXBsZSBub25jZ===", "dGhlIHNhbXBsZ SBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==A"}) {
    request.key = {key};
    EXPECT_EQ(status_of(request), 400) << key;
  }
  request.key = {};
  EXPECT_EQ(status_of(request), 400);
  request.key = {kKey, kKey};
  EXPECT_EQ(status_of(request), 400);
}

TEST(WsHandshake, Answers405ToAnythingButGet) {
  UpgradeRequest request = good();
  request.is_get = false;
  const auto answer = check_upgrade(request, kOurs);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 405);
  EXPECT_EQ(value_of(answer.error().headers, "Allow"), "GET");
}

TEST(WsHandshake, IgnoresAnUpgradeInHttp10) {
  UpgradeRequest request = good();
  request.minor_version = 0;
  EXPECT_FALSE(asks_for_websocket(request));
  expect_426(request);
}

TEST(WsHandshake, FindsTheTokensInAnyCaseLineAndPlace) {
  UpgradeRequest request = good();
  request.connection = {"keep-alive, Upgrade"};
  EXPECT_EQ(status_of(request), 101);
  request.connection = {"keep-alive", " ,uPGRADE ,"};
  request.upgrade = {"h2c", "WebSocket"};
  EXPECT_EQ(status_of(request), 101);
}

TEST(WsHandshake, Answers426ToAnOrdinaryGet) {
  UpgradeRequest request = good();
  request.connection = {"keep-alive"};
  expect_426(request);
  request = good();
  request.upgrade = {"h2c"};
  expect_426(request);
  request.upgrade = {"websockets"};
  expect_426(request);
  request.connection = {"xupgrade, upgraded"};
  expect_426(request);
  UpgradeRequest plain;
  plain.is_get = true;
  expect_426(plain);
}

TEST(WsHandshake, Answers400ToABody) {
  UpgradeRequest request = good();
  request.has_body = true;
  const auto answer = check_upgrade(request, kOurs);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 400);
  EXPECT_TRUE(answer.error().close);
}

TEST(WsHandshake, ChoosesTheSubprotocolInOurOrder) {
  const auto chosen = [](std::vector<std::string_view> lines) {
    UpgradeRequest request = good();
    request.protocol = std::move(lines);
    const auto answer = check_upgrade(request, kOurs);
    if (!answer) return std::to_string(answer.error().status);
    EXPECT_EQ(value_of(answer->headers, "Sec-WebSocket-Protocol"),
              answer->protocol.empty() ? "none" : answer->protocol);
    return answer->protocol;
  };
  EXPECT_EQ(chosen({}), "");
  EXPECT_EQ(chosen({"weir.v1.json"}), "weir.v1.json");
  EXPECT_EQ(chosen({"weir.v1.json, weir.v2.json"}), "weir.v2.json");
  EXPECT_EQ(chosen({"other", "x, weir.v1.json"}), "weir.v1.json");
  EXPECT_EQ(chosen({"other"}), "400");
  EXPECT_EQ(chosen({"WEIR.V1.JSON"}), "400");
  EXPECT_EQ(chosen({"weir.v1.json, weir.v1.json"}), "400");
  EXPECT_EQ(chosen({"weir.v1.json", "weir.v1.json"}), "400");
  EXPECT_EQ(chosen({""}), "400");
  EXPECT_EQ(chosen({"we ir, weir.v1.json"}), "400");
}

TEST(WsHandshake, ListsOurSubprotocolsWhenNoneIsKnown) {
  UpgradeRequest request = good();
  request.protocol = {"mqtt"};
  const auto answer = check_upgrade(request, kOurs);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().sentence.find("weir.v2.json, weir.v1.json"), std::string::npos);
}

TEST(WsHandshake, AgreesOnDeflateWhereItIsOffered) {
  UpgradeRequest request = good();
  request.extensions = {"x-webkit", "permessage-deflate; server_max_window_bits=10"};
  const auto answer = check_upgrade(request, kOurs, Compression::Deflate);
  ASSERT_TRUE(answer);
  ASSERT_TRUE(answer->deflate);
  EXPECT_EQ(answer->deflate->server_max_window_bits, 10);
  EXPECT_EQ(value_of(answer->headers, "Sec-WebSocket-Extensions"),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=10");
}

TEST(WsHandshake, AnswersNoExtensionThatItDeclines) {
  UpgradeRequest request = good();
  for (const std::string_view offer :
       {"x-webkit", "permessage-deflate; server_max_window_bits=8", "", ", ,"}) {
    request.extensions = {offer};
    const auto answer = check_upgrade(request, kOurs, Compression::Deflate);
    ASSERT_TRUE(answer) << offer;
    EXPECT_EQ(answer->deflate, std::nullopt);
    EXPECT_EQ(value_of(answer->headers, "Sec-WebSocket-Extensions"), "none");
  }
}

TEST(WsHandshake, DeclinesDeflateWhereItIsTurnedOff) {
  UpgradeRequest request = good();
  request.extensions = {"permessage-deflate; client_max_window_bits", "x-webkit"};
  const auto answer = check_upgrade(request, kOurs, Compression::None);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->deflate, std::nullopt);
  EXPECT_EQ(value_of(answer->headers, "Sec-WebSocket-Extensions"), "none");
}

TEST(WsHandshake, Answers400ToExtensionsThatAreNoList) {
  UpgradeRequest request = good();
  request.extensions = {"permessage-deflate; =1"};
  for (const Compression compression : {Compression::None, Compression::Deflate}) {
    const auto answer = check_upgrade(request, kOurs, compression);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, 400);
  }
}

}  // namespace
}  // namespace gateway::ws
