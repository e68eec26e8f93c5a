#pragma once
// Pages: a person's own files under /pages/, read from the folder of --pages at each request, so
// that an edit shows at once. Plain files only: no links out, no hidden names, no listing. They
// carry no policy of ours. Any worker's thread.

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace gateway::server {

/// `rest` is the decoded path behind /pages/: "" and names that end in "/" mean index.html. 404
/// when there is no such plain file, 413 above `bytes_max`.
http::Response answer_page(const std::string& folder, std::string_view rest,
                           const http::Request& request, std::size_t bytes_max);

/// By the name's ending: "text/html; charset=utf-8"; "application/octet-stream" when unknown.
std::string_view content_type_of(std::string_view name);

}  // namespace gateway::server
