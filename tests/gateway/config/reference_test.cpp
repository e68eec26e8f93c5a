// deploy/weir.yaml is the code's own table.

#include <gtest/gtest.h>

#include "gateway/config/keys.h"
#include "gateway/config/load.h"
#include "gateway/config/names.h"
#include "tests/support/source_tree.h"

namespace gateway::config {
namespace {

using tests::support::read_text;
using tests::support::source_path;

TEST(Reference, StandsInDeploy) {
  EXPECT_EQ(read_text(source_path("deploy/weir.yaml")), reference_text())
      << "weir check --defaults > deploy/weir.yaml";
}

TEST(Reference, ChangesNothing) {
  const Loaded loaded = parse(reference_text(), "weir.yaml");
  ASSERT_TRUE(loaded) << to_text(loaded.error().front());
  EXPECT_EQ(*loaded, Config{});
}

// Each key's own line, with a value that is not the default, must change the configuration: a key
// whose reader writes into another's place would not.
TEST(Reference, TellsEveryKeyInOneSentence) {
  const std::string text = reference_text();
  for (const Key& key : keys()) {
    EXPECT_EQ(key.meaning.back(), '.') << key.path;
    const std::string name{key.path.substr(key.path.rfind('.') + 1)};
    EXPECT_NE(text.find(name + ": " + value_text(key, Config{}) + "\n"), std::string::npos)
        << key.path;
  }
  for (const std::string_view section : names_below("")) {
    EXPECT_NE(text.find("\n" + std::string{section} + ":"), std::string::npos) << section;
  }
}

TEST(Reference, GivesEachKeyItsOwnPlace) {
  for (const Key& key : keys()) {
    const auto* duration = std::get_if<DurationIn<Config>>(&key.value);
    const auto* count = std::get_if<CountIn<Config>>(&key.value);
    const auto* size = std::get_if<SizeIn<Config>>(&key.value);
    Config config;
    if (duration != nullptr) duration->at(config) = duration->max;
    if (count != nullptr) count->at(config) = count->max;
    if (size != nullptr) size->at(config) = size->max;
    int changed = 0;
    for (const Key& other : keys()) {
      changed += value_text(other, config) != value_text(other, Config{}) ? 1 : 0;
    }
    const bool ranged = duration != nullptr || count != nullptr || size != nullptr;
    EXPECT_LE(changed, ranged ? 1 : 0) << key.path;
  }
}

}  // namespace
}  // namespace gateway::config
