#include "gateway/cli/numbers.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/cli/feed_sums.h"
#include "gateway/publish/refusals.h"
#include "ingest/codec/line_ledger.h"

namespace gateway::cli {
namespace {

using ingest::feed::FeedLedger;
using ingest::worker::SampleLedger;
using server::Sheet;

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

struct Part {
  std::string_view label;
  std::uint64_t value;
};

/// One family, of one feed, split by a second label.
void split(Sheet& sheet, std::string_view name, std::string_view help,
           const std::pair<std::string, std::string_view>& feed_and_label,
           std::span<const Part> parts) {
  for (const Part& part : parts) {
    sheet.counter(name, help, number(part.value),
                  {{"feed", feed_and_label.first},
                   {std::string{feed_and_label.second}, std::string{part.label}}});
  }
}

void write_datagrams(Sheet& sheet, const std::string& feed, const FeedLedger& ledger) {
  if (!feed.starts_with("udp/") && !feed.starts_with("unixgram/")) return;
  const std::array parts{Part{"received", ledger.datagrams.received},
                         Part{"kernel_dropped", ledger.datagrams.kernel_dropped}};
  split(sheet, "weir_ingest_datagrams_total",
        "Datagrams that reached this machine's socket, by what became of them", {feed, "result"},
        parts);
  if (!feed.starts_with("udp/")) return;
  sheet.counter("weir_ingest_datagrams_merged_total",
                "Of the received datagrams, those that the kernel handed over merged (UDP_GRO)",
                number(ledger.datagrams.merged), {{"feed", feed}});
  sheet.gauge("weir_ingest_drops_lower_bound",
              "1 when kernel_dropped is a lower bound: of merged datagrams the kernel counts one",
              ledger.datagrams.drops_are_lower_bound() ? 1 : 0, {{"feed", feed}});
}

void write_lines(Sheet& sheet, const std::string& feed, const FeedLedger& ledger) {
  const ingest::codec::LineLedger& lines = ledger.lines;
  const std::array parts{Part{"accepted", lines.accepted},
                         Part{"rejected", lines.rejected_total()},
                         Part{"blank", lines.ignored.blank},
                         Part{"comment", lines.ignored.comment},
                         Part{"annotation", lines.ignored.annotation},
                         Part{"truncated", lines.cut.truncated},
                         Part{"tcp_tail", lines.cut.tcp_tail}};
  split(sheet, "weir_ingest_lines_total", "Lines received, by what became of them",
        {feed, "result"}, parts);
  std::array<Part, ingest::codec::kRejects> reasons{};
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    reasons[i] = {ingest::codec::reject_name(static_cast<ingest::codec::Reject>(i)),
                  lines.rejected[i]};
  }
  split(sheet, "weir_ingest_rejected_total", "Lines rejected, by reason", {feed, "reason"},
        reasons);
  const std::array notes{Part{"rate_ignored", lines.notes.rate_ignored},
                         Part{"unknown_field", lines.notes.unknown_field},
                         Part{"string_field", lines.notes.string_field}};
  split(sheet, "weir_ingest_notes_total", "Parts of accepted lines that were left out",
        {feed, "note"}, notes);
}

void write_samples(Sheet& sheet, const std::string& feed, const SampleLedger& samples) {
  const std::array parts{Part{"own", samples.own},
                         Part{"overflow", samples.overflow},
                         Part{"late", samples.late},
                         Part{"future", samples.future},
                         Part{"limited_rate", samples.limited_rate},
                         Part{"limited_source", samples.limited_source}};
  split(
      sheet, "weir_ingest_samples_total",
      "Samples, by where they went: own series, overflow series, or dropped as late, future, past "
      "the rate of their source, or of a source that the feed does not allow",
      {feed, "result"}, parts);
  sheet.counter("weir_ingest_late_folded_total", "Late samples that were counted as of now",
                number(samples.late_folded), {{"feed", feed}});
}

void write_senders(Sheet& sheet, const std::string& feed, const FeedLedger& ledger) {
  sheet.counter("weir_ingest_received_bytes_total", "Bytes received", number(ledger.bytes),
                {{"feed", feed}});
  if (!feed.starts_with("tcp/") && !feed.starts_with("unix/")) return;
  const std::array parts{
      Part{"opened", ledger.connections.opened},   Part{"closed", ledger.connections.closed},
      Part{"idle", ledger.connections.idle},       Part{"denied", ledger.connections.denied},
      Part{"refused", ledger.connections.refused}, Part{"crowded", ledger.connections.crowded},
      Part{"revoked", ledger.connections.revoked}};
  split(
      sheet, "weir_ingest_connections_total",
      "Connections of senders: opened, closed (of these, for idleness, by their first line, or as "
      "their token was taken away: revoked), "
      "refused, or refused as their address had as many as it may (crowded)",
      {feed, "result"}, parts);
  sheet.gauge("weir_ingest_connections_open", "Connections of senders now",
              number(ledger.connections.open()), {{"feed", feed}});
}

void write_annotations(Sheet& sheet, const ingest::hub::AnnotationLedger& ledger) {
  const auto by = [&](std::string_view result, std::uint64_t value) {
    sheet.counter(
        "weir_annotations_total",
        "Events and service checks that reached the hub: kept, a check's unchanged status "
        "or outdated word, or older than what is kept",
        number(value), {{"result", std::string{result}}});
  };
  by("kept", ledger.kept);
  by("unchanged", ledger.unchanged);
  by("outdated", ledger.outdated);
  by("late", ledger.late);
  const auto left = [&](std::string_view why, std::uint64_t value) {
    sheet.counter("weir_annotations_left_total",
                  "Of the kept, those forgotten: for retention.annotations (age) or "
                  "limits.annotations (count)",
                  number(value), {{"why", std::string{why}}});
  };
  left("age", ledger.aged);
  left("count", ledger.evicted);
  sheet.gauge("weir_annotations_kept", "Events and service checks remembered", number(ledger.held));
  sheet.gauge("weir_annotations_bytes", "Bytes of them and of the last words of checks",
              number(ledger.bytes));
  sheet.gauge("weir_checks", "Service checks with a last word", number(ledger.checks));
  sheet.counter("weir_checks_evicted_total", "Service checks forgotten, as there were too many",
                number(ledger.checks_evicted));
}

void write_past(Sheet& sheet, const ingest::history::PastLedger& past) {
  const auto total = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    sheet.counter(name, help, number(value));
  };
  total("weir_past_questions_total", "Questions about the past", past.asked);
  total("weir_past_answers_total", "Of those, the ones answered", past.answered);
  total("weir_past_refused_total", "Of the answered, the ones refused", past.refused);
  total("weir_past_overloaded_total", "Of the refused, those that were too many at once",
        past.overloaded);
  total("weir_past_dropped_total", "Questions whose asker no longer waits", past.dropped);
  total("weir_past_copied_bytes_total", "Bytes of panes copied out of memory for them",
        past.copied_bytes);
  sheet.gauge("weir_past_waiting", "Questions about the past that wait now", number(past.waiting));
}

}  // namespace

void write_feeds(Sheet& sheet, std::span<const ingest::worker::Worker* const> workers) {
  for (const FeedSums& sums : sum_feeds(workers)) {
    const std::string& name = sums.name;
    write_datagrams(sheet, name, sums.feed);
    if (!sums.is_host()) write_lines(sheet, name, sums.feed);
    if (!sums.is_host()) write_senders(sheet, name, sums.feed);
    write_samples(sheet, name, sums.samples);
    if (!sums.is_host()) continue;
    sheet.counter("weir_host_sources_missing_total",
                  "Files of /proc and the like that gave nothing, or stopped giving",
                  number(sums.feed.sources_missing));
    sheet.gauge("weir_host_devices_folded",
                "Cores, disks, interfaces and filesystems without a row of their own",
                number(sums.feed.devices_folded));
  }
}

void write_workers(Sheet& sheet, std::span<const ingest::worker::Worker* const> workers) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const ingest::worker::WorkerLedger ledger = workers[i]->ledger();
    const Sheet::Labels labels{{"worker", std::to_string(i)}};
    const auto total = [&](std::string_view name, std::string_view help, std::uint64_t value) {
      sheet.counter(name, help, number(value), labels);
    };
    const auto now = [&](std::string_view name, std::string_view help, std::uint64_t value) {
      sheet.gauge(name, help, number(value), labels);
    };
    now("weir_worker_series", "Live series in this worker's table", ledger.series);
    now("weir_worker_names", "Metric names in this worker's table", ledger.names);
    now("weir_worker_spellings", "Spellings of series remembered", ledger.spellings);
    now("weir_worker_panes_open", "Panes that still take samples", ledger.panes_open);
    total("weir_worker_series_born_total", "Series seen for the first time", ledger.series_born);
    total("weir_worker_series_expired_total", "Series forgotten as idle", ledger.series_expired);
    total("weir_worker_slow_lookups_total", "Samples whose raw bytes were not remembered",
          ledger.slow_lookups);
    total("weir_worker_duplicate_tags_total", "Tags replaced by a later one of the same key",
          ledger.duplicate_tags);
    total("weir_worker_samples_misplaced_total",
          "Samples folded into another pane, as too many were open", ledger.samples_misplaced);
    total("weir_worker_handovers_total", "Hand-overs to the hub", ledger.handovers);
    total("weir_worker_handovers_deferred_total", "Ticks at which the ring to the hub was full",
          ledger.handovers_deferred);
    total("weir_worker_partials_total", "Partials handed over", ledger.partials_moved);
    total("weir_worker_annotations_total", "Events and service checks read", ledger.annotations);
    const auto dropped = [&](const std::string& why, std::uint64_t value) {
      sheet.counter("weir_worker_annotations_dropped_total",
                    "Of those, dropped: past what their source is allowed (limited), too far ahead "
                    "(future), or too many in one tick (crowded)",
                    number(value), {{"worker", std::to_string(i)}, {"why", why}});
    };
    dropped("limited", ledger.annotations_limited);
    dropped("future", ledger.annotations_future);
    dropped("crowded", ledger.annotations_crowded);
    total("weir_worker_annotations_cut_total", "Kept without what was past a limit of its parts",
          ledger.annotations_cut);
    now("weir_worker_sources", "Senders in this worker's book", ledger.sources);
    total("weir_worker_sources_forgotten_total", "Silent senders that made room for others",
          ledger.sources_forgotten);
    total("weir_worker_sources_crowded_total",
          "Times that a sender had no place in the book and shared one", ledger.sources_crowded);
  }
}

void write_hub(Sheet& sheet, const ingest::hub::HubLedger& ledger) {
  const auto total = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    sheet.counter(name, help, number(value));
  };
  const auto now = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    sheet.gauge(name, help, number(value));
  };
  constexpr double kMillisInSecond = 1e3;
  now("weir_series", "Live series", ledger.series);
  now("weir_panes", "Panes of all series in memory", ledger.panes);
  now("weir_streams", "Queries kept up to date", ledger.streams);
  now("weir_rows", "Rows of all streams", ledger.rows);
  total("weir_hub_handovers_total", "Hand-overs taken", ledger.handovers);
  total("weir_hub_partials_merged_total", "Partials merged", ledger.partials_merged);
  total("weir_hub_partials_late_total",
        "Partials whose pane had closed, counted in the oldest open one", ledger.partials_late);
  total("weir_hub_partials_unknown_total", "Partials of a series that was never born",
        ledger.partials_unknown);
  total("weir_series_overflowed_total", "Series born past a cap", ledger.series_overflowed);
  total("weir_series_expired_total", "Series forgotten as idle", ledger.series_expired);
  now("weir_memory_bytes", "Memory of series, panes and roll-ups, under limits.memory",
      ledger.memory_bytes);
  sheet.gauge("weir_panes_kept_seconds",
              "How long panes stay in memory now: less than retention.panes when memory is short",
              static_cast<double>(ledger.panes_kept_ms) / kMillisInSecond);
  total("weir_panes_shed_total", "Panes dropped before their time, for limits.memory",
        ledger.panes_shed);
  total("weir_rows_overflowed_total", "Series folded into a stream's overflow row",
        ledger.rows_overflowed);
  total("weir_ticks_total", "Ticks finished", ledger.ticks);
  total("weir_ticks_incomplete_total", "Ticks finished without every worker's word",
        ledger.ticks_incomplete);
  total("weir_ticks_skipped_total", "Ticks finished as part of a later one", ledger.ticks_skipped);
  sheet.gauge("weir_tick_lag_seconds", "How long after its instant the last tick was finished",
              number(ledger.tick_lag_ms) / kMillisInSecond);
  total("weir_clock_steps_back_total", "Steps back of the wall clock", ledger.clock_steps_back);
  sheet.gauge("weir_clock_ahead_seconds",
              "How far panes and ticks are ahead of the wall clock since it stepped back",
              number(ledger.clock_ahead_ms) / kMillisInSecond);
  total("weir_time_leaps_total", "Gaps in time: the clock was set forward, or the machine slept",
        ledger.time_leaps);
  total("weir_hub_mail_deferred_total", "Watch lists that waited for a full ring",
        ledger.mail_deferred);
  total("weir_hub_memory_freed_total", "Emptied hand-overs not sent home, the ring being full",
        ledger.memory_freed);
  write_past(sheet, ledger.past);
  write_annotations(sheet, ledger.annotations);
}

void write_publisher(Sheet& sheet, const publish::Ledger& ledger) {
  const auto total = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    sheet.counter(name, help, number(value));
  };
  const auto now = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    sheet.gauge(name, help, number(value));
  };
  total("weir_frames_encoded_total", "Frames encoded, each once for all its readers",
        ledger.frames_encoded);
  total("weir_frames_published_total", "Frames handed to workers", ledger.frames_published);
  total("weir_snapshots_encoded_total", "Snapshots encoded", ledger.snapshots_encoded);
  total("weir_encoded_bytes_total", "Bytes of frames and snapshots encoded", ledger.bytes_encoded);
  total("weir_replays_total", "Readers that resumed from a ring", ledger.replays);
  total("weir_subscribed_total", "Subscriptions accepted", ledger.subscribed);
  const auto by_code = [&](std::string_view name, std::string_view help,
                           const publish::Refusals& refused) {
    publish::Refusals::each_code([&](std::size_t slot, std::string_view code) {
      sheet.counter(name, help, number(refused.at(slot)), {{"code", std::string{code}}});
    });
  };
  by_code("weir_subscriptions_refused_total", "Subscriptions that the hub refused, by code",
          ledger.refused);
  by_code("weir_questions_refused_total",
          "Questions about the past that the hub refused before anybody looked, by code",
          ledger.questions_refused);
  total("weir_demotions_total", "Subscriptions moved to a slower rate, as their readers were slow",
        ledger.demotions);
  total("weir_rebases_total", "Tables whose row indexes started afresh", ledger.rebases);
  total("weir_frames_left_early_total", "Frames that left a ring early, for its byte cap",
        ledger.left_early);
  total("weir_corrections_dropped_total", "Earlier windows given up early, for their byte cap",
        ledger.corrections_dropped);
  now("weir_publisher_streams", "Streams with a channel", ledger.streams);
  now("weir_channels", "Streams at one rate", ledger.channels);
  now("weir_channels_lingering", "Channels without readers", ledger.lingering);
  now("weir_subscriptions", "Subscriptions", ledger.readers);
  now("weir_publisher_bytes", "Bytes of rings, tables and cached snapshots", ledger.bytes);
}

void write_door(Sheet& sheet, const server::ListenerCounts& door, const server::Dealer& dealer) {
  sheet.gauge("weir_connections", "HTTP and WebSocket connections", number(dealer.connections()));
  sheet.counter("weir_connections_accepted_total", "Connections accepted",
                number(door.accepted.get()));
  sheet.counter("weir_accepts_deferred_total",
                "Pauses in accepting for limits.handshakes_per_second",
                number(door.deferred.get()));
  const auto refused = [&](std::string_view reason, const ingest::Counter& count) {
    sheet.counter("weir_connections_refused_total", "Connections refused, by reason",
                  number(count.get()), {{"reason", std::string{reason}}});
  };
  refused("full", door.refused_full);
  refused("address", door.refused_address);
  refused("no_descriptors", door.refused_no_descriptors);
  refused("failed", door.failed);
}

void write_batches(Sheet& sheet, const server::BatchBook& book) {
  sheet.gauge("weir_http_batches", "Ids of batches remembered, so that a retry counts once",
              number(book.size()));
  sheet.counter("weir_http_batches_forgotten_total", "Of those, forgotten before their time",
                number(book.forgotten_early()));
}

void write_mail(Sheet& sheet, const server::HubPort& port) {
  sheet.counter("weir_frames_dropped_total",
                "Frames left out because a worker did not take its mail",
                number(port.frames_dropped()));
  sheet.counter("weir_hub_outbox_deferred_total", "Messages that waited for room towards a worker",
                number(port.deferred()));
}

}  // namespace gateway::cli
