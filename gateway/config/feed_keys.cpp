// The keys of the items of `feeds`.

#include <array>

#include "gateway/config/choice.h"
#include "gateway/config/keys.h"

namespace gateway::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t kNetworksMax = 64;  // of `allow`

constexpr std::array<std::string_view, 4> kFormatNames{"statsd", "influx", "graphite", "json"};
constexpr std::array<std::string_view, 2> kSignedGaugeNames{"delta", "absolute"};
constexpr std::array<std::string_view, 2> kUdpGroNames{"false", "true"};
constexpr std::array<std::string_view, 2> kTokenNames{"off", "required"};

using S = SocketFeed;

constexpr std::array kSocketFeedKeys{
    KeyIn<S>{"format", choice<S, [](S& s) -> Format& { return s.format; }>(kFormatNames),
             "How the received bytes are read: StatsD with the DogStatsD extensions, Influx line "
             "protocol, Graphite plaintext, or a JSON object a line."},
    KeyIn<S>{"signed_gauge",
             choice<S, [](S& s) -> SignedGauge& { return s.signed_gauge; }>(kSignedGaugeNames),
             "Whether a gauge of StatsD written +5 or -5 changes the value or sets it."},
    KeyIn<S>{"udp_gro", choice<S, [](S& s) -> UdpGro& { return s.udp_gro; }>(kUdpGroNames),
             "Whether the kernel may hand datagrams of one UDP sender over many at once (UDP_GRO); "
             "what it drops of those it may count as one."},
    KeyIn<S>{"idle_timeout",
             DurationIn<S>{[](S& s) -> Millis& { return s.idle_timeout; }, seconds{1}, hours{24}},
             "A TCP or Unix stream sender that says nothing for this long is disconnected."},
    KeyIn<S>{"connections",
             CountIn<S>{[](S& s) -> std::uint64_t& { return s.connections; }, 1, 1'000'000},
             "Connections of TCP or Unix stream senders at each worker; further ones are refused."},
    KeyIn<S>{
        "connections_per_address",
        CountIn<S>{[](S& s) -> std::uint64_t& { return s.connections_per_address; }, 1, 1'000'000},
        "Those of one IPv4 address or IPv6 /64 at each worker; further ones are refused."},
    KeyIn<S>{
        "token", choice<S, [](S& s) -> Token& { return s.token; }>(kTokenNames),
        "Whether a TCP or Unix stream sender must begin with a line `token T`, with a writer's "
        "token; others are disconnected."},
    KeyIn<S>{"mode", ModeIn<S>{[](S& s) -> std::uint64_t& { return s.mode; }},
             "Who may send to a Unix socket: the mode of its file."},
    KeyIn<S>{"rate",
             CountIn<S>{[](S& s) -> std::uint64_t& { return s.rate; }, 1, 1'000'000'000, "off"},
             "Samples a second that one IPv4 address or IPv6 /64 may send to each worker; further "
             "ones are dropped and counted. A Unix socket's senders are one."},
    KeyIn<S>{"allow",
             TextsIn<S>{[](S& s) -> std::vector<std::string>& { return s.allow; }, kNetworksMax,
                        is_network, "networks as 10.0.0.0/8 or addresses"},
             "Who may send; an empty list is everybody. UDP samples of others are dropped and "
             "counted, TCP connections of others refused."},
};

constexpr std::array kHostFeedKeys{
    KeyIn<HostFeed>{"every",
                    DurationIn<HostFeed>{[](HostFeed& h) -> Millis& { return h.every; }, seconds{1},
                                         seconds{60}},
                    "How often /proc is read."},
};

using R = ReplayFeed;

constexpr std::array kReplayFeedKeys{
    KeyIn<R>{"speed", CountIn<R>{[](R& r) -> std::uint64_t& { return r.speed; }, 1, 1'000, "max"},
             "Times as fast as it was recorded; max is as fast as it can be folded."},
    KeyIn<R>{"loop", CountIn<R>{[](R& r) -> std::uint64_t& { return r.loop; }, 1, 1'000'000'000},
             "How often the file is played, one time after the other."},
    KeyIn<R>{"format", choice<R, [](R& r) -> Format& { return r.format; }>(kFormatNames),
             "Of a plain file of lines; a recording knows its own."},
};

}  // namespace

std::span<const KeyIn<SocketFeed>> socket_feed_keys() {
  return kSocketFeedKeys;
}
std::span<const KeyIn<HostFeed>> host_feed_keys() {
  return kHostFeedKeys;
}
std::span<const KeyIn<ReplayFeed>> replay_feed_keys() {
  return kReplayFeedKeys;
}

}  // namespace gateway::config
