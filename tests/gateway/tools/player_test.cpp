#include "gateway/tools/player.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "ingest/io/socket.h"

namespace gateway::tools {
namespace {

using ingest::Millis;
using ingest::record::Kind;
using ingest::record::Record;

/// Records from memory.
class Records final : public ingest::record::Source {
 public:
  explicit Records(std::vector<Record> records) : records_(std::move(records)) {}
  const ingest::record::Header& header() const override { return header_; }
  std::optional<Record> next() override {
    if (at_ == records_.size()) return std::nullopt;
    ++totals_.records;
    return records_[at_++];
  }
  const ingest::record::Ending& ending() const override { return ending_; }
  const ingest::record::Totals& totals() const override { return totals_; }
  ingest::Result<void> rewind() override {
    at_ = 0;
    return {};
  }

 private:
  std::vector<Record> records_;
  std::size_t at_ = 0;
  ingest::record::Header header_;
  ingest::record::Ending ending_;
  ingest::record::Totals totals_;
};

class PlayerTest : public ::testing::Test {
 protected:
  PlayerTest() {
    const auto any = ingest::io::Address::parse("127.0.0.1:0");
    auto bound = ingest::io::udp_bind(*any, ingest::io::PortSharing::Alone);
    socket_ = *std::move(bound);
    target_.port = ingest::io::local_address(socket_.get())->port();
  }
  static Record datagram(Millis at, std::string_view bytes) {
    return {.kind = Kind::Data, .connection = 0, .at = at, .bytes = bytes};
  }
  /// Plays with a clock that jumps to when the player wants to wait.
  Player::Played play(std::vector<Record> records, ingest::record::Speed speed,
                      std::uint64_t rounds = 1) {
    Records source{std::move(records)};
    Player player{source,
                  {.target = target_,
                   .speed = speed,
                   .rounds = rounds,
                   .clock = &clock_,
                   .wait_until = [this](ingest::MonoTime when) {
                     if (when > clock_.mono()) {
                       clock_.advance(std::chrono::duration_cast<Millis>(when - clock_.mono()));
                     }
                     times_.push_back(clock_.mono() - start_);
                     return times_.size() > stop_after_;
                   }}};
    auto played = player.run();
    EXPECT_TRUE(played);
    return *played;
  }
  std::vector<std::string> received() {
    std::vector<std::string> all;
    std::array<char, 2'000> buffer{};
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got < 0) return all;
      all.emplace_back(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  ingest::ManualClock clock_;
  ingest::MonoTime start_ = clock_.mono();
  ingest::io::Fd socket_;
  Target target_;
  std::vector<std::chrono::nanoseconds> times_;
  std::size_t stop_after_ = SIZE_MAX;
};

TEST_F(PlayerTest, TakesATenthOfTheTimeAtSpeedTen) {
  const std::vector<Record> records{datagram(Millis{0}, "a"), datagram(Millis{500}, "b"),
                                    datagram(Millis{3'000}, "c")};
  const Player::Played played = play(records, 10.0, 2);
  EXPECT_EQ(played.records, 6u);
  EXPECT_EQ(played.rounds, 2u);
  const std::vector<std::chrono::nanoseconds> wanted{Millis{0},   Millis{50},  Millis{300},
                                                     Millis{300}, Millis{350}, Millis{600}};
  EXPECT_EQ(times_, wanted);
  EXPECT_EQ(received(), (std::vector<std::string>{"a", "b", "c", "a", "b", "c"}));
}

TEST_F(PlayerTest, WaitsForNothingAsFastAsPossible) {
  play({datagram(Millis{0}, "a"), datagram(Millis{60'000}, "b")}, {});
  EXPECT_EQ(clock_.mono(), start_);
  EXPECT_EQ(received(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(PlayerTest, EndsWhenItIsTold) {
  stop_after_ = 1;
  const Player::Played played = play({datagram(Millis{0}, "a"), datagram(Millis{1}, "b")}, 1.0);
  EXPECT_TRUE(played.interrupted);
  EXPECT_EQ(received(), (std::vector<std::string>{"a"}));
}

TEST_F(PlayerTest, LeavesOutTheLineThatACutWentThrough) {
  Record cut = datagram(Millis{0}, "a:1|c\na:2");
  cut.kind = Kind::Cut;
  const Player::Played played = play({cut}, 1.0);
  EXPECT_EQ(played.left_out, 1u);
  EXPECT_EQ(received(), (std::vector<std::string>{"a:1|c\n"}));
}

}  // namespace
}  // namespace gateway::tools
