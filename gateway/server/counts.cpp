#include "gateway/server/counts.h"

#include <string>

#include "gateway/server/metrics.h"

namespace gateway::server {
namespace {

using ingest::Counter;

struct Row {
  const char* name;
  const char* help;
  Counter Counts::*counter;
};
constexpr std::array kRows{
    Row{"weir_upgrades_total", "HTTP connections that became WebSockets", &Counts::upgrades},
    Row{"weir_event_streams_total", "Requests that became event streams", &Counts::event_streams},
    Row{"weir_tls_handshakes_total", "TLS handshakes finished", &Counts::handshakes},
    Row{"weir_tls_handshakes_deferred_total",
        "Steps of TLS handshakes that waited for the next turn", &Counts::handshakes_deferred},
    Row{"weir_messages_received_total", "WebSocket messages from clients",
        &Counts::messages_received},
    Row{"weir_frames_sent_total", "Shared frames handed to the kernel whole", &Counts::frames_sent},
    Row{"weir_frames_sent_deflated_total", "Of those, the ones sent deflated",
        &Counts::frames_sent_deflated},
    Row{"weir_deflate_saved_bytes_total", "Bytes that deflated frames were shorter",
        &Counts::deflate_saved_bytes},
    Row{"weir_frames_deflated_total", "Shared frames deflated, each once for all its readers",
        &Counts::frames_deflated},
    Row{"weir_connection_received_bytes_total", "Bytes read from connections",
        &Counts::bytes_received},
    Row{"weir_connection_sent_bytes_total", "Bytes written to connections", &Counts::bytes_sent},
    Row{"weir_connection_writes_total", "sendmsg calls", &Counts::writes},
    Row{"weir_connection_short_writes_total", "sendmsg calls that the kernel took only in part",
        &Counts::short_writes},
    Row{"weir_heartbeats_total", "hb messages to silent connections", &Counts::heartbeats},
    Row{"weir_gaps_total", "Readers that fell off their channel's ring", &Counts::gaps},
    Row{"weir_unseen_pauses_total", "Connections paused because they stopped saying `seen`",
        &Counts::unseen},
    Row{"weir_commands_total", "Commands from clients", &Counts::commands},
    Row{"weir_commands_deferred_total",
        "Times that a connection was read later for limits.commands_per_second",
        &Counts::commands_deferred},
    Row{"weir_output_held_total",
        "Times that a reader's frames waited for limits.output_per_second", &Counts::output_held},
    Row{"weir_mail_deferred_total", "Commands that waited for room towards the hub",
        &Counts::mail_deferred},
    Row{"weir_http_questions_total", "Requests that another thread was asked for",
        &Counts::questions},
    Row{"weir_http_answers_late_total", "Of those, the ones answered 503 because it took too long",
        &Counts::answers_late},
    Row{"weir_http_batches_repeated_total", "Writes whose Weir-Batch-Id had been taken before",
        &Counts::batches_repeated},
};

template <class Pick>
double sum(std::span<const Counts* const> workers, Pick pick) {
  std::uint64_t total = 0;
  for (const Counts* counts : workers)
    total += pick(*counts).get();
  return static_cast<double>(total);
}

/// Only codes that were sent: most never are.
template <std::size_t kSize>
void write_closes(Sheet& sheet, std::span<const Counts* const> workers,
                  std::array<Counter, kSize> Counts::*codes, std::size_t first) {
  for (std::size_t i = 0; i < kSize; ++i) {
    const double closes =
        sum(workers, [&](const Counts& c) -> const Counter& { return (c.*codes)[i]; });
    if (closes == 0) continue;
    sheet.counter("weir_ws_closes_total", "Close frames sent, by code", closes,
                  {{"code", std::to_string(first + i)}});
  }
}

using AuthCounters = std::array<Counter, kAuthCodes> Counts::*;

/// Of credentials shown at `at`, by code.
void write_auth(Sheet& sheet, std::span<const Counts* const> workers, const char* at,
                AuthCounters counters) {
  for (std::size_t i = 0; i < kAuthCodes; ++i) {
    const auto first = static_cast<std::size_t>(ingest::query::Code::AuthRequired);
    const auto code = static_cast<ingest::query::Code>(first + i);
    sheet.counter("weir_auth_refused_total",
                  "Credentials that were refused or ended, by code and where they were shown",
                  sum(workers, [&](const Counts& c) -> const Counter& { return (c.*counters)[i]; }),
                  {{"code", std::string{ingest::query::code_name(code)}}, {"at", at}});
  }
}

}  // namespace

std::string_view ended_name(Ended why) {
  switch (why) {
    case Ended::PeerClosed:
      return "peer_closed";
    case Ended::PeerReset:
      return "peer_reset";
    case Ended::Answered:
      return "answered";
    case Ended::BadRequest:
      return "bad_request";
    case Ended::HeadTimeout:
      return "head_timeout";
    case Ended::IdleTimeout:
      return "idle_timeout";
    case Ended::HelloTimeout:
      return "hello_timeout";
    case Ended::PongTimeout:
      return "pong_timeout";
    case Ended::MessageTimeout:
      return "message_timeout";
    case Ended::Stalled:
      return "stalled";
    case Ended::Protocol:
      return "protocol";
    case Ended::Refused:
      return "refused";
    case Ended::Overloaded:
      return "overloaded";
    case Ended::CloseTimeout:
      return "close_timeout";
    case Ended::HandshakeTimeout:
      return "handshake_timeout";
    case Ended::TlsFailed:
      return "tls_failed";
    case Ended::AddressLimit:
      return "address_limit";
    case Ended::Drained:
      return "drained";
  }
  return "unknown";
}

std::string_view write_refused_name(WriteRefused why) {
  switch (why) {
    case WriteRefused::Address:
      return "address";
    case WriteRefused::NoToken:
      return "no_token";
    case WriteRefused::BadToken:
      return "bad_token";
    case WriteRefused::Wish:
      return "bad_request";
    case WriteRefused::Damaged:
      return "damaged";
    case WriteRefused::TooBig:
      return "too_big";
    case WriteRefused::NoRoom:
      return "no_room";
    case WriteRefused::NoRoomOfOne:
      return "no_room_of_address";
    case WriteRefused::NoDisk:
      return "no_disk";
    case WriteRefused::Rate:
      return "rate";
  }
  return "unknown";
}

void write_counts(Sheet& sheet, std::span<const Counts* const> workers) {
  for (const Row& row : kRows) {
    sheet.counter(row.name, row.help,
                  sum(workers, [&](const Counts& c) -> const Counter& { return c.*row.counter; }));
  }
  for (std::size_t i = 0; i < kEndedKinds; ++i) {
    sheet.counter("weir_connections_closed_total", "Connections that ended, by reason",
                  sum(workers, [i](const Counts& c) -> const Counter& { return c.ended[i]; }),
                  {{"reason", std::string{ended_name(static_cast<Ended>(i))}}});
  }
  for (std::size_t i = 0; i < kWriteRefusedKinds; ++i) {
    sheet.counter(
        "weir_http_writes_refused_total", "Writes over HTTP that were refused whole, by reason",
        sum(workers, [i](const Counts& c) -> const Counter& { return c.writes_refused[i]; }),
        {{"reason", std::string{write_refused_name(static_cast<WriteRefused>(i))}}});
  }
  publish::Refusals::each_code([&](std::size_t slot, std::string_view code) {
    sheet.counter(
        "weir_commands_refused_total",
        "err messages that a worker answered to a bad command, by code",
        sum(workers, [&](const Counts& c) -> const Counter& { return c.commands_refused[slot]; }),
        {{"code", std::string{code}}});
  });
  write_auth(sheet, workers, "http", &Counts::auth_refusals);
  write_auth(sheet, workers, "subscriber", &Counts::auth_closes);
  for (std::size_t status = 0; status < Counts::kStatusMax; ++status) {
    const double answers =
        sum(workers, [&](const Counts& c) -> const Counter& { return c.http_answers[status]; });
    if (answers == 0) continue;
    sheet.counter("weir_http_answers_total", "HTTP answers, by status", answers,
                  {{"status", std::to_string(status)}});
  }
  write_closes(sheet, workers, &Counts::standard_closes, 1000);
  write_closes(sheet, workers, &Counts::our_closes, Counts::kOurCloses);
}

}  // namespace gateway::server
