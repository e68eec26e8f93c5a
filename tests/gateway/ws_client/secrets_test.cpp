#include "gateway/ws_client/secrets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "gateway/ws_client/backoff.h"

namespace gateway::ws_client {
namespace {

using ingest::Millis;

TEST(Secrets, GivesNoMaskKeyTwiceAcrossItsBlocks) {
  Secrets secrets;
  std::vector<ws::MaskKey> keys;
  for (int i = 0; i < 600; ++i)  // more than two blocks
    keys.push_back(secrets.next_key());
  // Equal ones by chance are rarer than one run in twenty thousand.
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

TEST(Secrets, GivesAnotherNonceToEachConnection) {
  Secrets one;
  Secrets other;
  std::set<ws::HandshakeNonce> nonces;
  for (int i = 0; i < 200; ++i) {
    nonces.insert(one.nonce());
    nonces.insert(other.nonce());
  }
  EXPECT_EQ(nonces.size(), 400U);
}

TEST(Secrets, CoversARangeAndStaysInIt) {
  Secrets secrets;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 2'000; ++i)
    seen.insert(secrets.number_up_to(3));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(secrets.number_up_to(0), 0U);
}

TEST(Backoff, DoublesItsCeilingUpToTheCap) {
  Secrets secrets;
  Backoff backoff{{.base = Millis{500}, .cap = Millis{30'000}}};
  for (const int most : {500, 1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000}) {
    EXPECT_EQ(backoff.ceiling(), Millis{most});
    const Millis wait = backoff.next(secrets);
    EXPECT_GE(wait, Millis{0});
    EXPECT_LE(wait, Millis{most});
  }
  for (int i = 0; i < 100; ++i)
    backoff.next(secrets);
  EXPECT_EQ(backoff.ceiling(), Millis{30'000});
  backoff.reset();
  EXPECT_EQ(backoff.ceiling(), Millis{500});
}

TEST(Backoff, SpreadsOverTheWholeRange) {
  Secrets secrets;
  Millis least{1'000};
  Millis most{0};
  for (int i = 0; i < 500; ++i) {
    const Millis wait = Backoff::random_between(Millis{250}, Millis{750}, secrets);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GE(least, Millis{250});
  EXPECT_LT(least, Millis{300});
  EXPECT_GT(most, Millis{700});
  EXPECT_LE(most, Millis{750});
}

}  // namespace
}  // namespace gateway::ws_client
