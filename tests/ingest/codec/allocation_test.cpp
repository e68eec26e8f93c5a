// The promise of the codecs: a line costs one pass and no allocation, good, bad or a remark, in
// every format. What a codec keeps from block to block it has after the first one.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/codec/graphite.h"
#include "ingest/codec/influx_line.h"
#include "ingest/codec/json_lines.h"
#include "ingest/codec/statsd.h"
#include "tests/support/allocations.h"

namespace ingest::codec {
namespace {

using tests::support::allocations;

class Nowhere final : public model::SampleSink {
 public:
  void take(std::span<const model::Sample> batch) override { samples += batch.size(); }
  void note(const model::Annotation& /*annotation*/) override { ++notes; }
  std::size_t samples = 0;
  std::size_t notes = 0;
};

struct Case {
  std::unique_ptr<Codec> codec;
  std::vector<std::string> lines;
};

/// Names and tags longer than a std::string holds without the heap.
std::vector<Case> cases() {
  const std::string name = "service.checkout.requests.latency.of.everything";
  const std::string kv = "route=/checkout/of/many/things,region=eu-west-1,host=web-17";
  std::vector<Case> all;
  all.push_back({std::make_unique<Statsd>(),
                 {
                     name + ":320.25|ms|@0.1|#route:/checkout/of/many/things,region:eu-west-1",
                     name + ":1:2:3:4.5|d|T1700000000|c:some-container-of-a-long-name",
                     name + ":-5|g",
                     name + ":a-member-that-is-no-short-string|s",
                     name + "," + kv + ":1|c",
                     name + "#" + kv + ":1|c",
                     name + "[" + kv + "]:1|c",
                     name + ":1|c|#k\xC3\xA4se:gro\xC3\x9F",
                     "_e{23,21}:a deploy of the service|the text that is long|#env:prod|h:web",
                     "_sc|the.database.is.alive|0|#host:web-17|m:all is well as it has been",
                     name + ":nan|g",
                     name + ":1|c|@0",
                     "no line of any format, though it is long enough for the heap",
                     "\xFF\xFE" + name + ":1|c",
                 }});
  all.push_back({std::make_unique<InfluxLine>(),
                 {
                     "cpu.of.a.machine.with.a.long.name," + kv +
                         R"( usage_idle=98.203,free=64424509440i,on=t,u=18446744073709551615u)"
                         R"(,path="a string field that is long" 1700000000000000000)",
                     R"(m\ easure,t\ ag=a\ value\ with\ spaces,k=\,\=x f=1,f=2)",
                     name + "," + kv + " f=",
                     name + "," + kv + " f=9223372036854775808i",
                     "# a comment that is long enough to need the heap were it copied",
                 }});
  all.push_back({std::make_unique<Graphite>(),
                 {
                     name + ";route=/checkout/of/many/things;region=eu-west-1 320.25 1700000000.5",
                     name + " 5 -1",
                     name + " nan 1700000000",
                     name + ";=x 1 1700000000",
                 }});
  all.push_back(
      {std::make_unique<JsonLines>(),
       {
           R"({"name":")" + name +
               R"(","kind":"timer","values":[1,2.5,3e2],"tags":{"route":"/checkout/of/many",)"
               R"("host":"web-17"},"ts":1700000000123,"rate":0.5})",
           R"({"name": ")" + name + R"(", "value": 7, "unknown": {"deep": [1, {"er": 2}]}})",
           R"({"name":")" + name + R"(","value":1,"tags":{"route":"\/a\u0041\n of many letters"}})",
           R"({"name":")" + name + R"(","kind":"set","value":"a-member-that-is-long-enough"})",
           R"({"name":")" + name + R"(","value":"no number of any kind"})",
           R"({"name":")" + name + R"(",)",
       }});
  return all;
}

TEST(CodecHotPath, ALineOfAnyFormatAllocatesNothing) {
  for (const auto& [codec, lines] : cases()) {
    Nowhere sink;
    SampleBatch batch{sink};
    LineLedger ledger;
    std::string block;
    for (const std::string& line : lines)
      block += line + "\n";
    codec->parse(block, ledger, batch);
    batch.flush();
    EXPECT_GT(ledger.accepted, 0u) << codec->format();
    EXPECT_GT(ledger.rejected_total(), 0u) << codec->format();
    EXPECT_EQ(sink.notes, codec->format() == "statsd" ? 2u : 0u);
    const std::size_t samples = sink.samples;
    for (const std::string& line : lines) {
      const std::size_t before = allocations;
      for (int i = 0; i < 3; ++i)
        codec->parse(line, ledger, batch);
      batch.flush();
      EXPECT_EQ(allocations, before) << codec->format() << ": " << line;
    }
    EXPECT_EQ(sink.samples, 4 * samples);
  }
}

}  // namespace
}  // namespace ingest::codec
