#include "ingest/model/glob.h"

#include <gtest/gtest.h>

#include <string>
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
