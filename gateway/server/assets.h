#pragma once
// Assets: the dashboard's files as they stand in the binary. A table made by embed.py from
// build/dashboard; empty when the dashboard was not built. Immutable, read by all workers.

#include <cstdint>
#include <span>
#include <string_view>

#include "ingest/base/bytes.h"

namespace gateway::server {

struct Asset {
  std::string_view path;  // as requested: "/weir.js", "/assets/index-4f2a.css"; "/" is the page
  std::string_view content_type;  // "text/javascript; charset=utf-8"
  std::string_view etag;          // quoted, of the plain bytes
  std::string_view gzip_etag;     // quoted, of the compressed twin
  ingest::ByteView plain;
  ingest::ByteView gzip;   // empty when compression does not pay
  bool immutable = false;  // its name holds a hash of its content
};

/// Sorted by path.
std::span<const Asset> embedded_assets();

/// Nothing when the binary holds no such file.
const Asset* find_asset(std::string_view path);

}  // namespace gateway::server
