#include "gateway/tools/demo_load.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gateway::tools {
namespace {

struct Route {
  std::string_view service;
  std::string_view route;
  std::uint32_t share;    // of a hundred requests
  std::uint32_t base_ms;  // what a quick one takes
};
constexpr std::array<Route, 8> kRoutes{{{"web", "/", 30, 9},
                                        {"catalog", "/products", 22, 18},
                                        {"catalog", "/products/{id}", 20, 14},
                                        {"search", "/search", 12, 46},
                                        {"checkout", "/cart", 8, 21},
                                        {"checkout", "/checkout", 3, 95},
                                        {"auth", "/login", 3, 60},
                                        {"web", "/help", 2, 7}}};
constexpr std::array<std::string_view, 5> kServices{"web", "catalog", "search", "checkout", "auth"};
constexpr std::array<std::string_view, 3> kRegions{"eu-west-1", "us-east-1", "ap-south-1"};
constexpr std::array<std::uint32_t, 3> kRegionShares{45, 38, 17};
constexpr std::array<std::string_view, 3> kQueues{"mail", "invoices", "thumbnails"};
constexpr std::uint32_t kHosts = 3;  // of a service in a region

constexpr std::uint64_t kIncidentEvery = std::uint64_t{90} * DemoLoad::kStepsASecond;
constexpr std::uint64_t kCheckEvery = std::uint64_t{5} * DemoLoad::kStepsASecond;
constexpr std::uint64_t kIncidentLasts = std::uint64_t{25} * DemoLoad::kStepsASecond;

/// SplitMix64 (Steele, Lea and Flood 2014).
constexpr std::uint64_t mix(std::uint64_t state) {
  state += 0x9E3779B97F4A7C15U;
  state = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9U;
  state = (state ^ (state >> 27U)) * 0x94D049BB133111EBU;
  return state ^ (state >> 31U);
}

/// A wave of `period` steps between 0 and 1: a parabola for each half, near enough a sine.
constexpr double wave(std::uint64_t step, std::uint64_t period) {
  const double at = static_cast<double>(step % period) / static_cast<double>(period) * 2;
  const double up = at < 1 ? at : at - 1;
  const double half = 2 * up * (1 - up);
  return at < 1 ? 0.5 + half : 0.5 - half;
}

template <std::size_t kCount>
std::size_t pick(const std::array<std::uint32_t, kCount>& shares, std::uint32_t at) {
  std::size_t chosen = 0;
  while (chosen + 1 < kCount && at >= shares[chosen])
    at -= shares[chosen++];
  return chosen;
}

constexpr auto kRouteShares = [] {
  std::array<std::uint32_t, kRoutes.size()> shares{};
  for (std::size_t i = 0; i < kRoutes.size(); ++i)
    shares[i] = kRoutes[i].share;
  return shares;
}();

/// What the shop's own scripts say of a release.
std::string event(std::string_view what, std::string_view service, std::string_view level) {
  const std::string title = std::string{what} + std::string{service};
  constexpr std::string_view kText = "by the made-up shop";
  return "_e{" + std::to_string(title.size()) + "," + std::to_string(kText.size()) + "}:" + title +
         "|" + std::string{kText} + "|t:" + std::string{level} +
         "|#service:" + std::string{service} + "\n";
}

/// One decimal.
std::string tenths(double value) {
  const auto whole = static_cast<std::int64_t>(value * 10);
  return std::to_string(whole / 10) + "." + std::to_string(whole % 10);
}

}  // namespace

struct DemoLoad::Draw {
  std::uint64_t state;
  std::uint64_t next() { return state = mix(state); }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(next() % limit); }
  double unit() { return static_cast<double>(next() >> 11U) / 9007199254740992.0; }
  /// About 1, seldom much more: what latencies look like.
  double tail() {
    const double u = unit();
    const double slow = u > 0.97 ? 4 / (1.02 - u) / 20 : 0;
    return 0.6 + 0.5 * (unit() + unit()) + slow;
  }
};

DemoLoad::Incident DemoLoad::incident() const {
  const std::uint64_t number = step_ / kIncidentEvery;
  const std::uint64_t since = step_ % kIncidentEvery;
  if (since + kIncidentLasts < kIncidentEvery) return {};
  return incident_of(number);
}

DemoLoad::Incident DemoLoad::incident_of(std::uint64_t number) const {
  const std::uint64_t what = mix(seed_ ^ mix(number));
  return {true, static_cast<std::uint32_t>(what % kRoutes.size()),
          static_cast<std::uint32_t>((what >> 32U) % kRegions.size())};
}

void DemoLoad::step(std::string& lines) {
  Draw draw{mix(seed_) ^ mix(step_ + 1)};
  requests(draw, lines);
  backends(draw, lines);
  people(draw, lines);
  remarks(lines);
  ++step_;
}

void DemoLoad::requests(Draw& draw, std::string& lines) const {
  const Incident wrong = incident();
  const auto count = static_cast<int>(14 + 14 * wave(step_, 1'800) + 4 * wave(step_, 170));
  for (int i = 0; i < count; ++i) {
    const std::size_t at = pick(kRouteShares, draw.below(100));
    const std::size_t region = pick(kRegionShares, draw.below(100));
    const Route& route = kRoutes[at];
    const bool hit = wrong.on && wrong.route == at && wrong.region == region;
    const double took = route.base_ms * draw.tail() * (hit ? 6 : 1) * (region == 2 ? 1.4 : 1);
    const std::uint32_t luck = draw.below(1'000);
    const std::string_view status = luck < (hit ? 300U : 4U) ? "500" : luck > 985 ? "404" : "200";
    const std::string tags =
        "|#service:" + std::string{route.service} + ",route:" + std::string{route.route} +
        ",region:" + std::string{kRegions[region]} + ",host:" + std::string{route.service} + "-" +
        std::to_string(draw.below(kHosts) + 1);
    lines += "http.requests:1|c" + tags + ",status:" + std::string{status} + "\n";
    lines += "http.request.duration:" + tenths(took) + "|ms" + tags + "\n";
    if (status == "500") lines += "http.errors:1|c" + tags + "\n";
  }
}

void DemoLoad::backends(Draw& draw, std::string& lines) const {
  const double busy = wave(step_, 1'800);
  if (step_ % kStepsASecond == 0) {
    for (std::size_t i = 0; i < kQueues.size(); ++i) {
      const double depth = static_cast<double>(i + 1) * (20 + 180 * wave(step_ + i * 300, 700)) *
                           (0.9 + 0.2 * draw.unit());
      lines += "queue.depth:" + std::to_string(static_cast<int>(depth)) +
               "|g|#queue:" + std::string{kQueues[i]} + "\n";
    }
    for (const std::string_view region : kRegions) {
      lines += "db.pool.used:" + std::to_string(8 + static_cast<int>(40 * busy * draw.unit())) +
               "|g|#region:" + std::string{region} + "\n";
    }
  }
  for (std::uint32_t i = draw.below(4); i > 0; --i) {
    const std::string_view queue = kQueues[draw.below(kQueues.size())];
    lines += "jobs.done:1|c|#queue:" + std::string{queue} + "\n";
    lines += "db.query.duration:" + tenths(3 * draw.tail() * (1 + busy)) +
             "|ms|#region:" + std::string{kRegions[pick(kRegionShares, draw.below(100))]} + "\n";
  }
}

void DemoLoad::people(Draw& draw, std::string& lines) const {
  const auto crowd = static_cast<std::uint32_t>(200 + 1'800 * wave(step_, 1'800));
  for (int i = 0; i < 3; ++i) {
    lines += "users.active:u" + std::to_string(draw.below(crowd)) +
             "|s|#region:" + std::string{kRegions[pick(kRegionShares, draw.below(100))]} + "\n";
  }
  if (draw.below(5) == 0)
    lines += "order.value:" + tenths(12 + 60 * draw.tail()) +
             "|d|#currency:" + (draw.below(3) == 0 ? "USD" : "EUR") + "\n";
}

void DemoLoad::remarks(std::string& lines) const {
  const std::uint64_t number = step_ / kIncidentEvery;
  const std::uint64_t since = step_ % kIncidentEvery;
  if (since + kIncidentLasts == kIncidentEvery) {
    lines += event("deploy ", kRoutes[incident_of(number).route].service, "info");
  } else if (since == 0 && number > 0) {
    lines += event("roll back ", kRoutes[incident_of(number - 1).route].service, "success");
  }
  if (step_ % kCheckEvery != 0) return;
  const Incident wrong = incident();
  for (const std::string_view service : kServices) {
    const bool failing = wrong.on && kRoutes[wrong.route].service == service;
    lines += "_sc|" + std::string{service} + ".up|" + (failing ? "2" : "0") +
             "|h:" + std::string{service} +
             "-1|m:" + (failing ? "3 of 10 requests fail" : "all is well") + "\n";
  }
}

}  // namespace gateway::tools
