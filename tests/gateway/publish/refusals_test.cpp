#include "gateway/publish/refusals.h"

#include <gtest/gtest.h>

#include <set>

namespace gateway::publish {
namespace {

using ingest::query::Code;

TEST(Refusals, EachCodeHasASlotOfItsOwn) {
  std::set<Code> codes;
  for (std::size_t slot = 0; slot < Refusals::kSlots; ++slot) {
    const auto code = Refusals::code_of(slot);
    if (!code) continue;
    EXPECT_EQ(Refusals::slot_of(*code), slot);
    codes.insert(*code);
  }
  for (int n = 0; n < 10'000; ++n) {
    const auto code = static_cast<Code>(n);
    const bool is_code =
        code == Code::ServerInternal || code_name(code) != code_name(Code::ServerInternal);
    EXPECT_EQ(codes.contains(code), is_code) << n << ": a family has more codes than slots?";
  }
}

TEST(Refusals, AreCountedByCode) {
  Refusals refusals;
  refusals.add(Code::LimitSubs);
  refusals.add(Code::LimitSubs);
  refusals.add(Code::HistoryUnavailable);
  EXPECT_EQ(refusals.of(Code::LimitSubs), 2U);
  EXPECT_EQ(refusals.of(Code::HistoryUnavailable), 1U);
  EXPECT_EQ(refusals.of(Code::LimitRate), 0U);
  EXPECT_EQ(refusals.at(Refusals::slot_of(Code::LimitSubs)), 2U);
  EXPECT_EQ(refusals.total(), 3U);
}

}  // namespace
}  // namespace gateway::publish
