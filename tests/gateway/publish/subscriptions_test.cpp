#include "gateway/publish/subscriptions.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gateway::publish {
namespace {

using ingest::Millis;

constexpr const char* kSub = R"({"t":"sub","id":1,"q":{"metric":"a"}})";

/// One connection, and what it would send.
struct Stand {
  Stand() {
    desk.rules.epoch = "01JDX8Q3";
    desk.rules.commands.subs_max = 3;
  }
  void say(const std::string& text) { subs.receive(text, desk, now); }
  std::vector<std::string> due(std::size_t frames_max = 64) {
    std::vector<FramePtr> frames;
    subs.due(desk, now, frames, frames_max);
    subs.sent(desk, now, frames.size());
    std::vector<std::string> texts;
    for (const FramePtr& frame : frames)
      texts.emplace_back(frame->payload());
    return texts;
  }
  template <class T>
  std::vector<T> to_hub() {
    std::vector<T> found;
    for (auto& message : std::exchange(desk.to_hub, {})) {
      if (std::holds_alternative<T>(message)) found.push_back(std::get<T>(std::move(message)));
    }
    return found;
  }
  /// The hub accepts subscription `id` with its newest ticket, on channel `ch`.
  void accept(std::uint64_t id, std::uint32_t ticket, ChannelId ch) {
    subs.told({who, make_frame("subd" + std::to_string(id)), Verdict::Accepted, id, ticket, ch},
              desk, now);
  }
  void join(ChannelId ch, Sequence next) {
    subs.joined({who, 0, ch, {make_frame("snap" + std::to_string(next - 1))}, next}, desk);
  }
  void publish(ChannelId ch, Sequence s) {
    desk.replicas.publish({ch, s, make_frame("u" + std::to_string(s))}, Millis{0});
  }

  Subscriber who{0, 5, 1};
  Desk desk;
  Subscriptions subs{who, 0xC9F2A1};
  Subscriptions::Now now{ingest::MonoTime{std::chrono::seconds{100}},
                         ingest::wall_from_ms(1'764'000'000'123)};
};

std::string code_in(const std::string& text) {
  const auto at = text.find("\"n\":");
  return at == std::string::npos ? "" : text.substr(at + 4, 4);
}

TEST(Subscriptions, HelloIsAnsweredByWelcomeAndItsSubsGoOutTogether) {
  Stand stand;
  EXPECT_FALSE(stand.subs.is_live());
  stand.say(R"({"t":"hello","v":1,"subs":[{"id":1,"q":{"metric":"a"}},{"id":1,"q":{"metric":"b"}},)"
            R"({"id":2,"q":{"metric":"c"},"rate":250}]})");
  EXPECT_TRUE(stand.subs.is_live());
  const auto texts = stand.due();
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_NE(texts[0].find(R"("t":"welcome","v":1,"epoch":"01JDX8Q3","session":"c9f2a1")"),
            std::string::npos);
  EXPECT_EQ(code_in(texts[1]), "7001");
  const auto subscribes = stand.to_hub<Subscribe>();
  ASSERT_EQ(subscribes.size(), 2U);
  EXPECT_EQ(subscribes[0].following, 1U);
  EXPECT_EQ(subscribes[1].following, 0U);
  EXPECT_EQ(subscribes[1].rate, Millis{250});
}

TEST(Subscriptions, AFirstSubWithoutHelloIsAccepted) {
  Stand stand;
  stand.say(kSub);
  EXPECT_TRUE(stand.subs.is_live());
  EXPECT_TRUE(stand.due().empty());
  EXPECT_EQ(stand.to_hub<Subscribe>().size(), 1U);
  stand.say(R"({"t":"hello","v":1})");
  EXPECT_EQ(code_in(stand.due().at(0)), "6002");
}

TEST(Subscriptions, AnythingElseBeforeHelloIsOutOfOrder) {
  Stand stand;
  stand.say(R"({"t":"ping","n":1})");
  EXPECT_EQ(code_in(stand.due().at(0)), "6002");
  EXPECT_FALSE(stand.subs.is_live());
}

TEST(Subscriptions, SilenceBeforeHelloEndsWith4008AndOnlyBefore) {
  Stand silent;
  silent.subs.hello_overdue();
  EXPECT_EQ(silent.subs.close_code(), CloseCode::HelloTimeout);
  Stand talking;
  talking.say(kSub);
  talking.subs.hello_overdue();
  EXPECT_EQ(talking.subs.close_code(), std::nullopt);
}

TEST(Subscriptions, AnotherVersionEndsWith4000) {
  Stand stand;
  stand.say(R"({"t":"hello","v":2})");
  EXPECT_EQ(code_in(stand.due().at(0)), "6003");
  EXPECT_EQ(stand.subs.close_code(), CloseCode::BadProtocol);
}

TEST(Subscriptions, RefusalsAreAnsweredAndTheConnectionGoesOn) {
  Stand stand;
  stand.say(kSub);
  const std::vector<std::pair<std::string, std::string>> cases{
      {"nonsense", "2001"},
      {R"({"t":"sub","id":2})", "6004"},
      {kSub, "7001"},
      {R"({"t":"unsub","id":9})", "7002"},
      {R"({"t":"mod","id":9,"rate":250})", "7002"},
      {R"({"t":"sub","id":2,"q":{"metric":"a","stats":["median"]}})", "2004"},
      {R"({"t":"what"})", "6001"},
  };
  for (const auto& [text, code] : cases) {
    stand.say(text);
    EXPECT_EQ(code_in(stand.due().at(0)), code) << text;
  }
  EXPECT_EQ(stand.subs.close_code(), std::nullopt);
  EXPECT_EQ(stand.desk.refusals.total(), cases.size());
  EXPECT_EQ(stand.desk.refusals.of(ingest::query::Code::SubUnknownId), 2U);
  stand.say(R"({"t":"ping","n":7})");
  EXPECT_EQ(stand.due().at(0), R"({"t":"pong","n":7})");
}

TEST(Subscriptions, AConnectionHasAMaximumOfSubscriptions) {
  Stand stand;
  for (int id = 1; id <= 3; ++id) {
    stand.say(R"({"t":"sub","id":)" + std::to_string(id) + R"(,"q":{"metric":"a"}})");
  }
  EXPECT_TRUE(stand.due().empty());
  stand.say(R"({"t":"sub","id":4,"q":{"metric":"a"}})");
  EXPECT_EQ(code_in(stand.due().at(0)), "3001");
  stand.say(R"({"t":"unsub","id":2})");
  stand.say(R"({"t":"sub","id":4,"q":{"metric":"a"}})");
  EXPECT_EQ(stand.due(), std::vector<std::string>{R"({"t":"unsubd","id":2})"});
}

TEST(Subscriptions, TenErrorsInTenSecondsEndWith4009) {
  Stand stand;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(stand.subs.close_code(), std::nullopt);
    stand.say("nonsense");
    stand.now.mono += Millis{1'100};
  }
  EXPECT_EQ(stand.subs.close_code(), CloseCode::TooManyErrors);
  EXPECT_EQ(stand.due().size(), 10U) << "each is answered";
  stand.say("nonsense");
  EXPECT_TRUE(stand.due().empty()) << "what comes after is not read";
}

TEST(Subscriptions, WhoGivesUpWhatWasAnsweredMeanwhileIsNotAtFault) {
  Stand stand;
  stand.say(kSub);
  (void)stand.due();
  for (int i = 0; i < 30; ++i) {
    stand.say(i % 2 == 0 ? R"({"t":"unsub","id":9})" : R"({"t":"mod","id":9,"rate":250})");
    EXPECT_EQ(code_in(stand.due().at(0)), "7002");
  }
  EXPECT_EQ(stand.subs.close_code(), std::nullopt);
}

TEST(Subscriptions, ErrorsSpreadOverMoreThanTenSecondsAreForgiven) {
  Stand stand;
  for (int i = 0; i < 50; ++i) {
    stand.say("nonsense");
    stand.now.mono += Millis{1'200};
    stand.due();
  }
  EXPECT_EQ(stand.subs.close_code(), std::nullopt);
}

TEST(Subscriptions, ARefusalOfTheHubFreesTheId) {
  Stand stand;
  stand.say(kSub);
  stand.subs.told({stand.who, make_frame("err"), Verdict::Refused, 1, 1, 0}, stand.desk, stand.now);
  EXPECT_EQ(stand.due(), std::vector<std::string>{"err"});
  EXPECT_EQ(stand.subs.size(), 0U);
  stand.say(kSub);
  EXPECT_TRUE(stand.due().empty());
}

TEST(Subscriptions, FramesOfAChannelComeAfterSubdAndSnapshot) {
  Stand stand;
  stand.say(kSub);
  stand.publish(17, 4);  // for somebody else of this worker
  stand.accept(1, 1, 17);
  stand.publish(17, 5);
  EXPECT_EQ(stand.due(), std::vector<std::string>{"subd1"});
  stand.join(17, 6);
  stand.publish(17, 6);
  EXPECT_EQ(stand.due(), (std::vector<std::string>{"snap5", "u6"}));
}

TEST(Subscriptions, ReadersAreNamedToWhoPumpsThem) {
  Stand stand;
  stand.say(kSub);
  stand.accept(1, 1, 17);
  stand.join(17, 1);
  stand.due();
  const auto readers = stand.desk.replicas.publish({17, 1, make_frame("u1")}, Millis{0});
  ASSERT_EQ(readers.size(), 1U);
  EXPECT_EQ(readers[0], stand.who);
  stand.say(R"({"t":"unsub","id":1})");
  EXPECT_TRUE(stand.desk.replicas.publish({17, 2, make_frame("u2")}, Millis{0}).empty());
  EXPECT_EQ(stand.due(), std::vector<std::string>{R"({"t":"unsubd","id":1})"}) << "at once";
  stand.desk.replicas.gone(17);
  EXPECT_EQ(stand.desk.replicas.size(), 0U);
}

TEST(Subscriptions, AnswersToASubscriptionThatLeftAreIgnoredEvenWhenItsIdIsBack) {
  Stand stand;
  stand.say(kSub);
  stand.say(R"({"t":"unsub","id":1})");
  stand.say(kSub);
  stand.due();
  stand.accept(1, 1, 17);  // the first one's
  stand.join(17, 1);
  EXPECT_TRUE(stand.due().empty());
  EXPECT_EQ(stand.desk.replicas.size(), 0U);
  stand.accept(1, 2, 18);
  stand.join(18, 1);
  EXPECT_EQ(stand.due(), (std::vector<std::string>{"subd1", "snap0"}));
}

TEST(Subscriptions, TwoIdsOfOneChannelShareItsFrames) {
  Stand stand;
  stand.say(kSub);
  stand.say(R"({"t":"sub","id":2,"q":{"metric":"a"}})");
  stand.accept(1, 1, 17);
  stand.join(17, 1);
  stand.publish(17, 1);
  stand.accept(2, 2, 17);
  stand.join(17, 2);
  stand.publish(17, 2);
  EXPECT_EQ(stand.due(), (std::vector<std::string>{"subd1", "subd2", "u1", "snap1", "u2"}));
  stand.say(R"({"t":"unsub","id":1})");
  stand.publish(17, 3);
  EXPECT_EQ(stand.due(), (std::vector<std::string>{R"({"t":"unsubd","id":1})", "u3"}));
}

TEST(Subscriptions, AReaderThatFellOffIsToldAndAsksForASnapshot) {
  Stand stand;
  stand.desk.replicas = ChannelReplicas{{Millis{0}, 1, 1'000'000, 4}};
  stand.say(kSub);
  stand.accept(1, 1, 17);
  stand.join(17, 1);
  stand.due();
  for (Sequence s = 1; s <= 20; ++s)
    stand.publish(17, s);
  EXPECT_EQ(stand.due(), std::vector<std::string>{
                             R"({"t":"gap","ch":17,"from":1,"to":20,"why":"slow","next":"snap"})"});
  const auto wants = stand.to_hub<WantSnapshot>();
  ASSERT_EQ(wants.size(), 1U);
  EXPECT_EQ(wants[0].ch, 17U);
  EXPECT_EQ(stand.desk.gaps, 1U);
  stand.publish(17, 21);
  EXPECT_TRUE(stand.due().empty());
  stand.join(17, 22);
  EXPECT_EQ(stand.due(), std::vector<std::string>{"snap21"});
}

TEST(Subscriptions, NoChannelStarvesAnother) {
  Stand stand;
  stand.say(kSub);
  stand.say(R"({"t":"sub","id":2,"q":{"metric":"b"}})");
  for (const ChannelId ch : {17U, 18U}) {
    stand.accept(ch - 16, ch - 16, ch);
    stand.join(ch, 1);
  }
  stand.due();
  std::string order;
  for (Sequence s = 1; s <= 4; ++s) {
    stand.desk.replicas.publish({17, s, make_frame("a")}, Millis{0});
    stand.desk.replicas.publish({18, s, make_frame("b")}, Millis{0});
    order += stand.due(1).at(0);
  }
  EXPECT_NE(order.find('a'), std::string::npos);
  EXPECT_NE(order.find('b'), std::string::npos);
}

TEST(Subscriptions, PauseStopsFramesAndItsEndBringsASnapshot) {
  Stand stand;
  stand.say(kSub);
  stand.accept(1, 1, 17);
  stand.join(17, 1);
  stand.due();
  stand.say(R"({"t":"mod","id":1,"pause":true})");
  stand.publish(17, 1);
  EXPECT_EQ(stand.due(), std::vector<std::string>{R"({"t":"paused","id":1,"why":"asked"})"});
  stand.say(R"({"t":"mod","id":1,"pause":false})");
  EXPECT_EQ(stand.to_hub<WantSnapshot>().size(), 1U);
  stand.join(17, 2);
  EXPECT_EQ(stand.due(), std::vector<std::string>{"snap1"});
}

TEST(Subscriptions, AnIdThatIsNotPausedWakesAChannelThatIs) {
  Stand stand;
  stand.say(kSub);
  stand.accept(1, 1, 17);
  stand.join(17, 1);
  stand.say(R"({"t":"mod","id":1,"pause":true})");
  stand.due();
  stand.say(R"({"t":"sub","id":2,"q":{"metric":"a"}})");
  stand.accept(2, 2, 17);
  stand.join(17, 5);
  stand.publish(17, 5);
  EXPECT_EQ(stand.due(), (std::vector<std::string>{"subd2", "snap4", "u5"}));
}

TEST(Subscriptions, WhenOnlyPausedIdsAreLeftFramesStop) {
  Stand stand;
  stand.say(kSub);
  stand.say(R"({"t":"sub","id":2,"q":{"metric":"a"}})");
  stand.accept(1, 1, 17);
  stand.accept(2, 2, 17);
  stand.join(17, 1);
  stand.say(R"({"t":"mod","id":1,"pause":true})");
  stand.publish(17, 1);
  stand.due();
  stand.say(R"({"t":"unsub","id":2})");
  stand.publish(17, 2);
  EXPECT_EQ(stand.due(), std::vector<std::string>{R"({"t":"unsubd","id":2})"});
  stand.to_hub<WantSnapshot>();
  stand.say(R"({"t":"mod","id":1,"pause":false})");
  EXPECT_EQ(stand.to_hub<WantSnapshot>().size(), 1U);
}

TEST(Subscriptions, ANewRateMovesTheSubscriptionToItsNewChannel) {
  Stand stand;
  stand.say(kSub);
  stand.accept(1, 1, 17);
  stand.join(17, 1);
  stand.due();
  stand.say(R"({"t":"mod","id":1,"rate":"5s"})");
  EXPECT_EQ(stand.to_hub<Retune>().at(0).rate, Millis{5'000});
  stand.publish(17, 1);
  stand.accept(1, 1, 18);
  stand.join(18, 8);
  EXPECT_EQ(stand.due(), (std::vector<std::string>{"subd1", "snap7"}));
  EXPECT_TRUE(stand.desk.replicas.publish({17, 2, make_frame("u")}, Millis{0}).empty());
}

TEST(Subscriptions, LeavingTellsTheHubOfEachAndLetsGoOfTheRings) {
  Stand stand;
  stand.say(kSub);
  stand.say(R"({"t":"sub","id":2,"q":{"metric":"b"}})");
  stand.accept(1, 1, 17);
  stand.join(17, 1);
  stand.desk.to_hub.clear();
  stand.subs.leave(stand.desk);
  EXPECT_EQ(stand.to_hub<Unsubscribe>().size(), 2U);
  EXPECT_TRUE(stand.desk.replicas.publish({17, 1, make_frame("u1")}, Millis{0}).empty());
}

TEST(Subscriptions, ReplaysOfWhatIsReadAlreadyAreNotAsked) {
  Stand stand;
  stand.say(kSub);
  stand.accept(1, 1, 17);
  stand.desk.to_hub.clear();
  stand.say(R"({"t":"sub","id":2,"q":{"metric":"a"},"from":{"epoch":"01JDX8Q3","ch":17,"s":3}})");
  EXPECT_FALSE(stand.to_hub<Subscribe>().at(0).from);
}

TEST(Subscriptions, ControlMessagesForOneWhoNeverReadsHaveAMaximum) {
  Stand stand;
  stand.say(kSub);
  for (std::size_t i = 0; i < Subscriptions::kControlMax; ++i)
    stand.say(R"({"t":"ping","n":1})");
  EXPECT_EQ(stand.subs.close_code(), std::nullopt);
  stand.say(R"({"t":"ping","n":1})");
  EXPECT_EQ(stand.subs.close_code(), CloseCode::Slow);
}

TEST(Subscriptions, AllAnswersToManySubscriptionsMayComeAtOnce) {
  constexpr std::uint32_t kMany = 2 * Subscriptions::kControlMax;
  Stand stand;
  stand.desk.rules.commands.subs_max = kMany;
  for (std::uint32_t i = 1; i <= kMany; ++i) {
    stand.say(R"({"t":"sub","id":)" + std::to_string(i) + R"(,"q":{"metric":"a"}})");
    stand.accept(i, i, i);
  }
  EXPECT_EQ(stand.subs.close_code(), std::nullopt);
  EXPECT_EQ(stand.due(kMany).size(), kMany);
}

TEST(Subscriptions, AnIdleSubscribedConnectionStaysSmall) {
  EXPECT_LE(sizeof(Subscriptions), 184U);
  EXPECT_LE(sizeof(Cursor), 72U);
}

}  // namespace
}  // namespace gateway::publish
