#include "ingest/model/annotation.h"

#include <gtest/gtest.h>

#include <string>

namespace ingest::model {
namespace {

constexpr WallTime kArrival = wall_from_ms(1'700'000'000'000);

TEST(KeptAnnotation, HasTheTimeThatItSaysElseThatOfItsArrival) {
  Annotation event{.title = "deploy"};
  EXPECT_EQ(keep(event, kArrival).time, kArrival);
  event.time = kArrival - Millis{5'000};
  EXPECT_EQ(keep(event, kArrival).time, kArrival - Millis{5'000});
}

TEST(KeptAnnotation, KeepsEveryPartWhenTheReceivedBytesAreGone) {
  std::string bytes = "deploy|v2|web-1|release|chef|b:2,a:1,a:3";
  const std::string_view view = bytes;
  const KeptAnnotation kept = keep({.level = Annotation::Level::Warning,
                                    .priority = Annotation::Priority::Low,
                                    .title = view.substr(0, 6),
                                    .text = view.substr(7, 2),
                                    .host = view.substr(10, 5),
                                    .aggregation_key = view.substr(16, 7),
                                    .source_type = view.substr(24, 4),
                                    .tags = view.substr(29)},
                                   kArrival);
  bytes.assign(bytes.size(), 'x');
  EXPECT_EQ(kept.title, "deploy");
  EXPECT_EQ(kept.text, "v2");
  EXPECT_EQ(kept.host, "web-1");
  EXPECT_EQ(kept.aggregation_key, "release");
  EXPECT_EQ(kept.source_type, "chef");
  EXPECT_EQ(kept.level, Annotation::Level::Warning);
  EXPECT_EQ(kept.priority, Annotation::Priority::Low);
  EXPECT_EQ(kept.tags, (std::vector<KeptTag>{{"a", "3"}, {"b", "2"}}));
  EXPECT_FALSE(kept.cut);
}

TEST(KeptAnnotation, AWrittenLineEndBecomesOne) {
  EXPECT_EQ(keep({.text = R"(one\ntwo\\nthree\n)"}, kArrival).text, "one\ntwo\\\nthree\n");
  EXPECT_EQ(keep({.text = R"(ends with \)"}, kArrival).text, R"(ends with \)");
}

TEST(KeptAnnotation, CutsWhatIsTooLongBetweenTwoCharacters) {
  // 254 bytes, and then a character of four.
  const std::string title = std::string(254, 't') + "\U0001F4A5";
  const std::string text(kTextBytesMax + 1, 'x');
  const KeptAnnotation kept = keep({.title = title, .text = text}, kArrival);
  EXPECT_EQ(kept.title, std::string(254, 't'));
  EXPECT_EQ(kept.text.size(), kTextBytesMax);
  EXPECT_TRUE(kept.cut);
  EXPECT_FALSE(keep({.title = title.substr(0, 254)}, kArrival).cut);
}

TEST(KeptAnnotation, ATextOfLineEndsAloneIsFilledBeforeItIsCut) {
  std::string text;
  for (std::size_t i = 0; i < kTextBytesMax; ++i)
    text += R"(\n)";
  const KeptAnnotation whole = keep({.text = text}, kArrival);
  EXPECT_EQ(whole.text, std::string(kTextBytesMax, '\n'));
  EXPECT_FALSE(whole.cut);
  text += "x";
  EXPECT_TRUE(keep({.text = text}, kArrival).cut);
}

TEST(KeptAnnotation, LeavesTagsPastItsBytesOut) {
  std::string tags;
  for (int i = 10; i < 30; ++i)
    tags += "k" + std::to_string(i) + ":" + std::string(200, 'v') + ",";
  const KeptAnnotation kept = keep({.tags = tags}, kArrival);
  EXPECT_EQ(kept.tags.size(), kTagsBytesMax / 203);
  EXPECT_TRUE(kept.cut);
}

// Hostile bytes are somebody's text: they are kept, and whoever shows them decides.
TEST(KeptAnnotation, IsBoundedWhateverComes) {
  const std::string huge(60'000, '\x01');
  std::string tags;
  for (int i = 0; i < 100; ++i)
    tags += "key" + std::to_string(i) + ":" + std::string(59, 'x') + ",";
  const KeptAnnotation kept = keep({.title = huge,
                                    .text = huge,
                                    .host = huge,
                                    .aggregation_key = huge,
                                    .source_type = huge,
                                    .tags = tags},
                                   kArrival);
  EXPECT_GT(kept.tags.size(), 25U);
  EXPECT_LE(held_bytes(kept), held_bytes_max());
  EXPECT_GT(held_bytes(kept), held_bytes_max() * 3 / 4);
}

}  // namespace
}  // namespace ingest::model
