#include "ingest/io/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <functional>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "ingest/io/mailbox.h"
#include "ingest/io/real_clock.h"

namespace ingest::io {
namespace {

constexpr Millis kNoWait{0};

struct Caller final : FdHandler {
  explicit Caller(std::function<void()> call) : on_ready(std::move(call)) {}
  void ready(std::uint32_t events) override {
    seen.push_back(events);
    if (on_ready) on_ready();
  }
  std::function<void()> on_ready;
  std::vector<std::uint32_t> seen;
};

Fd readable() {
  return Fd{::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)};
}

struct EventLoopTest : ::testing::Test {
  ManualClock clock;
  std::unique_ptr<EventLoop> loop = *EventLoop::open(clock);
};

TEST_F(EventLoopTest, TellsAHandlerWhatEpollSaw) {
  const Fd fd = readable();
  Caller caller{{}};
  ASSERT_TRUE(loop->add(fd.get(), EPOLLIN, caller));
  loop->turn(kNoWait);
  ASSERT_EQ(caller.seen, std::vector<std::uint32_t>{EPOLLIN});
  loop->turn(kNoWait);  // level-triggered: nobody read it
  EXPECT_EQ(caller.seen.size(), 2u);
}

TEST(EventLoopTimers, WaitLessThanAMillisecond) {
  const RealClock real;
  const auto running = *EventLoop::open(real);
  // A busy machine makes some of them late; it is enough that one is not.
  for (int i = 0; i < 1'000; ++i) {
    const MonoTime begun = real.mono();
    bool called = false;
    running->at(begun + std::chrono::microseconds{200}, [&] { called = true; });
    while (!called)
      running->turn(Millis{1'000});
    const auto waited = real.mono() - begun;
    ASSERT_GE(waited, std::chrono::microseconds{200});
    if (waited < std::chrono::microseconds{800}) return;
  }
  FAIL() << "none of them was in time";
}

TEST_F(EventLoopTest, ModifyChangesEventsAndHandler) {
  const Fd fd = readable();
  Caller first{{}};
  Caller second{{}};
  ASSERT_TRUE(loop->add(fd.get(), EPOLLIN, first));
  loop->modify(fd.get(), EPOLLOUT, second);
  loop->turn(kNoWait);
  EXPECT_TRUE(first.seen.empty());
  EXPECT_EQ(second.seen, std::vector<std::uint32_t>{EPOLLOUT});
}

TEST_F(EventLoopTest, CallsNobodyAfterRemove) {
  const Fd fd = readable();
  Caller caller{{}};
  ASSERT_TRUE(loop->add(fd.get(), EPOLLIN, caller));
  EXPECT_TRUE(loop->watches(fd.get()));
  loop->remove(fd.get());
  EXPECT_FALSE(loop->watches(fd.get()));
  loop->turn(kNoWait);
  EXPECT_TRUE(caller.seen.empty());
}

TEST_F(EventLoopTest, DropsAnEventAlreadyFetchedForARemovedHandler) {
  const Fd left = readable();
  const Fd right = readable();
  const auto remove_other = [&](int own) {
    const int other_fd = own == left.get() ? right.get() : left.get();
    if (loop->watches(other_fd)) loop->remove(other_fd);
  };
  Caller a{[&] { remove_other(left.get()); }};
  Caller b{[&] { remove_other(right.get()); }};
  ASSERT_TRUE(loop->add(left.get(), EPOLLIN, a));
  ASSERT_TRUE(loop->add(right.get(), EPOLLIN, b));
  loop->turn(kNoWait);
  EXPECT_EQ(a.seen.size() + b.seen.size(), 1u);
}

TEST_F(EventLoopTest, DropsAFetchedEventWhenTheNumberHasANewOwner) {
  // Both are fetched in one turn; whoever runs first replaces the other by a descriptor of the same
  // number, which is not readable.
  Fd left = readable();
  Fd right = readable();
  Caller late{{}};
  const auto replace = [&](Fd& victim) {
    const int number = victim.get();
    loop->remove(number);
    victim.reset();
    Fd fresh{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    ASSERT_EQ(fresh.get(), number);  // the lowest free number
    ASSERT_TRUE(loop->add(number, EPOLLIN, late));
    victim = std::move(fresh);
  };
  Caller a{[&] { replace(right); }};
  Caller b{[&] { replace(left); }};
  ASSERT_TRUE(loop->add(left.get(), EPOLLIN, a));
  ASSERT_TRUE(loop->add(right.get(), EPOLLIN, b));
  loop->turn(kNoWait);
  EXPECT_EQ(a.seen.size() + b.seen.size(), 1u);
  EXPECT_TRUE(late.seen.empty());
}

TEST_F(EventLoopTest, AHandlerMayRemoveItself) {
  const Fd fd = readable();
  Caller caller{{}};
  caller.on_ready = [&] { loop->remove(fd.get()); };
  ASSERT_TRUE(loop->add(fd.get(), EPOLLIN, caller));
  loop->turn(kNoWait);
  loop->turn(kNoWait);
  EXPECT_EQ(caller.seen.size(), 1u);
}

TEST_F(EventLoopTest, RefusesAFileThatCannotBeWatched) {
  Caller caller{{}};
  const auto added = loop->add(1 << 10, EPOLLIN, caller);
  ASSERT_FALSE(added);
  EXPECT_FALSE(loop->watches(1 << 10));
  EXPECT_NE(added.error().what.find("bad file descriptor"), std::string::npos);
}

TEST_F(EventLoopTest, NowStandsStillInATurn) {
  const Fd fd = readable();
  const MonoTime before = clock.mono();
  Caller caller{[&] {
    clock.advance(Millis{500});
    EXPECT_EQ(loop->mono(), before);
    EXPECT_EQ(to_ms(loop->wall()), 1'700'000'000'000);
  }};
  ASSERT_TRUE(loop->add(fd.get(), EPOLLIN, caller));
  loop->turn(kNoWait);
  ASSERT_EQ(caller.seen.size(), 1u);
  caller.on_ready = nullptr;
  loop->turn(kNoWait);
  EXPECT_EQ(loop->mono(), before + Millis{500});
}

TEST_F(EventLoopTest, RunsDueTimersInOrderOfTimeThenOfSetting) {
  std::string order;
  const MonoTime now = clock.mono();
  loop->at(now + Millis{20}, [&] { order += 'c'; });
  loop->at(now + Millis{10}, [&] { order += 'a'; });
  loop->at(now + Millis{10}, [&] { order += 'b'; });
  loop->at(now + Millis{30}, [&] { order += 'd'; });
  loop->turn(kNoWait);
  EXPECT_EQ(order, "");
  clock.advance(Millis{25});
  loop->turn(kNoWait);
  EXPECT_EQ(order, "abc");
  clock.advance(Millis{25});
  loop->turn(kNoWait);
  EXPECT_EQ(order, "abcd");
}

TEST_F(EventLoopTest, ATimerSetByATimerWaitsForTheNextTurn) {
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    loop->at(loop->mono(), again);
  };
  loop->at(clock.mono(), again);
  loop->turn(kNoWait);
  EXPECT_EQ(runs, 1);
  loop->turn(kNoWait);
  EXPECT_EQ(runs, 2);
}

TEST_F(EventLoopTest, ACancelledTimerDoesNotRunEvenWhenItWasDueInThisTurn) {
  bool ran = false;
  EventLoop::TimerId second = 0;
  loop->at(clock.mono(), [&] { loop->cancel(second); });
  second = loop->at(clock.mono(), [&] { ran = true; });
  loop->turn(kNoWait);
  EXPECT_FALSE(ran);
}

TEST_F(EventLoopTest, CancellingATimerThatRanHarmsNoneThatReusesItsPlace) {
  const EventLoop::TimerId first = loop->at(clock.mono(), [] {});
  loop->turn(kNoWait);
  bool ran = false;
  loop->at(clock.mono(), [&] { ran = true; });
  loop->cancel(first);
  loop->cancel(0);
  loop->turn(kNoWait);
  EXPECT_TRUE(ran);
}

TEST_F(EventLoopTest, WaitsNoLongerThanTheNextTimer) {
  const RealClock real;
  auto live = *EventLoop::open(real);
  bool ran = false;
  live->at(real.mono() + Millis{5}, [&] {
    ran = true;
    live->stop();
  });
  live->run();
  EXPECT_TRUE(ran);
}

TEST_F(EventLoopTest, RunsEveryWakeAndEndCallInOrderOfRegistration) {
  std::string order;
  loop->on_wake([&] { order += 'a'; });
  loop->on_wake([&] { order += 'b'; });
  loop->on_turn_end([&] { order += 'x'; });
  loop->on_turn_end([&] { order += 'y'; });
  loop->at(clock.mono(), [&] { order += 't'; });
  loop->wake();
  loop->wake();
  loop->turn(kNoWait);
  EXPECT_EQ(order, "abtxy");
  loop->turn(kNoWait);
  EXPECT_EQ(order, "abtxyxy");
}

TEST_F(EventLoopTest, AWakeCallMayRegisterAnother) {
  int runs = 0;
  loop->on_wake([&] {
    for (int i = 0; i < 100; ++i)
      loop->on_wake([&] { ++runs; });
  });
  loop->wake();
  loop->turn(kNoWait);
  EXPECT_EQ(runs, 100);
}

void send_numbers(Mailbox<int>& box, int count) {
  for (int i = 0; i < count; ++i) {
    while (!box.try_send(int{i}))
      std::this_thread::yield();
  }
}

TEST_F(EventLoopTest, LosesNoMailOfAnotherThread) {
  constexpr int kLetters = 50'000;
  const RealClock real;
  auto live = *EventLoop::open(real);
  Mailbox<int> box{64, *live};
  std::vector<int> got;
  live->on_wake([&] {
    while (auto letter = box.receive())
      got.push_back(*letter);
    if (got.size() == kLetters) live->stop();
  });
  std::thread sender{[&] { send_numbers(box, kLetters); }};
  live->run();
  sender.join();
  std::vector<int> sent(kLetters);
  std::iota(sent.begin(), sent.end(), 0);
  EXPECT_EQ(got, sent);
}

TEST_F(EventLoopTest, AFullMailboxLeavesTheMailWithItsSender) {
  Mailbox<std::string> box{2, *loop};
  ASSERT_TRUE(box.try_send("a"));
  ASSERT_TRUE(box.try_send("b"));
  std::string kept = "kept";
  EXPECT_FALSE(box.try_send(kept));
  EXPECT_EQ(kept, "kept");
  EXPECT_EQ(box.receive(), "a");
  EXPECT_TRUE(box.try_send(kept));
  EXPECT_EQ(box.receive(), "b");
  EXPECT_EQ(box.receive(), "kept");
  EXPECT_EQ(box.receive(), std::nullopt);
}

}  // namespace
}  // namespace ingest::io
