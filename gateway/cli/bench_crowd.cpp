#include "gateway/cli/bench_crowd.h"

#include <algorithm>
#include <utility>

#include "gateway/cli/frame_head.h"

namespace gateway::cli {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Millis;

constexpr Millis kGrowMax{60'000};  // without a single new member
constexpr std::size_t kFramesMax = 4'096;

/// `metric` is one of ours and needs no escapes.
std::string hello_for(const std::string& metric) {
  return R"({"t":"hello","v":1,"sdk":"weir-bench","subs":[{"t":"sub","id":1,"q":{"metric":")" +
         metric + R"(","stats":["count","last"]},"rate":"250ms"}]})";
}

}  // namespace

class Crowd::Member final : public ws_client::ClientListener {
 public:
  Member(Crowd& crowd, ws_client::ClientOptions options)
      : crowd_(crowd), client_(crowd.loop_, crowd.tools_, std::move(options), *this) {
    client_.start();
  }
  void opened(const ws::Opened& opened) override {
    const bool deflate = crowd_.options_.compression == ws::Compression::Deflate;
    if (deflate && !opened.deflate)
      return crowd_.failed("the server did not agree to permessage-deflate");
    client_.send_text(hello_for(crowd_.options_.metric));
  }
  void text(std::string_view message) override {
    if (message.starts_with(R"({"t":"snap")") && !std::exchange(subscribed_, true))
      return crowd_.subscribed();
    if (message.starts_with(R"({"t":"err")"))
      return crowd_.failed("the server refused: " + std::string{message.substr(0, 200)});
    if (message.starts_with(R"({"t":"u")")) crowd_.heard(message);
  }
  void binary(ingest::ByteView /*message*/) override {}
  void ended(const ws_client::Ending& ending, std::optional<Millis> /*again*/) override {
    crowd_.failed(ending.sentence);
  }

 private:
  Crowd& crowd_;
  ws_client::Client client_;
  bool subscribed_ = false;
};

Crowd::Crowd(ingest::io::EventLoop& loop, const ingest::io::RealClock& clock, CrowdOptions options)
    : loop_(loop), clock_(clock), options_(std::move(options)) {}

Crowd::~Crowd() = default;

void Crowd::add_member() {
  ws_client::ClientOptions options;
  options.url = options_.url;
  options.compression = options_.compression;
  options.reconnect = ws_client::Reconnect::Never;
  members_.push_back(std::make_unique<Member>(*this, std::move(options)));
}

void Crowd::subscribed() {
  ++subscribed_;
}

void Crowd::failed(const std::string& sentence) {
  if (fault_.empty()) fault_ = sentence;
}

void Crowd::heard(std::string_view message) {
  if (!listening_) return;
  ++messages_;
  const std::uint64_t s = sequence_of(message);
  const ingest::MonoTime now = clock_.mono();
  const auto found = std::find_if(frames_.rbegin(), frames_.rend(),
                                  [&](const Frame& frame) { return frame.s == s; });
  if (found != frames_.rend()) {
    ++found->readers;
    found->last = now;
  } else if (frames_.size() < kFramesMax) {
    frames_.push_back({s, 1, now, now});
  }
}

/// False when the time is over or something failed first.
bool Crowd::run_until(ingest::MonoTime until, bool (Crowd::*done)() const) {
  while (!(this->*done)() && fault_.empty() && clock_.mono() < until)
    loop_.turn(Millis{50});
  return fault_.empty();
}

ingest::Result<void> Crowd::grow(std::size_t members) {
  ingest::MonoTime until = clock_.mono() + kGrowMax;
  while (subscribed_ < members) {
    const std::size_t before = subscribed_;
    while (members_.size() < members && members_.size() - subscribed_ < kConnectingMax)
      add_member();
    wanted_ = std::min(members, subscribed_ + 1);
    if (!run_until(until, &Crowd::is_grown)) return Failure{Error{0, fault_}};
    if (subscribed_ == before) {
      return Failure{Error{0, "only " + std::to_string(subscribed_) + " of " +
                                  std::to_string(members) + " subscriptions were answered"}};
    }
    until = clock_.mono() + kGrowMax;
  }
  return {};
}

ingest::Result<void> Crowd::rest(Millis time) {
  if (!run_until(clock_.mono() + time, &Crowd::is_never)) return Failure{Error{0, fault_}};
  return {};
}

ingest::Result<Crowd::Told> Crowd::listen(Millis time) {
  listening_ = true;
  messages_ = 0;
  frames_.clear();
  const ingest::MonoTime begin = clock_.mono();
  if (!run_until(begin + time, &Crowd::is_never)) return Failure{Error{0, fault_}};
  listening_ = false;
  Told told{.messages = messages_, .seconds = 0, .spread_ms = std::nullopt};
  told.seconds = std::chrono::duration<double>(clock_.mono() - begin).count();
  std::vector<double> spreads;
  for (const Frame& frame : frames_) {
    const std::chrono::duration<double, std::milli> spread = frame.last - frame.first;
    if (frame.readers == members_.size()) spreads.push_back(spread.count());
  }
  std::sort(spreads.begin(), spreads.end());
  if (!spreads.empty()) told.spread_ms = spreads[spreads.size() / 2];
  return told;
}

}  // namespace gateway::cli
