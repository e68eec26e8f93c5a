// Writing over real sockets: the paths, what their clients read, and who is refused.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "gateway/auth/token_hash.h"
#include "gateway/server/write_desk.h"
#include "tests/gateway/server/write_house.h"
#include "tests/support/zip.h"

namespace tests {
namespace {

using gateway::server::LineFormat;
using gateway::server::LineTimes;
using gateway::server::Settings;
using gateway::server::WriteRefused;
using nlohmann::json;
using support::gzip;

TEST(HttpWrite, AnswersNothingWhenAllIsWell) {
  WriteHouse house;
  Visitor visitor(house);
  for (const char* path : {"/api/v1/write", "/write?db=telegraf", "/api/v2/write?org=o&bucket=b"}) {
    visitor.send(post(path, "a\nb\n"));
    const std::string answer = visitor.answer();
    EXPECT_EQ(status_of(answer), 204) << path;
    EXPECT_EQ(body_of(answer), "");
  }
  EXPECT_FALSE(visitor.closed());  // kept alive
  EXPECT_EQ(house.ledger.text, "a\nb\na\nb\na\nb\n");
  const std::vector<LineFormat> formats{LineFormat::Statsd, LineFormat::Influx, LineFormat::Influx};
  EXPECT_EQ(house.ledger.formats, formats);
}

TEST(HttpWrite, BlankBodiesAreFine) {
  WriteHouse house;
  for (const char* body : {"", "\n\n"})
    EXPECT_EQ(status(house, post("/write", body)), 204);
  EXPECT_EQ(status(house, post("/write", "", "Content-Encoding: gzip\r\n")), 204);
}

TEST(HttpWrite, TellsWhichLinesWereRejectedAndThatTheOthersCount) {
  WriteHouse house;
  const std::string answer = ask(house, post("/api/v1/write", "a\nbad\nb\nbad"));
  EXPECT_EQ(status_of(answer), 400);
  const json body = json::parse(body_of(answer));
  EXPECT_EQ(body["accepted"], 2);
  EXPECT_EQ(body["rejected"], 2);
  EXPECT_EQ(body["faults"], json::parse(R"([{"line":2,"reason":"bad_value"},)"
                                        R"({"line":4,"reason":"bad_value"}])"));
  EXPECT_EQ(body["error"]["n"], 400);
  EXPECT_EQ(body["error"]["retry"], false);
  EXPECT_NE(body["error"]["msg"].get<std::string>().find("must not be sent again"),
            std::string::npos);
  EXPECT_EQ(house.ledger.text, "a\nb\n");
}

TEST(HttpWrite, TellsItToInfluxClientsInTheirOwnForm) {
  WriteHouse house;
  const std::string first = ask(house, post("/write?db=d", "a\nbad"));
  EXPECT_EQ(status_of(first), 400);
  const json one = json::parse(body_of(first));
  const std::string error = one["error"];
  EXPECT_TRUE(error.starts_with("partial write: 1 of 2 lines was rejected (line 2: bad_value)"));
  EXPECT_TRUE(error.ends_with("dropped=1"));
  EXPECT_EQ(one["accepted"], 1);
  EXPECT_EQ(header_of(first, "X-Influxdb-Error"), error);

  const std::string second = ask(house, post("/api/v2/write?org=o&bucket=b", "bad\nbad"));
  EXPECT_EQ(status_of(second), 400);
  const json two = json::parse(body_of(second));
  EXPECT_EQ(two["code"], "invalid");
  EXPECT_TRUE(two["message"].get<std::string>().starts_with("unable to parse: 2 of 2 lines"));
  EXPECT_EQ(two["rejected"], 2);
}

TEST(HttpWrite, ItsSentencesAreRightForOneLineAndForMany) {
  WriteHouse house;
  struct Case {
    const char* body;
    const char* sentence;
  };
  for (const Case& one : {
           Case{"bad", "1 of 1 line was rejected (line 1: bad_value), nothing was written"},
           Case{"a\nbad", "1 of 2 lines was rejected (line 2: bad_value), the other 1 counts and"},
           Case{"a\nb\nbad",
                "1 of 3 lines was rejected (line 3: bad_value), the other 2 count and"},
           Case{"bad\nbad\na", "2 of 3 lines were rejected (line 1: bad_value, line 2: bad_value)"},
       }) {
    const json body = json::parse(body_of(ask(house, post("/api/v1/write", one.body))));
    const std::string sentence = body["error"]["msg"];
    EXPECT_TRUE(sentence.starts_with(one.sentence)) << sentence;
  }
}

TEST(HttpWrite, FormatAndPrecisionReachTheLines) {
  WriteHouse house;
  for (const char* target :
       {"/api/v1/write?format=json", "/api/v1/write?format=influx&precision=ms",
        "/write?db=x&precision=h", "/api/v2/write?org=o&bucket=b&precision=s"})
    EXPECT_EQ(status(house, post(target, "a")), 204) << target;
  EXPECT_EQ(status(house, post("/api/v1/write", "{}", "Content-Type: application/json\r\n")), 204);
  const std::vector<LineFormat> formats{LineFormat::Json, LineFormat::Influx, LineFormat::Influx,
                                        LineFormat::Influx, LineFormat::Json};
  const std::vector<LineTimes> times{LineTimes::Auto, LineTimes::Milliseconds, LineTimes::Hours,
                                     LineTimes::Seconds, LineTimes::Auto};
  EXPECT_EQ(house.ledger.formats, formats);
  EXPECT_EQ(house.ledger.times, times);
}

TEST(HttpWrite, IsAnsweredByTheHeadWhereItCannotBeMet) {
  WriteHouse house;
  struct Case {
    const char* target;
    const char* header;
    int status;
  };
  for (const Case& one : {
           Case{"/api/v1/write?format=xml", "", 400},
           Case{"/api/v1/write?precision=s", "", 400},
           Case{"/write?precision=d", "", 400},
           Case{"/api/v1/write?ack=maybe", "", 400},
           Case{"/api/v1/write", "Content-Encoding: br\r\n", 415},
           Case{"/api/v1/write", "Weir-Batch-Id: a b\r\n", 400},
           Case{"/api/v1/write", "Origin: https://evil.example\r\n", 403},
           Case{"/write", "Origin: https://evil.example\r\n", 403},
       }) {
    // The body never comes: the answer does not wait for it.
    const std::string answer =
        ask(house, "POST " + std::string{one.target} + " HTTP/1.1\r\nHost: localhost\r\n" +
                       one.header + "Content-Length: 100\r\n\r\n");
    EXPECT_EQ(status_of(answer), one.status) << one.target << " " << one.header;
    EXPECT_TRUE(json::accept(body_of(answer))) << answer;
    EXPECT_EQ(header_of(answer, "Connection"), "close");
  }
  const std::string coded = ask(house, post("/write", "x", "Content-Encoding: zstd\r\n"));
  EXPECT_TRUE(coded.starts_with("HTTP/1.1 415 Unsupported Media Type\r\n")) << coded;
  EXPECT_EQ(header_of(coded, "Accept-Encoding"), "gzip, deflate, identity");
  EXPECT_TRUE(house.ledger.formats.empty());
}

TEST(HttpWrite, OtherMethodsHearWhichOnesThereAre) {
  WriteHouse house;
  for (const char* path : {"/api/v1/write", "/write", "/api/v2/write"}) {
    for (const char* method : {"GET ", "HEAD ", "PUT ", "DELETE "}) {
      const std::string answer =
          ask(house, std::string{method} + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      EXPECT_EQ(status_of(answer), 405) << method << path;
      EXPECT_EQ(header_of(answer, "Allow"), "POST, OPTIONS") << method << path;
    }
  }
}

// ---- bodies ----

TEST(HttpWrite, TakesGzipAndDeflate) {
  WriteHouse house;
  EXPECT_EQ(status(house, post("/write", gzip("a\nb\n"), "Content-Encoding: gzip\r\n")), 204);
  EXPECT_EQ(
      status(house, post("/write", support::zlib_format("c\n"), "Content-Encoding: deflate\r\n")),
      204);
  EXPECT_EQ(house.ledger.text, "a\nb\nc\n");
}

TEST(HttpWrite, TakesABodyInAnyPieces) {
  WriteHouse house;
  const std::string packed = gzip("a\nb\n");
  std::string chunked =
      "POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (const char byte : packed)
    chunked += std::string{"1\r\n"} + byte + "\r\n";
  chunked += "0\r\n\r\n";
  for (std::size_t at = 1; at < chunked.size(); at += 7) {
    Visitor visitor(house);
    visitor.send(std::string_view{chunked}.substr(0, at));
    visitor.send(std::string_view{chunked}.substr(at));
    ASSERT_EQ(status_of(visitor.answer()), 204) << at;
    ASSERT_EQ(std::exchange(house.ledger.text, {}), "a\nb\n") << at;
  }
}

TEST(HttpWrite, DamagedBodiesCountForNothing) {
  WriteHouse house;
  const std::string packed = gzip("a\nb\n");
  for (const std::string& body : {packed.substr(0, packed.size() - 1), std::string{"plain"}}) {
    const std::string answer = ask(house, post("/write", body, "Content-Encoding: gzip\r\n"));
    EXPECT_EQ(status_of(answer), 400);
    EXPECT_NE(json::parse(body_of(answer))["error"].get<std::string>().find("none of it counts"),
              std::string::npos);
  }
  EXPECT_EQ(house.refused(WriteRefused::Damaged), 2u);
  EXPECT_EQ(house.ledger.text, "");
}

Settings small_bodies(std::size_t body, std::size_t bodies) {
  Settings settings;
  settings.limits.body_max = body;
  settings.limits.bodies_max = bodies;
  return settings;
}

TEST(HttpWrite, HoldsABodyToTheLimitAndCountsNoneOfALargerOne) {
  constexpr std::size_t kMax = 1'000;
  WriteHouse house{small_bodies(kMax, 10 * kMax)};
  const std::string fits = std::string(kMax - 1, 'x') + "\n";
  for (const char* path : {"/api/v1/write", "/write", "/api/v2/write"}) {
    EXPECT_EQ(status(house, post(path, fits)), 204);
    EXPECT_EQ(status(house, post(path, gzip(fits), "Content-Encoding: gzip\r\n")), 204);
    house.ledger.text.clear();
    const std::string plain = ask(house, post(path, fits + "y"));
    const std::string packed =
        ask(house, post(path, gzip(fits + "y"), "Content-Encoding: gzip\r\n"));
    const std::string chunked =
        ask(house, "POST " + std::string{path} +
                       " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
                       fits + "\r\n1\r\ny\r\n0\r\n\r\n");
    for (const std::string& answer : {plain, packed, chunked}) {
      EXPECT_EQ(status_of(answer), 413) << path;
      EXPECT_TRUE(json::accept(body_of(answer))) << path << answer;
    }
    EXPECT_EQ(house.ledger.text, "");
  }
  EXPECT_EQ(house.refused(WriteRefused::TooBig), 3u);
}

TEST(HttpWrite, ABombIsStoppedAtTheLimit) {
  WriteHouse house;  // 8 MiB
  const std::string bomb = gzip(std::string(std::size_t{64} << 20, 'a'));
  ASSERT_LT(bomb.size(), 100'000u);
  EXPECT_EQ(status(house, post("/write", bomb, "Content-Encoding: gzip\r\n")), 413);
  EXPECT_EQ(house.ledger.text, "");
  EXPECT_EQ(status(house, post("/write", gzip("a\n"), "Content-Encoding: gzip\r\n")), 204);
}

/// Of a client behind a proxy; the rest of its body is 100 bytes.
std::string all_but_100(std::size_t body, int client) {
  const std::string whole = post("/write?db=x", std::string(body, 'x'),
                                 "X-Forwarded-For: 192.0.2." + std::to_string(client) + "\r\n");
  return whole.substr(0, whole.size() - 100);
}

TEST(HttpWrite, SlowBodiesOfOneAddressLeaveRoomForTheOthers) {
  constexpr std::size_t kBody = 1'000;
  Settings settings = small_bodies(kBody, 8 * kBody);  // 2 for each address
  settings.trusted_proxies = {"127.0.0.1"};
  WriteHouse house{settings};
  std::vector<std::unique_ptr<Visitor>> slow;
  for (int i = 0; i < 2; ++i) {
    slow.push_back(std::make_unique<Visitor>(house));
    slow.back()->send(all_but_100(kBody, 1));
  }
  for (int i = 0; i < 8; ++i) {
    Visitor more(house);
    more.send(all_but_100(kBody, 1));
    const std::string answer = more.answer();
    EXPECT_EQ(status_of(answer), 503);
    EXPECT_EQ(header_of(answer, "Retry-After"), "1");
    EXPECT_NE(body_of(answer).find("of this address"), std::string::npos);
  }
  EXPECT_EQ(house.refused(WriteRefused::NoRoomOfOne), 8u);
  Visitor other(house);
  other.send(all_but_100(kBody, 2));
  other.send(std::string(100, 'x'));
  EXPECT_EQ(status_of(other.answer()), 204);
  slow[0]->leave();
  house.turn(3);
  slow[0] = std::make_unique<Visitor>(house);
  slow[0]->send(all_but_100(kBody, 1));
  for (auto& one : slow) {
    one->send(std::string(100, 'x'));
    EXPECT_EQ(status_of(one->answer()), 204);
  }
  EXPECT_EQ(house.refused(WriteRefused::NoRoom), 0u);
}

TEST(HttpWrite, BodiesThatComeInAtOnceAreBoundedTogether) {
  Settings settings = small_bodies(1'000, 3'000);
  settings.trusted_proxies = {"127.0.0.1"};
  WriteHouse house{settings};
  std::vector<std::unique_ptr<Visitor>> slow;
  for (int i = 0; i < 3; ++i) {
    slow.push_back(std::make_unique<Visitor>(house));
    slow.back()->send(all_but_100(1'000, i));
  }
  Visitor more(house);
  more.send(all_but_100(1'000, 3));
  const std::string answer = more.answer();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(header_of(answer, "Retry-After"), "1");
  EXPECT_TRUE(json::accept(body_of(answer)));
  EXPECT_EQ(house.refused(WriteRefused::NoRoom), 1u);
  EXPECT_EQ(house.ledger.text, "");
  // A slow one that goes, and one that ends, give their room back.
  slow[0]->leave();
  house.turn(3);
  slow[1]->send(std::string(100, 'x'));
  EXPECT_EQ(status_of(slow[1]->answer()), 204);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(status(house, post("/write", std::string(1'000, 'x'))), 204);
}

TEST(HttpWrite, WithoutAnIntakeThereIsNobodyToTakeLines) {
  House house;
  Visitor visitor(house);
  visitor.send(post("/write", "a"));
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(header_of(answer, "Retry-After"), "1");
}

// ---- batches ----

TEST(HttpWrite, ARetryOfABatchCountsOnceOverAnyConnection) {
  WriteHouse house;
  const std::string batch = post("/api/v1/write", "a\nbad\n", "Weir-Batch-Id: 17\r\n");
  const std::string first = ask(house, batch);
  EXPECT_EQ(status_of(first), 400);
  EXPECT_EQ(header_of(first, "Weir-Batch"), "");
  const std::string second = ask(house, batch);
  EXPECT_EQ(status_of(second), 400);
  EXPECT_EQ(body_of(second), body_of(first));
  EXPECT_EQ(header_of(second, "Weir-Batch"), "repeated");
  EXPECT_EQ(house.ledger.text, "a\n");
  EXPECT_EQ(house.worker->counts().batches_repeated.get(), 1u);
  EXPECT_EQ(status(house, post("/api/v1/write", "b", "Weir-Batch-Id: 18\r\n")), 204);
  EXPECT_EQ(house.ledger.text, "a\nb\n");
}

TEST(HttpWrite, ABatchThatWasNotTakenMayComeAgain) {
  WriteHouse house;
  const std::string headers = "Content-Encoding: gzip\r\nWeir-Batch-Id: 1\r\n";
  EXPECT_EQ(status(house, post("/write", "no gzip", headers)), 400);
  EXPECT_EQ(status(house, post("/write", gzip("a"), headers)), 204);
  EXPECT_EQ(house.ledger.text, "a\n");
}

TEST(HttpWrite, ABatchIsForgottenAfterItsTime) {
  WriteHouse house;
  const std::string batch = post("/write", "a", "Weir-Batch-Id: 1\r\n");
  EXPECT_EQ(status(house, batch), 204);
  house.clock.advance(gateway::server::BatchBook::kKept);
  house.turn();
  EXPECT_EQ(status(house, batch), 204);
  EXPECT_EQ(house.ledger.text, "a\na\n");
}

// ---- who may ----

Settings with_writer() {
  Settings settings;
  for (const char* name : {"secret", "other"}) {
    settings.tokens.push_back({.hash = gateway::auth::hash_token(name),
                               .rights = {.name = name, .role = gateway::auth::Role::Writer}});
  }
  return settings;
}

TEST(HttpWriters, WithoutOneConfiguredAnybodyMayWrite) {
  WriteHouse house;
  EXPECT_EQ(status(house, post("/write", "a", "Authorization: Token whatever\r\n")), 204);
  EXPECT_EQ(status(house, post("/write?u=a&p=b", "a")), 204);
}

TEST(HttpWriters, EveryWritePathWantsAToken) {
  WriteHouse house{with_writer()};
  for (const char* target :
       {"/api/v1/write", "/write?db=x", "/api/v2/write?org=o", "/query?q=CREATE%20DATABASE%20x"}) {
    const std::string without = ask(house, post(target, "a"));
    EXPECT_EQ(status_of(without), 401) << target;
    EXPECT_NE(header_of(without, "WWW-Authenticate"), "") << target;
    EXPECT_TRUE(json::accept(body_of(without))) << target;
    const std::string wrong = ask(house, post(target, "a", "Authorization: Bearer Secret\r\n"));
    EXPECT_EQ(status_of(wrong), 401) << target;
    EXPECT_EQ(wrong.find("Secret"), std::string::npos);
    const int with = status(house, post(target, "a", "Authorization: Bearer secret\r\n"));
    EXPECT_EQ(with / 100, 2) << target;
  }
  EXPECT_EQ(house.refused(WriteRefused::NoToken), 4u);
  EXPECT_EQ(house.refused(WriteRefused::BadToken), 4u);
  EXPECT_EQ(house.ledger.text, "a\na\na\n");
}

TEST(HttpWriters, TheTokenComesInEveryFormOfTheClients) {
  WriteHouse house{with_writer()};
  for (const char* header : {"Authorization: Bearer secret\r\n", "Authorization: Token secret\r\n",
                             "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"})  // user:secret
    EXPECT_EQ(status(house, post("/write", "a", header)), 204) << header;
  EXPECT_EQ(status(house, post("/write?u=user&p=secret", "a")), 204);
  EXPECT_EQ(status(house, post("/api/v2/write?u=user&p=secret", "a")), 401);
  EXPECT_EQ(status(house, post("/api/v1/write?p=secret", "a")), 401);
}

TEST(HttpWriters, ReadingStaysOpen) {
  WriteHouse house{with_writer()};
  for (const char* path : {"/healthz", "/ping", "/health", "/metrics", "/api/v1/status"}) {
    Visitor visitor(house);
    EXPECT_EQ(status_of(visitor.get(path)) / 100, 2) << path;
  }
  Visitor subscriber(house);
  EXPECT_TRUE(subscriber.upgrade());
}

TEST(HttpWriters, ABatchIdIsTheWritersOwn) {
  WriteHouse house{with_writer()};
  const std::string id = "Weir-Batch-Id: 1\r\n";
  EXPECT_EQ(status(house, post("/write", "a", id + "Authorization: Token secret\r\n")), 204);
  EXPECT_EQ(status(house, post("/write", "b", id + "Authorization: Token other\r\n")), 204);
  EXPECT_EQ(status(house, post("/write", "c", id + "Authorization: Token secret\r\n")), 204);
  EXPECT_EQ(house.ledger.text, "a\nb\n");
}

TEST(HttpWriters, AnAddressThatIsNotAllowedIsRefusedAtTheDoor) {
  Settings settings;
  settings.writers_allow = {"10.0.0.0/8", "2001:db8::/32"};
  WriteHouse house{settings};
  for (const char* target : {"/api/v1/write", "/write", "/api/v2/write", "/query?q=x"}) {
    const std::string answer = ask(house, post(target, "a"));
    EXPECT_EQ(status_of(answer), 403) << target;
    EXPECT_NE(body_of(answer).find("http.writers_allow"), std::string::npos);
  }
  EXPECT_EQ(house.refused(WriteRefused::Address), 4u);
  EXPECT_EQ(house.ledger.text, "");
  Visitor visitor(house);
  EXPECT_EQ(status_of(visitor.get("/healthz")), 200);

  Settings loopback;
  loopback.writers_allow = {"127.0.0.1"};
  WriteHouse open{loopback};
  EXPECT_EQ(status(open, post("/write", "a")), 204);
}

TEST(HttpWriters, TheLogNamesTheOneKeyThatWouldHelp) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const ingest::io::Fd reading{ends[0]};
  const ingest::io::Fd log{ends[1]};
  const auto logged = [&] {
    std::array<char, 4096> room{};
    const ssize_t count = ::read(reading.get(), room.data(), room.size());
    return std::string{room.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  };
  Door door;
  door.log_level = ingest::io::LogLevel::Warn;
  door.log_fd = log.get();
  Settings settings;
  settings.writers_allow = {"10.0.0.0/8"};
  WriteHouse house{settings, door};
  EXPECT_EQ(status(house, post("/write", "a", "Origin: https://evil.example\r\n")), 403);
  const std::string origin = logged();
  EXPECT_NE(origin.find("http.origins=https://evil.example"), std::string::npos) << origin;
  EXPECT_EQ(origin.find("http.writers_allow"), std::string::npos) << origin;
  EXPECT_EQ(status(house, post("/write", "a", "Origin: http://localhost\r\n")), 403);
  const std::string address = logged();
  EXPECT_NE(address.find("http.writers_allow"), std::string::npos) << address;
  EXPECT_EQ(address.find("http.origins"), std::string::npos) << address;
}

TEST(HttpWriters, BehindATrustedProxyTheClientsAddressCounts) {
  Settings settings;
  settings.writers_allow = {"192.0.2.0/24"};
  settings.trusted_proxies = {"127.0.0.1", "198.51.100.1"};
  WriteHouse house{settings};
  const auto from = [&](std::string_view forwarded) {
    return status(house,
                  post("/write", "a", "X-Forwarded-For: " + std::string{forwarded} + "\r\n"));
  };
  EXPECT_EQ(from("192.0.2.7"), 204);
  EXPECT_EQ(from("192.0.2.7:4711"), 204);
  EXPECT_EQ(from("203.0.113.9, 192.0.2.7"), 204);
  EXPECT_EQ(from("192.0.2.7, 198.51.100.1"), 204);  // two proxies of ours
  EXPECT_EQ(from("192.0.2.7, 203.0.113.9"), 403);   // anybody writes what stands in front
  EXPECT_EQ(from("203.0.113.9"), 403);
  EXPECT_EQ(from("[2001:db8::1]:80"), 403);
  EXPECT_EQ(from("unknown"), 403);
  EXPECT_EQ(status(house, post("/write", "a")), 403);  // the proxy itself
  EXPECT_EQ(house.ledger.from.front(), "192.0.2.7:0");

  settings.trusted_proxies.clear();
  WriteHouse untrusting{settings};
  EXPECT_EQ(status(untrusting, post("/write", "a", "X-Forwarded-For: 192.0.2.7\r\n")), 403);
}

TEST(HttpWriters, WhoWroteTooMuchHearsWhenToComeAgainAndNothingCounts) {
  Settings settings;
  settings.trusted_proxies = {"127.0.0.1"};
  WriteHouse house{settings};
  house.ledger.wait = std::chrono::milliseconds{1'500};
  for (const char* path : {"/api/v1/write", "/write", "/api/v2/write"}) {
    const std::string answer = ask(house, post(path, "a\n", "X-Forwarded-For: 192.0.2.7\r\n"));
    EXPECT_EQ(status_of(answer), 429) << path;
    EXPECT_EQ(header_of(answer, "Retry-After"), "2");
    EXPECT_TRUE(json::accept(body_of(answer)));
    EXPECT_NE(body_of(answer).find("http.writers_rate"), std::string::npos);
    EXPECT_EQ(house.ledger.asked.back(), "192.0.2.7:0");
  }
  // By the head alone: the body is not waited for.
  EXPECT_EQ(status(house, "POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"),
            429);
  EXPECT_EQ(house.refused(WriteRefused::Rate), 4u);
  EXPECT_EQ(status(house, post("/query?q=CREATE+DATABASE+x", "")), 200);  // writes nothing
  EXPECT_EQ(house.ledger.text, "");
  house.ledger.wait = {};
  EXPECT_EQ(status(house, post("/write", "a\n")), 204);
}

TEST(HttpWriters, WithoutAListAProxyThatTellsNoAddressWritesForItself) {
  Settings settings;
  settings.trusted_proxies = {"127.0.0.1"};
  WriteHouse house{settings};
  for (const char* told : {"unknown", "_hidden", "192.0.2.7, -"}) {
    const std::string header = "X-Forwarded-For: " + std::string{told} + "\r\n";
    ASSERT_EQ(status(house, post("/write", "a", header)), 204) << told;
    EXPECT_TRUE(house.ledger.from.back().starts_with("127.0.0.1:")) << house.ledger.from.back();
  }
  EXPECT_EQ(house.refused(WriteRefused::Address), 0u);
}

// ---- what else Influx's clients ask ----

TEST(InfluxApi, PingSaysWhichVersionIsSpoken) {
  WriteHouse house;
  for (const char* method : {"GET", "HEAD"}) {
    const std::string answer =
        ask(house, std::string{method} + " /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(status_of(answer), 204) << method;
    EXPECT_EQ(header_of(answer, "X-Influxdb-Version"), "1.8.10-weir-0.1.0");
  }
  Visitor visitor(house);
  EXPECT_EQ(json::parse(body_of(visitor.get("/ping?verbose=true")))["version"],
            "1.8.10-weir-0.1.0");
  EXPECT_EQ(json::parse(body_of(visitor.get("/health")))["status"], "pass");
}

TEST(InfluxApi, CreateDatabaseIsAnsweredAsTelegrafExpects) {
  WriteHouse house;
  const std::string form = "q=CREATE+DATABASE+%22telegraf%22";
  const std::string type = "Content-Type: application/x-www-form-urlencoded\r\n";
  for (const std::string& bytes :
       {post("/query", form, type), post("/query?" + form, ""),
        "GET /query?" + form + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
        post("/query?q=create%20database%20x%20with%20duration%201d", "")}) {
    const std::string answer = ask(house, bytes);
    EXPECT_EQ(status_of(answer), 200);
    const json body = json::parse(body_of(answer));
    ASSERT_EQ(body["results"].size(), 1u);
    EXPECT_FALSE(body["results"][0].contains("error"));
  }
  const json shown = json::parse(body_of(ask(house, post("/query?q=SHOW+DATABASES", ""))));
  EXPECT_EQ(shown["results"][0]["series"][0]["values"][0][0], "weir");
}

TEST(InfluxApi, OtherStatementsGetASentence) {
  WriteHouse house;
  for (const char* query : {"?q=SELECT+*+FROM+cpu", "?q=DROP+DATABASE+x", "?q=CREATE+DATABASE",
                            "?q=", "", "?q=%41%42"}) {
    const std::string answer = ask(house, post("/query" + std::string{query}, ""));
    EXPECT_EQ(status_of(answer), 400) << query;
    EXPECT_TRUE(json::parse(body_of(answer))["error"].is_string()) << query;
  }
  EXPECT_EQ(status(house, post("/query", "q=%zz")), 400);
  EXPECT_EQ(status(house, post("/query", std::string(100'000, 'q'))), 413);
}

// ---- long bodies are taken in slices ----

TEST(HttpWrite, OthersAreServedBetweenTheSlicesOfALongBody) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  Visitor writer(house);
  Visitor other(house);
  writer.send(post("/write", lines_of('a', 10'000)));
  begin_taking(house);
  EXPECT_LE(house.ledger.text.size(), gateway::server::WriteDesk::kBytesATurn + 10 * 64u);
  other.send(post("/write", "short\n"));
  EXPECT_EQ(status_of(other.answer()), 204);
  EXPECT_EQ(house.worker->counts().writes.get(), 1u);  // the long one's is not out yet
  EXPECT_NE(house.ledger.text.find("short"), std::string::npos);
  EXPECT_LT(house.ledger.text.size(), 10'000 * 64u);
  EXPECT_EQ(status_of(writer.answer()), 204);
  EXPECT_EQ(house.ledger.text.size(), 10'000 * 64u + 6);
}

TEST(HttpWrite, ManyShortBodiesAtOnceAreSpreadOverTurns) {
  constexpr std::size_t kWriters = 60;
  const std::string body = lines_of('a', 250);
  ASSERT_LE(body.size(), gateway::server::Intake::kSliceBytes);
  WriteHouse house;
  std::vector<std::unique_ptr<Visitor>> writers;
  for (std::size_t i = 0; i < kWriters; ++i)
    writers.push_back(std::make_unique<Visitor>(house));
  for (std::size_t i = 0; i < kWriters; ++i) {
    const bool packs = i % 3 == 0;  // works, whether they inflate first or not
    ASSERT_TRUE(writers[i]->post(packs ? post("/write", gzip(body), "Content-Encoding: gzip\r\n")
                                       : post("/write", body)));
  }
  std::size_t before = 0;
  int turns = 0;
  for (; turns < 100 && house.ledger.text.size() < kWriters * body.size(); ++turns) {
    house.turn();
    const std::size_t taken =
        house.ledger.text.size() - std::exchange(before, house.ledger.text.size());
    EXPECT_LE(taken, gateway::server::WriteDesk::kBytesATurn + body.size());
  }
  EXPECT_GE(turns, 4);
  for (const auto& writer : writers)
    EXPECT_EQ(status_of(writer->answer()), 204);
  EXPECT_EQ(house.ledger.text.size(), kWriters * body.size());
}

TEST(HttpWrite, LongBodiesTakeTurns) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  Visitor one(house);
  Visitor two(house);
  one.send(post("/write", lines_of('a', 5'000)));
  two.send(post("/write", lines_of('b', 5'000)));
  EXPECT_EQ(status_of(one.answer()), 204);
  EXPECT_EQ(status_of(two.answer()), 204);
  const std::string& text = house.ledger.text;
  EXPECT_EQ(text.size(), 10'000 * 64u);
  EXPECT_LT(text.find('b'), text.rfind('a'));
  EXPECT_LT(text.find('a'), text.rfind('b'));
}

TEST(HttpWrite, NobodyOvertakesTheWorksThatWait) {
  WriteHouse house;
  house.ledger.slice_lines = 250;
  Visitor one(house);
  Visitor two(house);
  one.send(post("/write", lines_of('a', 10'000)));
  begin_taking(house);
  const std::size_t before = house.ledger.text.size();
  ASSERT_TRUE(two.post(post("/write", "short\n")));
  house.turn();
  // A slice of whom it found waiting comes first, then its own, within the same turn.
  EXPECT_GT(house.ledger.text.find("short"), before);
  EXPECT_LE(house.ledger.text.find("short"), before + 2 * gateway::server::Intake::kSliceBytes);
  EXPECT_LE(house.ledger.text.size() - before, gateway::server::WriteDesk::kBytesATurn + 250 * 64u);
  EXPECT_EQ(status_of(two.answer()), 204);
  EXPECT_EQ(status_of(one.answer()), 204);
}

TEST(HttpWrite, WhatIsBehindALongBodyWaitsForItsAnswer) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  Visitor visitor(house);
  visitor.send(post("/write", lines_of('a', 5'000)) + post("/write", "behind\n"));
  EXPECT_EQ(status_of(visitor.answer()), 204);
  EXPECT_EQ(status_of(visitor.answer()), 204);
  EXPECT_EQ(house.ledger.text.find("behind"), 5'000 * 64u);
}

TEST(HttpWrite, ALongBodyCountsWholeThoughItsConnectionGoes) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  {
    Visitor visitor(house);
    visitor.send(post("/write", lines_of('a', 5'000)));
    begin_taking(house);
  }
  EXPECT_LT(house.ledger.text.size(), 5'000 * 64u);
  house.turn(200);
  EXPECT_EQ(house.ledger.text.size(), 5'000 * 64u);
}

TEST(HttpWrite, ALongBodyThatWasInflatedIsTakenWholeToo) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  Visitor visitor(house);
  visitor.send(post("/write", gzip(lines_of('a', 2'000)), "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(status_of(visitor.answer()), 204);
  EXPECT_EQ(house.ledger.text, lines_of('a', 2'000));
}

TEST(HttpWrite, OthersAreServedWhileALongBodyIsInflated) {
  WriteHouse house;
  Visitor writer(house);
  Visitor other(house);
  const std::string lines = lines_of('a', 100'000);
  writer.send(post("/write", gzip(lines), "Content-Encoding: gzip\r\n"));
  other.send(post("/write", "short\n"));
  EXPECT_EQ(status_of(other.answer()), 204);
  EXPECT_EQ(house.ledger.text, "short\n");
  EXPECT_EQ(status_of(writer.answer()), 204);
  EXPECT_EQ(house.ledger.text, "short\n" + lines);
}

TEST(HttpWrite, ALongBodyThatIsDamagedAtItsEndCountsForNothing) {
  WriteHouse house;
  std::string packed = gzip(lines_of('a', 100'000));
  packed[packed.size() - 5] ^= 1;  // of the checksum
  EXPECT_EQ(status(house, post("/write", packed, "Content-Encoding: gzip\r\n")), 400);
  EXPECT_EQ(house.refused(WriteRefused::Damaged), 1u);
  EXPECT_EQ(house.ledger.text, "");
}

TEST(HttpWrite, ABodyThatGrowsPastTheRoomWhileItIsInflatedCountsForNothing) {
  Settings settings;
  settings.limits.body_max = std::size_t{8} << 20;
  settings.limits.bodies_max = std::size_t{1} << 20;
  WriteHouse house(settings);
  const std::string packed = gzip(lines_of('a', 50'000));
  const std::string answer = ask(house, post("/write", packed, "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(header_of(answer, "Retry-After"), "1");
  EXPECT_EQ(house.refused(WriteRefused::NoRoom), 1u);
  EXPECT_EQ(house.ledger.text, "");
  EXPECT_EQ(status(house, post("/write", "a\n")), 204);  // and gives its room back
}

TEST(HttpWrite, ARetryOfABatchThatIsBeingTakenWaitsForIt) {
  WriteHouse house;
  house.ledger.slice_lines = 10;
  const std::string batch = post("/write", lines_of('a', 5'000), "Weir-Batch-Id: 9\r\n");
  Visitor first(house);
  first.send(batch);
  begin_taking(house);
  EXPECT_LT(house.ledger.text.size(), 5'000 * 64u);
  Visitor second(house);
  second.send(batch);
  const std::string again = second.answer();
  EXPECT_EQ(status_of(again), 204);
  EXPECT_EQ(header_of(again, "Weir-Batch"), "repeated");
  EXPECT_EQ(status_of(first.answer()), 204);
  EXPECT_EQ(house.ledger.text.size(), 5'000 * 64u);  // once
}

TEST(HttpWrite, WhatALongBodyTakesInflatedFindsRoomOrNoneOfItCounts) {
  Settings settings;
  settings.limits.body_max = 1'200'000;
  settings.limits.bodies_max = 1'200'000;
  WriteHouse house(settings);
  house.ledger.slice_lines = 10;
  Visitor one(house);
  one.send(post("/write", gzip(lines_of('a', 12'000)), "Content-Encoding: gzip\r\n"));
  begin_taking(house);
  Visitor two(house);
  two.send(post("/write", gzip(lines_of('b', 12'000)), "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(status_of(two.answer()), 503);
  EXPECT_EQ(status_of(one.answer()), 204);
  EXPECT_EQ(house.ledger.text, lines_of('a', 12'000));
  Visitor three(house);
  three.send(post("/write", gzip(lines_of('c', 12'000)), "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(status_of(three.answer()), 204);
}

}  // namespace
}  // namespace tests
