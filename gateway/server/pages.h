#pragma once
// Pages: a person's own files under /pages/, read from the folder of --pages at each request, so
// that an edit shows at once. Plain files only: no links out, no hidden names, no listing. Their
// policy leaves their scripts alone: it says only who may frame them. Any worker's thread.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "ingest/base/clock.h"

namespace gateway::server {

struct PageFolder {
  const std::string& path;               // --pages; empty: there are none
  std::size_t bytes_max = 0;             // of one file
  std::span<const std::string> origins;  // who may frame a page besides our own origin
};

/// `rest` is the decoded path behind /pages/: "" and names that end in "/" mean index.html. 404
/// when there is no such plain file, 413 above `bytes_max`; else conditions and ranges as for any
/// file.
http::Response answer_page(const PageFolder& folder, std::string_view rest,
                           const http::Request& request, ingest::WallTime now);

/// By the name's ending: "text/html; charset=utf-8"; "application/octet-stream" when unknown.
std::string_view content_type_of(std::string_view name);

}  // namespace gateway::server
