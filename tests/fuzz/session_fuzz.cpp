// rooms: gateway/publish gateway/ws gateway/auth GTest::gtest
// Whole sessions: the bytes of three WebSocket connections after their handshakes go through
// gateway/ws into the protocol, joined to a real Publisher, while streams tick and readers stop and
// go on. A line is a step: its first byte says whose and what (see step()). What each client is
// sent is read by a model that fails where a promise of the protocol breaks.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/deflate.h"
#include "gateway/ws/mask.h"
#include "gateway/ws/server_session.h"
#include "ingest/base/bytes.h"
#include "tests/gateway/publish/house.h"

namespace {

using namespace gateway;                 // NOLINT(google-build-using-namespace): one fuzz target
using namespace gateway::publish::test;  // NOLINT(google-build-using-namespace): of its house

constexpr std::size_t kClients = 3;
constexpr std::size_t kRows = 6;

/// For as many as come.
class Room final : public publish::Place {
 public:
  bool add_sub() override { return true; }
  void drop_subs(std::size_t /*count*/) override {}
};

/// Knows "all", "prod" (env=prod), "short" (for five minutes); "late" is over, others are unknown.
class Keeper final : public publish::Gatekeeper {
 public:
  bool guards_reading() override { return true; }
  ingest::Result<auth::RightsPtr, auth::Refusal> identify(
      std::string_view token, WallTime now, const ingest::IpAddress& /*from*/) override {
    using Kind = auth::Refusal::Kind;
    auth::Rights rights{.name = std::string{token}};
    if (token == "prod") rights.where = {{"env", ingest::query::Op::Equal, {"prod"}}};
    if (token == "short") rights.until = now + std::chrono::minutes{5};
    if (token == "late") return ingest::Failure{auth::Refusal{Kind::Expired, "over"}};
    if (token != "all" && token != "prod" && token != "short")
      return ingest::Failure{auth::Refusal{Kind::Invalid, "unknown"}};
    return auth::RightsPtr{std::make_shared<const auth::Rights>(std::move(rights))};
  }
  bool still_gives(const auth::Rights& /*rights*/, WallTime /*now*/) override { return true; }
  std::unique_ptr<publish::Place> admit(const auth::Rights& /*rights*/,
                                        std::size_t /*subs*/) override {
    return std::make_unique<Room>();
  }
  std::uint64_t generation() override { return 1; }
};

/// One connection: its frames are read as the server reads them.
struct Peer {
  explicit Peer(ws::Inflater& inflater)
      : session({.message_bytes_max = 4'096, .fragments_max = 8, .accept = ws::Accept::TextOnly},
                &inflater) {}
  Client* client = nullptr;
  ws::ServerSession session;
};

class Sessions {
 public:
  Sessions() : house_(options(), {Millis{1'000}, 2'000, 20'000, 16}) {
    house_.publisher->ask_of(house_.past);
    house_.past.times_max = 100;
    for (const auto& desk : house_.desks) {
      desk->rules.commands_per_second = 50;
      desk->rules.output_per_second = 20'000;
    }
    for (std::size_t i = 0; i < kClients; ++i) {
      peers_.push_back(std::make_unique<Peer>(inflater_));
      auto identity = i == 2 ? std::make_unique<publish::Identity>(keeper_, nullptr) : nullptr;
      peers_.back()->client =
          &house_.connect(static_cast<std::uint32_t>(i % House::kWorkers), std::move(identity));
    }
  }

  /// "a<TEXT" a text of client a; "a#BYTES" bytes as they are; "ar" it stops reading or goes on;
  /// "ax" it leaves; "-t" a tick of the streams; "-s" a second; "-p" an answer about the past.
  void step(std::string_view line) {
    if (line.size() < 2) return;
    Peer& peer = *peers_[static_cast<unsigned char>(line[0]) % kClients];
    const std::string_view rest = line.substr(2);
    switch (line[1]) {
      case '<':
        return receive(peer, ws::make_frame({.mask = ws::MaskKey{1, 2, 3, 4}}, rest));
      case '#':
        return receive(peer, std::string{rest});
      case 'r':
        peer.client->reads = !peer.client->reads;
        return house_.settle();
      case 'x':
        return house_.leave(*peer.client);
      case 't':
        return tick(rest);
      case 's':
        house_.advance(Millis{1'000});
        return look();
      case 'p':
        house_.past.answer();
        return house_.settle();
      default:
        return;
    }
  }

  /// All go: nobody is known to anybody any more.
  void end() {
    for (const auto& peer : peers_)
      house_.leave(*peer->client);
    house_.tick();
    CHECK(house_.ledger().readers == 0);
    for (const auto& peer : peers_)
      CHECK(peer->client->subs.size() == 0);
  }

 private:
  static publish::Publisher::Options options() {
    publish::Publisher::Options options;
    options.streams_max = 8;
    options.linger_bytes_max = 10'000;
    options.ring = {Millis{1'000}, 2'000, 20'000, 16};
    return options;
  }

  void receive(Peer& peer, std::string bytes) {
    if (peer.session.finished()) return;
    peer.session.receive({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    while (const auto event = peer.session.next_event()) {
      if (const auto* text = std::get_if<ws::Text>(&*event)) {
        house_.say(*peer.client, std::string{text->text});
      } else if (std::holds_alternative<ws::PeerClosed>(*event) ||
                 std::holds_alternative<ws::Failed>(*event)) {
        house_.leave(*peer.client);
      }
    }
    static_cast<void>(peer.session.take_unread());
    peer.session.output_sent(peer.session.output().size());
  }

  /// Each stream says of one row that it came, changed or went; the byte chooses which.
  void tick(std::string_view choice) {
    const std::size_t row = choice.empty() ? 0 : static_cast<unsigned char>(choice[0]) % kRows;
    std::vector<std::pair<StreamId, Told>> all;
    for (const auto& [id, query] : house_.streams.watched) {
      Told told;
      told.window = window_at(house_.now + Millis{250}, query.window, query.slide);
      std::array<bool, kRows>& live = live_[id];
      if (!live.at(row)) told.added.push_back({static_cast<RowSlot>(row), keys(query, row)});
      const bool goes = live.at(row) && choice.size() > 1;
      live.at(row) = !goes;
      if (goes) {
        told.removed.push_back(static_cast<RowSlot>(row));
      } else {
        told.rows.push_back(static_cast<RowSlot>(row));
        for (const auto& field : ingest::query::fields(query)) {
          const bool list = field.stat && field.stat->is_list();  // of which there is none
          told.values.push_back(list ? std::nan("") : static_cast<double>(++numbers_));
        }
      }
      all.emplace_back(id, std::move(told));
    }
    house_.tick(all);
    look();
  }
  static std::vector<std::string> keys(const Query& query, std::size_t row) {
    return std::vector<std::string>(query.by.size(), "k" + std::to_string(row));
  }

  void look() {
    for (const auto& peer : peers_)
      peer->client->subs.check_identity(house_.desk_of(*peer->client), {house_.mono, house_.now});
    house_.settle();
  }

  Keeper keeper_;
  ws::Inflater inflater_;
  House house_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::map<StreamId, std::array<bool, kRows>> live_;
  std::uint64_t numbers_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  GTEST_FLAG_SET(break_on_failure, true);
  constexpr std::size_t kStepsMax = 200;
  const std::string_view all = ingest::as_text({data, size});
  Sessions sessions;
  std::size_t begin = 0;
  for (std::size_t steps = 0; begin < all.size() && steps < kStepsMax; ++steps) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    sessions.step(all.substr(begin, end - begin));
    begin = end + 1;
  }
  sessions.end();
  return 0;
}
