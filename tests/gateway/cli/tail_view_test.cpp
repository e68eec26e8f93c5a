#include "gateway/cli/tail_view.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>
#include <string>

#include "ingest/base/clock.h"

namespace gateway::cli {
namespace {

using ingest::io::Fd;
using nlohmann::json;

/// What a view of an empty table shows: on its output, and on stderr.
struct Shown {
  explicit Shown(TailView::Form form, const std::string& metric) {
    ingest::ManualClock clock;
    const auto loop = *ingest::io::EventLoop::open(clock);
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const Fd reader{ends[0]};
    Fd writer{ends[1]};
    std::ostringstream told;
    {
      Output output{*loop, writer.get(), [] {}};
      TailView view{{.form = form, .out = &output, .err = &told, .metric = metric, .order = {}}};
      LiveTable table;
      EXPECT_TRUE(table.apply(json::parse(
          R"({"t":"subd","id":1,"ch":1,"epoch":"E","fields":["count"],"by":["@metric"]})")));
      const auto change =
          table.apply(json::parse(R"({"t":"snap","ch":1,"s":1,"w":[0,10],"n":0,"k":[],"c":[[]]})"));
      EXPECT_TRUE(change);
      view.changed(table, *change);
      view.changed(table, *change);
    }
    writer.reset();
    char bytes[4'096];
    for (ssize_t count = 0; (count = read(reader.get(), bytes, sizeof bytes)) > 0;)
      out.append(bytes, static_cast<std::size_t>(count));
    err = told.str();
  }
  bool has(const std::string& text) const { return out.find(text) != std::string::npos; }
  std::string out;
  std::string err;
};

TEST(TailView, SaysInPlaceOfTheTableThatNoSeriesMatches) {
  for (const TailView::Form form : {TailView::Form::Screen, TailView::Form::Print}) {
    const Shown shown{form, "system.*"};
    EXPECT_TRUE(shown.has("no series matches system.* yet")) << shown.out;
    EXPECT_TRUE(shown.has("** stands for any run: try system.**")) << shown.out;
    EXPECT_FALSE(shown.has("@metric")) << "no header of an empty table";
    EXPECT_EQ(shown.err, "");
  }
}

TEST(TailView, SaysOnStderrAndOnceThatNoSeriesMatches) {
  const Shown shown{TailView::Form::Lines, "m"};
  EXPECT_EQ(shown.out, "");
  EXPECT_EQ(shown.err, "weir tail: no series matches m yet\n");
}

TEST(TailView, HintsAtALoneStarOnly) {
  EXPECT_EQ(star_hint("system.cpu"), "");
  EXPECT_EQ(star_hint("**"), "");
  EXPECT_EQ(star_hint("system.**.x"), "");
  EXPECT_TRUE(star_hint("a.**.b.*").ends_with("try a.**.b.**"));
  EXPECT_TRUE(star_hint("*.cpu").ends_with("try **.cpu"));
}

}  // namespace
}  // namespace gateway::cli
