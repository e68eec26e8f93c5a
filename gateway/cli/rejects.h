#pragma once
// Rejects: the answer of GET /api/v1/rejected: the last lines that feeds dropped, of all workers
// together. Pure text from what was read before.
//
//   {"items":[{"time":1764000000000,"feed":"udp/statsd","sender":"127.0.0.1","reason":"bad_value",
//              "column":18,"text":"checkout.latency:0x10|ms|#service:shop","mark":17,
//              "cut_before":0,"cut_after":0}],
//    "passed_over":0}
//
// `column` counts bytes of the whole line from 1, `mark` the characters of `text` before that
// place. `text` is for eyes: bytes that are no UTF-8 and control characters are written \xNN, and
// of a long line it is a part: so many bytes are before and behind it. `passed_over` lines came too
// fast to be kept.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "ingest/worker/worker.h"

namespace gateway::cli {

constexpr std::size_t kRejectsShown = 20;

/// The newest first, of all feeds or, where `feed` is not empty, of that one.
std::string rejects_json(std::span<const ingest::worker::Worker::RejectsPtr> views,
                         std::string_view feed);

}  // namespace gateway::cli
