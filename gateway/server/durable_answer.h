#pragma once
// What a write with ack=durable is answered, by what became of it on disk. Pure text. Whoever hears
// that its lines count must not send them again as new ones; under its Weir-Batch-Id it may.

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/response.h"
#include "ingest/query/durability.h"

namespace gateway::server {

/// Whose answer it is.
struct DurableOf {
  enum class Batch : std::uint8_t { None, Id };
  std::string path;
  Batch batch = Batch::None;  // whether the request can be told from a new one
};

/// Once it is known; `taken` is the answer to what is on disk.
http::Response durable_answer(ingest::query::DurableAnswer answer, const http::Response& taken,
                              const DurableOf& of);
/// It is not known yet, and nobody waits any longer.
http::Response durable_late_answer(const DurableOf& of);
/// Before anything counted; `outlook` is Away or Off.
http::Response no_disk_answer(ingest::query::DurableAnswer outlook, std::string_view path);
/// A retry of a batch that was on its way to disk when the process before ended.
http::Response torn_answer(std::string_view path);

}  // namespace gateway::server
