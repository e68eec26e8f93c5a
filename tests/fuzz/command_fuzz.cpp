// rooms: gateway/publish
// Any text from a client: no crash, and either a command whose numbers are in range or a refusal
// that can be written back as JSON. Its words go through a connection's protocol state as well, so
// that no order of commands breaks it.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/publish/protocol.h"
#include "gateway/publish/subscriptions.h"
#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace {

using namespace gateway::publish;  // NOLINT(google-build-using-namespace): one fuzz target, one
                                   // room

void check_sub(const Sub& sub) {
  CHECK(sub.id <= static_cast<std::uint64_t>(kNumberMax));
  CHECK(sub.rate > ingest::Millis{0});
  CHECK(!ingest::query::fields(sub.query).empty() && !sub.query.metric.empty());
}

void check_text(std::string_view text) {
  CHECK(nlohmann::json::parse(text, nullptr, false).is_object());
}

void check_one(std::string_view text) {
  const auto parsed = parse_command(text, {});
  if (!parsed) return check_text(err_text(parsed.error().id, parsed.error().fault));
  if (const auto* sub = std::get_if<Sub>(&*parsed)) check_sub(*sub);
  if (const auto* hello = std::get_if<Hello>(&*parsed)) {
    for (const auto& body : hello->subs) {
      if (const auto* sub = std::get_if<Sub>(&body)) check_sub(*sub);
    }
  }
  if (const auto* seen = std::get_if<Seen>(&*parsed)) CHECK(seen->at.size() <= kSeenMax);
}

/// The hub as this connection may meet it: accepts everything, on channel 1 or 2, and knows an
/// empty past.
void answer(const ToHub& message, Subscriptions& subs, Desk& desk, Subscriptions::Now now) {
  if (const auto* ask = std::get_if<Ask>(&message)) {
    const auto page =
        std::make_shared<const ingest::query::RangeAnswer>(ingest::query::RangePage{});
    return subs.answered({ask->who, ask->ticket, page}, desk, now);
  }
  const auto* subscribe = std::get_if<Subscribe>(&message);
  if (subscribe == nullptr) return;
  const auto ch = static_cast<ChannelId>(1 + subscribe->id % 2);
  subs.told(
      {subscribe->who, make_frame("{}"), Verdict::Accepted, subscribe->id, subscribe->ticket, ch},
      desk, now);
  subs.joined({subscribe->who, subscribe->id, ch, {make_frame("{}")}, 1}, desk);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all = ingest::as_text({data, size});
  Desk desk;
  Subscriptions subs{{0, 1, 1}, 7};
  const Subscriptions::Now now{};
  std::size_t begin = 0;
  while (begin <= all.size()) {  // a line is a message
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    const std::string_view text = all.substr(begin, end - begin);
    begin = end + 1;
    check_one(text);
    subs.receive(text, desk, now);
    for (const ToHub& message : std::exchange(desk.to_hub, {}))
      answer(message, subs, desk, now);
    std::vector<FramePtr> due;
    subs.due(desk, now, due, 64);
    for (const FramePtr& frame : due)
      check_text(frame->payload());
    subs.sent(desk, now, due.size());
  }
  subs.leave(desk);
  CHECK(subs.size() == 0);
  return 0;
}
