#include "gateway/config/keys.h"

#include <algorithm>
#include <array>

#include "gateway/config/choice.h"

namespace gateway::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::uint64_t kKiB = std::uint64_t{1} << 10;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::size_t kListMax = 64;

constexpr std::array<std::string_view, 2> kProxyProtocolNames{"off", "required"};
constexpr std::array<std::string_view, 2> kClockNames{"wall", "event"};
constexpr std::array<std::string_view, 2> kLateNames{"drop", "now"};
constexpr std::array<std::string_view, 4> kLevelNames{"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> kDeflateNames{"on", "off"};
constexpr std::array<std::string_view, 2> kLogFormatNames{"text", "json"};
constexpr std::array<std::string_view, 2> kOnOffNames{"on", "off"};
constexpr std::array<std::string_view, 2> kTimerUnitNames{"any", "ms"};
constexpr std::array<std::string_view, 2> kTimersNames{"summary", "histogram"};
constexpr std::array<std::string_view, 3> kMetricsOpenNames{"own", "all", "none"};

// A name as it stands in a Host header, without the port.
bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 &&
         text.find_first_of("/:@ \t\"'") == std::string_view::npos;
}

// RFC 6454 section 6.2: scheme, host and port, and nothing behind.
bool is_origin(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const std::string_view scheme = text.substr(0, scheme_end);
  const std::string_view rest = text.substr(scheme_end + 3);
  return (scheme == "http" || scheme == "https") && !rest.empty() &&
         rest.find_first_of("/?#@ \t\"'*") == std::string_view::npos;
}

/// "archive=debug".
bool is_room_level(std::string_view text) {
  const auto knows = [](const auto& in, auto name) { return std::ranges::count(in, name) > 0; };
  const std::size_t equals = text.find('=');
  return equals != std::string_view::npos && knows(kLogRooms, text.substr(0, equals)) &&
         knows(kLevelNames, text.substr(equals + 1));
}

using C = Config;

constexpr std::array kKeys{
    Key{"http.listen",
        AddressesIn<C>{[](C& c) -> std::vector<Address>& { return c.http.listen; }, 8},
        "Where browsers, SDKs, Prometheus and WebSockets connect."},
    Key{"http.socket_mode", ModeIn<C>{[](C& c) -> std::uint64_t& { return c.http.socket_mode; }},
        "Who may connect to a Unix socket: the mode of its file."},
    Key{"http.tls.cert",
        PathsIn<C>{[](C& c) -> std::vector<std::string>& { return c.http.tls.cert; }, kListMax,
                   "a path, or up to 64"},
        "PEM file of the certificate and those that lead to its root; with it every address but a "
        "Unix socket speaks https. SIGHUP reads it again. Of several, the one that names the host "
        "that is asked for is shown, else the first."},
    Key{"http.tls.key",
        PathsIn<C>{[](C& c) -> std::vector<std::string>& { return c.http.tls.key; }, kListMax,
                   "a path, or as many as there are certificates"},
        "PEM file of the certificate's private key, unencrypted."},
    Key{"http.hosts",
        TextsIn<C>{[](C& c) -> std::vector<std::string>& { return c.http.hosts; }, kListMax,
                   is_host_name, "host names without scheme or port"},
        "Names under which this server may be asked, besides loopback and the listen addresses; "
        "others get 421."},
    Key{"http.origins",
        TextsIn<C>{[](C& c) -> std::vector<std::string>& { return c.http.origins; }, kListMax,
                   is_origin, "origins as https://example.org:8443, without a path"},
        "Pages of other origins that may subscribe and use the API; others get 403."},
    Key{"http.deflate", choice<C, [](C& c) -> Deflate& { return c.http.deflate; }>(kDeflateNames),
        "Whether WebSocket messages are compressed for clients that offer permessage-deflate."},
    Key{"http.trusted_proxies",
        TextsIn<C>{[](C& c) -> std::vector<std::string>& { return c.http.trusted_proxies; },
                   kListMax, is_peer_network, "networks as 10.0.0.0/8, addresses, or unix"},
        "Proxies in front of this server; limits.connections_per_address does not count them."},
    Key{"http.proxy_protocol",
        choice<C, [](C& c) -> ProxyProtocol& { return c.http.proxy_protocol; }>(
            kProxyProtocolNames),
        "Whether a connection of a trusted proxy must begin with a PROXY protocol header, version "
        "1 or 2, and is its client's from there on; others may send none."},
    Key{"http.writers_allow",
        TextsIn<C>{[](C& c) -> std::vector<std::string>& { return c.http.writers_allow; }, kListMax,
                   is_network, "networks as 10.0.0.0/8, addresses, or unix"},
        "Addresses that may write over HTTP, every one where there is none; others get 403. Behind "
        "a trusted proxy the address is its client's, from X-Forwarded-For or the PROXY protocol."},
    Key{"http.writers_rate",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.http.writers_rate; }, 1, 1'000'000'000,
                   "off"},
        "Samples a second that one IPv4 address or IPv6 /64 may write over HTTP to each worker; "
        "who has written more gets 429 and Retry-After until the time for them has passed. Clients "
        "of a trusted proxy are told apart, those of a Unix socket are one."},
    Key{"http.timeouts.head",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.head; }, seconds{1}, hours{1}},
        "For the head of a request, from its first byte or the connection's begin; then 408."},
    Key{"http.timeouts.body",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.body; }, seconds{1}, hours{1}},
        "For the body of a request, from its head's end; then 408."},
    Key{"http.timeouts.idle",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.idle; }, seconds{1}, hours{24}},
        "How long a connection is kept without a request."},
    Key{"http.timeouts.answer",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.answer; }, seconds{1}, hours{1}},
        "For an answer that another thread has to give; then 503."},
    Key{"http.timeouts.hello",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.hello; }, seconds{1}, hours{1}},
        "For a WebSocket's first command; then Close 4008."},
    Key{"http.timeouts.ping",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.ping; }, seconds{1}, hours{1}},
        "After so much silence of a WebSocket's peer it gets a ping."},
    Key{"http.timeouts.pong",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.pong; }, seconds{1}, hours{1}},
        "For the peer to say anything after that; then Close 4103."},
    Key{"http.timeouts.stalled",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.stalled; }, seconds{1},
                      hours{1}},
        "How long output may wait without a byte taken by the peer; then Close 4104."},
    Key{"http.timeouts.drain",
        DurationIn<C>{[](C& c) -> Millis& { return c.http.timeouts.drain; }, Millis{0}, hours{1}},
        "After SIGTERM connections have so long to end."},
    Key{"workers", CountIn<C>{[](C& c) -> std::uint64_t& { return c.workers; }, 1, 64, "auto"},
        "Threads that read feeds and serve connections; auto is cores - 1, at least 1."},
    Key{"time.clock", choice<C, [](C& c) -> TimeClock& { return c.time.clock; }>(kClockNames),
        "What moves time on: this machine's clock, or (event) the times that samples say; feeds "
        "whose samples say none, host among them, then move it as the clock does."},
    Key{"time.pane",
        DurationIn<C>{[](C& c) -> Millis& { return c.time.pane; }, Millis{100}, seconds{60}},
        "The smallest slice of time; windows and slides are multiples of it."},
    Key{"time.tick",
        DurationIn<C>{[](C& c) -> Millis& { return c.time.tick; }, Millis{50}, seconds{10}},
        "How often results are brought up to date and sent; time.pane is a multiple of it."},
    Key{"time.allowed_lateness",
        DurationIn<C>{[](C& c) -> Millis& { return c.time.allowed_lateness; }, Millis{0},
                      seconds{60}},
        "How long after its end a pane still takes samples that name a time in it."},
    Key{"time.future",
        DurationIn<C>{[](C& c) -> Millis& { return c.time.future; }, Millis{0}, hours{1}},
        "How far ahead of the clock a sample's own time may be; beyond, it is rejected. With "
        "time.clock event also how far sources may be apart: who lags by more is late."},
    Key{"time.source_idle",
        DurationIn<C>{[](C& c) -> Millis& { return c.time.source_idle; }, Millis{100}, hours{1}},
        "With time.clock event: a source that is silent for this long holds no window back."},
    Key{"time.late", choice<C, [](C& c) -> Late& { return c.time.late; }>(kLateNames),
        "What happens to a sample whose pane is closed: dropped, or counted as of now."},
    Key{"series_ttl",
        DurationIn<C>{[](C& c) -> Millis& { return c.series_ttl; }, seconds{10}, hours{168}},
        "A series without a sample for this long is forgotten."},
    Key{"retention.panes",
        DurationIn<C>{[](C& c) -> Millis& { return c.retention.panes; }, seconds{60}, hours{24}},
        "How long panes stay in memory, and so the longest window; less when limits.memory is "
        "reached. Panes of 10s and longer stay as long as the roll-ups that they stand for."},
    Key{"retention.ten_seconds",
        DurationIn<C>{[](C& c) -> Millis& { return c.retention.ten_seconds; }, Millis{0},
                      hours{720}},
        "How long roll-ups of 10s stay in memory; 0s makes none."},
    Key{"retention.minutes",
        DurationIn<C>{[](C& c) -> Millis& { return c.retention.minutes; }, Millis{0}, hours{8760}},
        "How long roll-ups of 60s stay in memory; 0s makes none."},
    Key{"retention.annotations",
        DurationIn<C>{[](C& c) -> Millis& { return c.retention.annotations; }, seconds{60},
                      hours{8760}},
        "How long events and service checks are remembered, in memory alone; the last word of a "
        "check as long."},
    Key{"publish.linger",
        DurationIn<C>{[](C& c) -> Millis& { return c.publish.linger; }, Millis{0}, hours{1}},
        "How long a result that nobody reads any more is kept up to date, so that a tab that "
        "reconnects resumes."},
    Key{"archive.path",
        TextIn<C>{[](C& c) -> std::string& { return c.archive.path; },
                  "a folder, ~ is the home folder; \"\" keeps nothing"},
        "Where the past is kept on disk and a crash is recovered from; one process at a time. "
        "Under systemd the service's StateDirectory instead of the default."},
    Key{"archive.checkpoint",
        DurationIn<C>{[](C& c) -> Millis& { return c.archive.checkpoint; }, Millis{50},
                      seconds{60}},
        "How often everything that came is put on disk; a crash loses at most what came since."},
    Key{"archive.max_bytes",
        SizeIn<C>{[](C& c) -> std::uint64_t& { return c.archive.max_bytes; }, 16 * kMiB,
                  1024 * kGiB},
        "Bytes on disk; past them the oldest detail goes first."},
    Key{"boards.path",
        TextIn<C>{
            [](C& c) -> std::string& { return c.boards.path; },
            "a folder, ~ is the home folder; auto is boards in archive.path; \"\" keeps none"},
        "Where saved dashboards are kept, a JSON file each; without an archive auto keeps none."},
    Key{"limits.memory",
        SizeIn<C>{[](C& c) -> std::uint64_t& { return c.limits.memory; }, 16 * kMiB, 1024 * kGiB},
        "Bytes of series, panes, roll-ups, and what readers are kept (a quarter at most, then new "
        "queries are refused). At the limit the finest detail is kept for a shorter time, then new "
        "series fold into weir_overflow=true."},
    Key{"limits.series",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.series; }, 100, 1'000'000},
        "Series in all; samples of further ones fold into weir_overflow=true of their name."},
    Key{"limits.names",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.names; }, 10, 1'000'000},
        "Metric names in all; samples of further ones fold into weir.overflow."},
    Key{"limits.series_per_name",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.series_per_name; }, 10, 1'000'000},
        "Series of one metric name; samples of further ones fold into its weir_overflow=true."},
    Key{"limits.values_per_tag",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.values_per_tag; }, 1, 1'000'000},
        "Different values of one tag of one metric name; samples of further ones fold into its "
        "weir_overflow=true."},
    Key{"limits.new_series_per_source",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.new_series_per_source; }, 1,
                   1'000'000, "off"},
        "New series a second that one IPv4 address or IPv6 /64 may begin at each worker, and "
        "1000 s of it at once; samples of further ones fold into weir_overflow=true of a name that "
        "is known, else into weir.overflow."},
    Key{"limits.rows",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.rows; }, 1, 1'000'000},
        "Rows of one query's result; the series of further ones fold into one row, weir_overflow."},
    Key{"limits.annotations",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.annotations; }, 10, 20'000},
        "Events and service checks remembered; the oldest goes first."},
    Key{"limits.boards",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.boards; }, 1, 10'000},
        "Saved dashboards; a further one is refused."},
    Key{"limits.query_cost",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.query_cost; }, 1'000,
                   1'000'000'000'000},
        "What one query may cost, estimated before it runs: series matched x panes read of each x "
        "stats; a dearer one is refused. 1000 series of an hour in panes of 1 s are 3600000 for "
        "each stat, some seconds of another thread's time."},
    Key{"limits.surveys",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.surveys; }, 4, 65'536},
        "Looks through all series that wait at once, for lists of series and for what a token that "
        "sees a part may see; a further one is refused, and one of a part that would take more "
        "room than it leaves."},
    Key{"limits.history_points",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.history_points; }, 1'000,
                   10'000'000},
        "Rows x times of one answer about the past; a longer one gets a coarser step, and one of "
        "more rows than that is refused."},
    Key{"limits.streams",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.streams; }, 1, 100'000},
        "Different queries that are kept up to date at once; a further one is refused."},
    Key{"limits.streams_per_identity",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.streams_per_identity; }, 1,
                   100'000},
        "Those of them that the holder of one token has made; a further one is refused."},
    Key{"limits.subs", CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.subs; }, 1, 10'000},
        "Subscriptions of one connection; a further one is refused."},
    Key{"limits.connections",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.connections; }, 1, 1'000'000},
        "HTTP and WebSocket connections in all; further ones get 503."},
    Key{"limits.connections_per_address",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.connections_per_address; }, 1,
                   1'000'000},
        "Connections of one IPv4 address or IPv6 /64, loopback not counted; further ones get 503."},
    Key{"limits.connections_per_identity",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.connections_per_identity; }, 1,
                   1'000'000},
        "WebSockets and event streams of one token's name, or of one `sub` of JSON Web Tokens, "
        "from "
        "all addresses; further ones get 429 or Close 4101."},
    Key{"limits.subs_per_identity",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.subs_per_identity; }, 1,
                   10'000'000},
        "Subscriptions of all its connections; a further one is refused."},
    Key{"limits.questions_per_second",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.questions_per_second; }, 1,
                   1'000'000, "off"},
        "HTTP requests a second that read something under /api/v1, of one identity, or of one "
        "address where no token is shown, loopback not counted, and ten seconds' worth at once; "
        "further ones get 429."},
    Key{"limits.token_failures_per_minute",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.token_failures_per_minute; }, 1,
                   1'000'000, "off"},
        "Tokens a minute of one IPv4 address or IPv6 /64 that are nobody's, loopback not counted; "
        "after so many every token from there gets 429, or Close 4101, for a while."},
    Key{"limits.body", SizeIn<C>{[](C& c) -> std::uint64_t& { return c.limits.body; }, kKiB, kGiB},
        "Bytes of one HTTP request body; a larger one gets 413."},
    Key{"limits.bodies",
        SizeIn<C>{[](C& c) -> std::uint64_t& { return c.limits.bodies; }, kMiB, 64 * kGiB},
        "Bytes of request bodies that come in to one worker at once, of one address at most a "
        "quarter; further ones get 503."},
    Key{"limits.message",
        SizeIn<C>{[](C& c) -> std::uint64_t& { return c.limits.message; }, kKiB, 16 * kMiB},
        "Bytes of one WebSocket message from a client; a larger one closes with 1009."},
    Key{"limits.fragments",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.fragments; }, 1, 1'000'000},
        "Frames that one WebSocket message from a client may come in; more close with 1009."},
    Key{"limits.commands_per_second",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.commands_per_second; }, 1,
                   1'000'000, "off"},
        "Commands a second of one subscriber, and ten seconds' worth at once; further ones are "
        "read later, and none is lost."},
    Key{"limits.output_per_second",
        SizeIn<C>{[](C& c) -> std::uint64_t& { return c.limits.output_per_second; }, 16 * kKiB,
                  64 * kGiB},
        "Bytes a second that one subscriber gets, and a second's worth at once; what is more "
        "waits, and who falls behind its ring gets the newest state."},
    Key{"limits.handshakes_per_second",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.handshakes_per_second; }, 1,
                   1'000'000, "off"},
        "HTTP and WebSocket connections accepted a second, and a second's worth at once; further "
        "ones wait in the kernel's queue."},
    Key{"limits.requests_per_connection",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.requests_per_connection; }, 1,
                   1'000'000'000},
        "Requests of one HTTP connection; the last one's answer ends it."},
    Key{"limits.page", SizeIn<C>{[](C& c) -> std::uint64_t& { return c.limits.page; }, kKiB, kGiB},
        "Bytes of one file under --pages; a larger one is not served."},
    Key{"limits.exposed_series",
        CountIn<C>{[](C& c) -> std::uint64_t& { return c.limits.exposed_series; }, 0, 10'000'000},
        "Ingested series on /metrics; what is above it is left out and counted."},
    Key{"auth.readers",
        TokensIn<C>{[](C& c) -> std::vector<AuthToken>& { return c.auth.readers; }, kTokensMax,
                    TokenWhere::Yes},
        "Who may read, everybody where there is neither one nor auth.jwt.jwks. Each is a name and "
        "the SHA-256 of a token: printf %s TOKEN | sha256sum. With `where`, matchers as in a "
        "query, it sees the series that they match and no other. SIGHUP reads the three lists of "
        "the file again."},
    Key{"auth.writers",
        TokensIn<C>{[](C& c) -> std::vector<AuthToken>& { return c.auth.writers; }, kTokensMax},
        "Who may write over HTTP, everybody where there is neither one nor auth.jwt.jwks, others "
        "get 401; and to feeds with token: required. Each as in auth.readers."},
    Key{"auth.admins",
        TokensIn<C>{[](C& c) -> std::vector<AuthToken>& { return c.auth.admins; }, kTokensMax},
        "Who may do both."},
    Key{"auth.jwt.jwks",
        TextIn<C>{[](C& c) -> std::string& { return c.auth.jwt.jwks; },
                  "the path of a file, or \"\""},
        "The keys of who issues JSON Web Tokens, as a JWKS document: RS256, ES256 and HS256, read "
        "again when the file changes and on SIGHUP. A token says what it may do in its claim "
        "weir: {\"role\": \"reader\", \"where\": [[\"env\", \"=\", \"prod\"]]}."},
    Key{"auth.jwt.issuer",
        TextIn<C>{[](C& c) -> std::string& { return c.auth.jwt.issuer; },
                  "a text, or \"\" for any"},
        "What `iss` of a token must be."},
    Key{"auth.jwt.audience",
        TextIn<C>{[](C& c) -> std::string& { return c.auth.jwt.audience; }, "a text, or \"\""},
        "What `aud` of a token must name; without it, tokens that have one are refused."},
    Key{"metrics.open",
        choice<C, [](C& c) -> MetricsOpen& { return c.metrics.open; }>(kMetricsOpenNames),
        "What /metrics shows to who has no token, where readers need one: Weir's own metrics, the "
        "series too, or nothing."},
    Key{"metrics.series",
        choice<C, [](C& c) -> MetricsSeries& { return c.metrics.series; }>(kOnOffNames),
        "Whether /metrics tells the ingested series besides Weir's own metrics."},
    Key{"metrics.ttl",
        DurationIn<C>{[](C& c) -> Millis& { return c.metrics.ttl; }, seconds{0}, hours{168}},
        "How long a series for which nothing comes stays on /metrics, at most series_ttl; 0s for "
        "as long as that."},
    Key{"metrics.timers",
        choice<C, [](C& c) -> MetricsTimers& { return c.metrics.timers; }>(kTimersNames),
        "How /metrics tells timers: as summaries, whose quantiles are of the last minute, or as "
        "histograms with classic buckets."},
    Key{"metrics.timer_unit",
        choice<C, [](C& c) -> MetricsTimerUnit& { return c.metrics.timer_unit; }>(kTimerUnitNames),
        "What the values of timers are: with ms, /metrics tells them in seconds, and buckets are "
        "in seconds; with any, both are as the values come."},
    Key{"metrics.quantiles",
        NumbersIn<C>{[](C& c) -> std::vector<double>& { return c.metrics.quantiles; }, 16, 0, 1},
        "Quantiles of a summary."},
    Key{"metrics.buckets",
        NumbersIn<C>{[](C& c) -> std::vector<double>& { return c.metrics.buckets; }, 64, -1e300,
                     1e300},
        "Upper bounds of a histogram's buckets; +Inf comes by itself."},
    Key{"metrics.mapping",
        RulesIn<C>{[](C& c) -> std::vector<exposition::Rule>& { return c.metrics.mapping; },
                   exposition::kRulesMax},
        "What metrics are called on /metrics, and how they are told: the first rule that matches a "
        "metric's name counts, and the next where that one says continue: true. SIGHUP reads it "
        "again. weir import-mapping makes it of a file of statsd_exporter."},
    Key{"thresholds",
        ThresholdsIn<C>{[](C& c) -> std::vector<Threshold>& { return c.thresholds; },
                        kThresholdsMax},
        "Which values of which metrics the overview marks: above them, or, above: false, below."},
    Key{"log.level", choice<C, [](C& c) -> LogLevel& { return c.log.level; }>(kLevelNames),
        "The least serious lines that are logged, on stderr."},
    Key{"log.rooms",
        TextsIn<C>{[](C& c) -> std::vector<std::string>& { return c.log.rooms; }, kListMax,
                   is_room_level,
                   "ROOM=LEVEL as archive=debug, of access, archive, boards, feed, server"},
        "Rooms whose lines are logged from another level on."},
    Key{"log.format", choice<C, [](C& c) -> LogFormat& { return c.log.format; }>(kLogFormatNames),
        "How a log line is written: text is level=info event=name key=value, json an object with "
        "the "
        "time besides."},
};

}  // namespace

std::span<const Key> keys() {
  return kKeys;
}

}  // namespace gateway::config
