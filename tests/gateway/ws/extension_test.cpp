// The negotiation of permessage-deflate: RFC 7692 section 7.1, websocket.md 21-27 and 55.
#include "gateway/ws/extension.h"

#include <gtest/gtest.h>

#include "gateway/ws/deflate.h"
#include "gateway/ws/extension_reader.h"

namespace gateway::ws {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::string_view kPlain =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// The answer, "none" or "malformed".
std::string answer_to(const Lines& lines) {
  const auto choice = choose_deflate(lines);
  if (!choice) return "malformed";
  return *choice ? (*choice)->answer : "none";
}

TEST(WsExtension, AnswersAnOfferWithBothTakeoverFlags) {
  for (const std::string_view offer :
       {"permessage-deflate", "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover",
        "permessage-deflate;client_no_context_takeover;server_no_context_takeover",
        " permessage-deflate ; client_max_window_bits = 10 ",
        "permessage-deflate; client_max_window_bits=8"}) {
    EXPECT_EQ(answer_to({offer}), kPlain) << offer;
  }
  EXPECT_EQ(answer_to({}), "none");
}

TEST(WsExtension, NeverAnswersClientMaxWindowBits) {
  // RFC 7692 section 7.1.2.2: not without an offer of it, and we have no need of it with one.
  for (const std::string_view offer :
       {"permessage-deflate", "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=9; server_max_window_bits=10"}) {
    EXPECT_EQ(answer_to({offer}).find("client_max_window_bits"), std::string::npos) << offer;
  }
}

TEST(WsExtension, KeepsTheServersWindowAsAsked) {
  for (int bits = 9; bits <= 15; ++bits) {
    const std::string asked = "; server_max_window_bits=" + std::to_string(bits);
    const std::string offer = "permessage-deflate" + asked;
    const auto choice = choose_deflate(Lines{offer});
    ASSERT_TRUE(choice && *choice);
    EXPECT_EQ((*choice)->answer, std::string{kPlain} + asked);
    EXPECT_EQ((*choice)->agreement,
              (DeflateAgreement{.server_max_window_bits = bits, .client_max_window_bits = 15}));
  }
}

TEST(WsExtension, ReadsAQuotedValue) {
  const std::string ten = std::string{kPlain} + "; server_max_window_bits=10";
  EXPECT_EQ(answer_to({R"(permessage-deflate; server_max_window_bits="10")"}), ten);
  EXPECT_EQ(answer_to({R"(permessage-deflate; server_max_window_bits="1\0")"}), ten);
  EXPECT_EQ(answer_to({R"(x; y="a,b;c\"d", permessage-deflate; server_max_window_bits="10")"}),
            ten);
}

TEST(WsExtension, DeclinesAnOfferThatItCannotTake) {
  for (const std::string_view parameters :
       {"unknown",
        "unknown=1",
        "server_max_window_bits",
        "server_max_window_bits=",
        "server_max_window_bits=7",
        "server_max_window_bits=8",
        "server_max_window_bits=16",
        "server_max_window_bits=08",
        "server_max_window_bits=010",
        "server_max_window_bits=1",
        "server_max_window_bits=100",
        "server_max_window_bits=-9",
        "server_max_window_bits=x",
        "server_max_window_bits=\"\"",
        "server_max_window_bits=\"1 0\"",
        "client_max_window_bits=7",
        "client_max_window_bits=16",
        "client_max_window_bits=08",
        "client_max_window_bits=",
        "server_no_context_takeover=1",
        "server_no_context_takeover=",
        "server_no_context_takeover=\"\"",
        "client_no_context_takeover=true",
        "Server_No_Context_Takeover",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover",
        "server_max_window_bits=10; server_max_window_bits=10",
        "client_max_window_bits; client_max_window_bits=10",
        "unknown; client_max_window_bits"}) {
    EXPECT_EQ(answer_to({"permessage-deflate; " + std::string{parameters}}), "none") << parameters;
  }
}

TEST(WsExtension, DeclinesWhatItDoesNotKnow) {
  EXPECT_EQ(answer_to({"x-webkit-deflate-frame"}), "none");
  EXPECT_EQ(answer_to({"permessage-bzip2; client_no_context_takeover, x"}), "none");
  EXPECT_EQ(answer_to({"permessage-deflate2", "xpermessage-deflate"}), "none");
}

TEST(WsExtension, TakesTheFirstOfferThatItCan) {
  EXPECT_EQ(answer_to({"permessage-deflate; server_max_window_bits=8, permessage-deflate"}),
            kPlain);
  EXPECT_EQ(answer_to({"permessage-deflate; unknown, permessage-deflate; "
                       "server_max_window_bits=12, permessage-deflate"}),
            std::string{kPlain} + "; server_max_window_bits=12");
  EXPECT_EQ(answer_to({"permessage-deflate, permessage-deflate; server_max_window_bits=12"}),
            kPlain);
}

TEST(WsExtension, ReadsSeveralLinesAsOneList) {
  EXPECT_EQ(answer_to({"x-unknown", "", " , permessage-deflate; server_max_window_bits=8 ,,",
                       "permessage-deflate; server_max_window_bits=11"}),
            std::string{kPlain} + "; server_max_window_bits=11");
}

TEST(WsExtension, RefusesAHeaderThatBreaksItsGrammar) {
  for (const std::string_view line :
       {"permessage-deflate;", "permessage-deflate;;", "; x", "=", "permessage-deflate x",
        "permessage-deflate; =10", "permessage-deflate; server_max_window_bits=\"10",
        "permessage-deflate; server_max_window_bits=\"10\\", "permessage-deflate; a=\"1\"2",
        "permessage-deflate; a=b=c", "(x)", "\"permessage-deflate\"", "x\x01y", "x; y=\xFF"}) {
    EXPECT_EQ(answer_to({line}), "malformed") << line;
    EXPECT_EQ(answer_to({"permessage-deflate", line}), "malformed") << line;
  }
  EXPECT_EQ(answer_to({"permessage-deflate;", "client_max_window_bits"}), "malformed");
}

/// Each name lies behind the one before it, so the reader never goes back. What that costs in time
/// is ws_bench's `offers`.
TEST(WsExtension, ReadsEightKibibytesAndNeverGoesBack) {
  for (const std::string_view unit :
       {"permessage-deflate; server_max_window_bits=8, ", "x,", ", ", "x;y=\"\\\"\\\"\"; z, ",
        "permessage-deflate; a; a; a; a; a; a, "}) {
    std::string line;
    while (line.size() < 8'192)
      line += unit;
    line += "permessage-deflate";
    EXPECT_EQ(answer_to({line}), kPlain) << unit;
    const Lines lines{line};
    ExtensionReader reader{lines};
    std::size_t read = 0;  // of the line
    for (auto part = reader.next(); part && *part; part = reader.next()) {
      const auto at = static_cast<std::size_t>((*part)->name.data() - lines.front().data());
      ASSERT_GE(at, read) << unit;
      read = at + (*part)->name.size();
    }
    EXPECT_EQ(read, line.size()) << unit;
  }
}

TEST(WsExtension, FitsAMessageToTheWindowByItsSize) {
  EXPECT_TRUE(fits_window(512, 9));
  EXPECT_FALSE(fits_window(513, 9));
  EXPECT_FALSE(fits_window(16'385, 14));
  EXPECT_TRUE(fits_window(1'000'000, 15));  // the compressor's own window
}

// ---- the client's side ----

/// "9/15" (the server's and the client's bits), "none", or the sentence.
std::string checked(const Lines& lines, Compression offered = Compression::Deflate) {
  const auto agreed = check_deflate_answer(lines, offered);
  if (!agreed) return agreed.error();
  if (!*agreed) return "none";
  return std::to_string((*agreed)->server_max_window_bits) + "/" +
         std::to_string((*agreed)->client_max_window_bits);
}

TEST(WsExtensionAnswer, IsTakenWithTheWindowsItNames) {
  EXPECT_EQ(checked({}), "none");
  EXPECT_EQ(checked({kPlain}), "15/15");
  EXPECT_EQ(checked({"permessage-deflate; server_no_context_takeover"}), "15/15");
  EXPECT_EQ(checked({std::string{kPlain} + "; server_max_window_bits=8; client_max_window_bits=9"}),
            "8/9");
  EXPECT_EQ(checked({std::string{kPlain} + "; client_max_window_bits=\"10\""}), "15/10");
}

TEST(WsExtensionAnswer, IsRefusedWithASentenceThatSaysWhy) {
  const std::string plain{kPlain};
  const struct {
    std::string answer;
    std::string_view says;
  } cases[] = {
      {"permessage-deflate", "keeps its compression context"},
      {"permessage-deflate; client_no_context_takeover", "keeps its compression context"},
      {plain + "; server_max_window_bits", "without a value"},
      {plain + "; client_max_window_bits", "without a value"},
      {plain + "; server_max_window_bits=16", "\"server_max_window_bits\""},
      {plain + "; client_max_window_bits=7", "\"client_max_window_bits\""},
      {plain + "; server_no_context_takeover", "\"server_no_context_takeover\""},
      {plain + "; x-unknown=1", "\"x-unknown\""},
      {plain + ", permessage-deflate", "twice"},
      {plain + ", x-other", "not offered: \"x-other\""},
      {"x-webkit-deflate-frame", "not offered: \"x-webkit-deflate-frame\""},
      {plain + ";", "malformed"},
  };
  for (const auto& one : cases)
    EXPECT_NE(checked({one.answer}).find(one.says), std::string::npos) << checked({one.answer});
}

TEST(WsExtensionAnswer, IsRefusedWhereNothingWasOffered) {
  EXPECT_EQ(checked({}, Compression::None), "none");
  EXPECT_NE(checked({kPlain}, Compression::None).find("not offered: \"permessage-deflate\""),
            std::string::npos);
}

TEST(WsExtensionAnswer, FitsBetweenOurTwoRoles) {
  const auto choice = choose_deflate(Lines{kDeflateOffer});
  ASSERT_TRUE(choice && *choice);
  EXPECT_EQ(checked({(*choice)->answer}), "15/15");
}

}  // namespace
}  // namespace gateway::ws
