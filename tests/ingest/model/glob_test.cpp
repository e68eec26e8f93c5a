#include "ingest/model/glob.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ingest::model {
namespace {

TEST(Glob, MatchesByItsTable) {
  struct Case {
    const char* pattern;
    const char* name;
    bool matches;
  };
  const std::vector<Case> cases = {
      {"a.b", "a.b", true},
      {"a.b", "a.c", false},
      {"", "", true},
      {"", "a", false},
      {"*", "a", true},
      {"*", "", true},
      {"*", "a.b", false},
      {"**", "a.b.c", true},
      {"**", "", true},
      {"http.*", "http.request", true},
      {"http.*", "http.request.time", false},
      {"http.**", "http.request.time", true},
      {"http.**", "http", false},
      {"*.time", "a.time", true},
      {"*.time", "a.b.time", false},
      {"**.time", "a.b.time", true},
      {"**.*.time", "a.b.time", true},
      {"a*c*e", "abcde", true},
      {"a*c*e", "abc.e", false},
      {"a**e.*x", "a.e.b.e.zx", true},
      {"?", "a", true},
      {"?", "", false},
      {"?", ".", false},
      {"?", "\xC3\xA9", true},
      {"??", "\xC3\xA9", false},
      {"caf?", "caf\xC3\xA9", true},
      {"web-?", "web-1", true},
      {"web-?", "web-12", false},
      {"***", "a.b", true},
      {"a?c", "a.c", false},
      {"ab*", "a", false},
      {"ab*", "ab", true},
      {"ab?", "ab", false},
      {"ab", "abc", false},
      {"abc", "ab", false},
      {"\xC3?", "\xC3\xA9", false},
      {"[a]", "a", false},
      {"[a]", "[a]", true},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(glob_matches(each.pattern, each.name), each.matches)
        << each.pattern << " on " << each.name;
  }
}

/// What a glob means, said as it is defined.
bool plainly(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    const std::size_t end = std::min(pattern.find_first_not_of('*'), pattern.size());
    for (std::size_t taken = 0;; ++taken) {
      if (plainly(pattern.substr(end), name.substr(taken))) return true;
      if (taken == name.size() || (end == 1 && name[taken] == '.')) return false;
    }
  }
  if (name.empty()) return false;
  if (pattern[0] != '?') {
    return pattern[0] == name[0] && plainly(pattern.substr(1), name.substr(1));
  }
  const auto is_tail = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  if (name[0] == '.' || is_tail(name[0])) return false;
  for (std::size_t taken = 1;; ++taken) {
    if (plainly(pattern.substr(1), name.substr(taken))) return true;
    if (taken == name.size() || !is_tail(name[taken])) return false;
  }
}

TEST(Glob, AgreesWithItsPlainDefinition) {
  std::mt19937_64 random{11};
  const auto text = [&](std::string_view letters, std::size_t size) {
    std::string made;
    while (made.size() < size)
      made += letters[random() % letters.size()];
    return made;
  };
  std::size_t matched = 0;
  for (int i = 0; i < 60'000; ++i) {
    const std::string pattern = text("ab.**?\xC3\xA9", random() % 9);
    const std::string name = text("ab.\xC3\xA9", random() % 9);
    const bool wanted = plainly(pattern, name);
    matched += wanted ? 1U : 0U;
    ASSERT_EQ(glob_matches(pattern, name), wanted) << pattern << " on " << name;
  }
  EXPECT_GT(matched, 1'000U);
  // Across the ends of words.
  for (std::size_t size = 55; size < 140; ++size) {
    const std::string name = text("ab.", size);
    const std::string pattern = "**" + name.substr(3, size - 6) + "?*";
    EXPECT_EQ(glob_matches(pattern, name), plainly(pattern, name)) << pattern << " on " << name;
    EXPECT_TRUE(glob_matches("**" + name.substr(3) + "**", name));
    EXPECT_FALSE(glob_matches("**" + name.substr(3) + "c", name));
  }
}

TEST(Glob, CountsItsWildcards) {
  EXPECT_EQ(wildcards(""), 0U);
  EXPECT_EQ(wildcards("a.b"), 0U);
  EXPECT_EQ(wildcards("a.*.**.?c"), 3U);
  EXPECT_EQ(wildcards("***"), 1U) << "one run";
  EXPECT_EQ(wildcards("??*?"), 4U);
}

TEST(Glob, KnowsWhatIsAPattern) {
  EXPECT_TRUE(is_glob("a.*"));
  EXPECT_TRUE(is_glob("a?"));
  EXPECT_FALSE(is_glob("a.b"));
}

TEST(Glob, HostilePatternsTakeBoundedTime) {
  std::string pattern;
  while (pattern.size() + 3 <= kGlobBytesMax)
    pattern += "**a";
  const std::string name(255, 'a');
  EXPECT_FALSE(glob_matches(pattern, name + 'b'));
  EXPECT_TRUE(glob_matches(pattern, name));
}

TEST(Glob, TheLongestPatternWorksAndALongerOneMatchesNothing) {
  EXPECT_TRUE(glob_matches(std::string(kGlobBytesMax, '?'), std::string(kGlobBytesMax, 'a')));
  EXPECT_FALSE(glob_matches(std::string(kGlobBytesMax + 1, '*'), "a"));
}

}  // namespace
}  // namespace ingest::model
