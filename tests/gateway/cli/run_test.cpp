#include "gateway/cli/run.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "gateway/cli/version.h"
#include "tests/support/certificates.h"
#include "tests/support/source_tree.h"
#include "tests/support/temporary_folder.h"

namespace gateway::cli {
namespace {

struct Ran {
  int exit = 0;
  std::string out;
  std::string err;
};

Ran ran(const std::vector<std::string>& arguments,
        const std::vector<std::pair<std::string, std::string>>& variables = {}) {
  std::ostringstream out;
  std::ostringstream err;
  Ran result;
  result.exit = run({.arguments = arguments, .variables = variables, .out = out, .err = err});
  result.out = out.str();
  result.err = err.str();
  return result;
}

TEST(Run, PrintsItsVersion) {
  const Ran printed = ran({"--version"});
  EXPECT_EQ(printed.exit, 0);
  EXPECT_EQ(printed.out, "weir " + std::string{version()} + "\n");
}

TEST(Run, PrintsHelpWithExamplesOnRequest) {
  const std::vector<std::vector<std::string>> asked{
      {"--help"}, {"-h"}, {"serve", "--help"}, {"check", "-h"}};
  for (const auto& arguments : asked) {
    const Ran printed = ran(arguments);
    EXPECT_EQ(printed.exit, 0);
    EXPECT_NE(printed.out.find("Usage: weir"), std::string::npos) << printed.out;
    EXPECT_EQ(printed.err, "");
  }
  EXPECT_NE(ran({"serve", "--help"}).out.find("Examples:"), std::string::npos);
}

TEST(Run, SaysHowItIsUsedWhenNothingIsAsked) {
  const Ran nothing = ran({});
  EXPECT_EQ(nothing.exit, 2);
  EXPECT_EQ(nothing.out, "");
  EXPECT_NE(nothing.err.find("weir serve"), std::string::npos);
}

struct Bad {
  std::vector<std::string> arguments;
  std::string first_line;
};

TEST(Run, RefusesABadCommandLineWithStatus2AndTheWayOut) {
  const std::vector<Bad> cases{
      {{"srve"}, "weir: \"srve\" is unknown, did you mean serve?"},
      {{"xyzzy"}, "weir: \"xyzzy\" is unknown"},
      {{"serve", "--confg", "f"}, "weir serve: \"--confg\" is unknown, did you mean --config?"},
      {{"serve", "extra"}, "weir serve: \"extra\" is unknown"},
      {{"serve", "--set"}, "weir serve: --set: 1 required KEY=VALUE missing"},
      {{"serve", "--pages", "/nowhere/at/all"},
       "weir serve: --pages \"/nowhere/at/all\" is no folder"},
      {{"check"}, "weir check: which file?"},
      {{"check", "--print", "--defaults"}, "weir check: either --defaults or --print"},
      {{"check", "a.yaml", "--set", "workers=1"}, "weir check: --set is for --print"},
      {{"check", "a.yaml", "b.yaml"}, "weir check: \"b.yaml\" is unknown"},
  };
  for (const Bad& bad : cases) {
    const Ran refused = ran(bad.arguments);
    EXPECT_EQ(refused.exit, 2) << bad.first_line;
    EXPECT_EQ(refused.out, "");
    EXPECT_EQ(refused.err.substr(0, refused.err.find('\n')), bad.first_line);
    EXPECT_NE(refused.err.find("--help"), std::string::npos);
  }
}

TEST(Run, ChecksAFile) {
  const std::string good = tests::support::source_path("deploy/weir.yaml").string();
  EXPECT_EQ(ran({"check", good}).exit, 0);
  EXPECT_TRUE(ran({"check", good}).out.starts_with(good + ": good\nmemory, at most"));
  const std::string bad = tests::support::source_path("tests/config/bad/unknown-key.yaml").string();
  const Ran refused = ran({"check", bad});
  EXPECT_EQ(refused.exit, 2);
  EXPECT_EQ(refused.err, bad + ":3: htpp: unknown key, did you mean http?\n" + bad +
                             ":6: time.pain: unknown key, did you mean time.pane?\n");
}

TEST(Run, ChecksTheCertificatesThatAFileNames) {
  const tests::support::Authority authority;
  authority.issue("a", "DNS:localhost");
  authority.issue("b", "DNS:localhost");
  const std::string file = authority.file("weir.yaml");
  const auto checked = [&](const std::string& cert, const std::string& key) {
    std::ofstream{file} << "http:\n  tls: {cert: \"" << cert << "\", key: \"" << key << "\"}\n";
    return ran({"check", file});
  };
  EXPECT_EQ(checked(authority.cert("a"), authority.key("a")).exit, 0);
  const Ran missing = checked(authority.file("none.pem"), authority.key("a"));
  EXPECT_EQ(missing.exit, 2);
  EXPECT_EQ(missing.err, file + ": http.tls: the certificate " + authority.file("none.pem") +
                             " cannot be read: no such file or directory\n");
  const Ran other = checked(authority.cert("a"), authority.key("b"));
  EXPECT_EQ(other.exit, 2);
  EXPECT_EQ(other.err, file + ": http.tls: the key " + authority.key("b") +
                           " does not match the certificate " + authority.cert("a") + "\n");
}

TEST(Run, PrintsTheReferenceFile) {
  const Ran printed = ran({"check", "--defaults"});
  EXPECT_EQ(printed.exit, 0);
  EXPECT_EQ(printed.out,
            tests::support::read_text(tests::support::source_path("deploy/weir.yaml")));
}

TEST(Run, PrintsTheConfigurationAsItIs) {
  const tests::support::TemporaryFolder folder;
  const std::string file = folder.path("weir.yaml");
  std::ofstream{file} << "time: {pane: 500ms}\nlog: {level: warn}\n";
  const Ran printed = ran({"check", "--print", file, "--set", "log.level=error"},
                          {{"WEIR_WORKERS", "3"}, {"WEIR_TOKEN", "secret"}});
  EXPECT_EQ(printed.exit, 0) << printed.err;
  EXPECT_NE(printed.out.find("\n  pane: 500ms\n"), std::string::npos);
  EXPECT_NE(printed.out.find("\n  level: error\n"), std::string::npos);
  EXPECT_NE(printed.out.find("\nworkers: 3\n"), std::string::npos);
  EXPECT_EQ(printed.out.find("secret"), std::string::npos);
  const std::string whole = folder.path("whole.yaml");
  std::ofstream{whole} << printed.out;
  EXPECT_EQ(ran({"check", "--print", whole}).out, printed.out);
  EXPECT_EQ(ran({"check", "--print", "--set", "log.level=loud"}).exit, 2);
}

TEST(Run, RefusesABadConfigurationBeforeItListens) {
  const Ran file = ran({"serve", "--config", "/nowhere/weir.yaml"});
  EXPECT_EQ(file.exit, 2);
  EXPECT_EQ(file.err, "/nowhere/weir.yaml: cannot be read: No such file or directory\n");
  const Ran both = ran({"serve", "--set", "time.tick=never"}, {{"WEIR_WORKERS", "none"}});
  EXPECT_EQ(both.exit, 2);
  EXPECT_EQ(both.out, "");
  EXPECT_EQ(both.err,
            "WEIR_WORKERS: workers: \"none\" is no whole number, allowed is auto, or 1 to 64\n"
            "--set: time.tick: \"never\" is no duration, allowed is 50ms to 10s\n");
}

}  // namespace
}  // namespace gateway::cli
