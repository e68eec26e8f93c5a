#include "gateway/server/pages.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "gateway/http/negotiate.h"
#include "gateway/http/representation.h"
#include "ingest/io/fd.h"

namespace gateway::server {
namespace {

using ingest::io::Fd;

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".htm", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".csv", "text/csv; charset=utf-8"},
}};

/// The parser has already refused "..", "//", NUL and backslashes; hidden names are ours to refuse.
bool has_hidden_part(std::string_view rest) {
  return rest.starts_with('.') || rest.find("/.") != std::string_view::npos;
}

/// RESOLVE_BENEATH: the kernel itself refuses what leaves the folder, links included (openat2(2)).
Fd open_beneath(const std::string& folder, const std::string& name) {
  const Fd root{open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!root) return {};
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return Fd{static_cast<int>(syscall(SYS_openat2, root.get(), name.c_str(), &how, sizeof how))};
}

/// Nothing when the file cannot be read, or changes its size while we read.
std::optional<std::string> read_slice(int fd, http::Slice slice) {
  std::string content(slice.count, '\0');
  std::size_t at = 0;
  while (at < slice.count) {
    const auto offset = static_cast<off_t>(slice.first + at);
    const ssize_t count = pread(fd, content.data() + at, slice.count - at, offset);
    if (count <= 0) return std::nullopt;
    at += static_cast<std::size_t>(count);
  }
  return content;
}

/// When it was last written, as far as whole seconds can tell: a file that may be written once more
/// in its second has no such time yet (RFC 9110 section 8.8.2.2).
std::optional<ingest::WallTime> settled_time(const struct stat& info, ingest::WallTime now) {
  const auto modified = ingest::wall_from_ms(info.st_mtim.tv_sec * 1000);
  if (now - modified < std::chrono::seconds{2}) return std::nullopt;
  return modified;
}

std::string etag_of(const struct stat& info) {
  return "\"" + std::to_string(info.st_mtim.tv_sec) + "-" + std::to_string(info.st_mtim.tv_nsec) +
         "-" + std::to_string(info.st_size) + "\"";
}

void add_policy(http::Response& response, std::span<const std::string> origins) {
  std::string policy = "object-src 'none'; base-uri 'self'; frame-ancestors 'self'";
  for (const std::string& origin : origins)
    policy.append(" ").append(origin);
  response.add("Content-Security-Policy", policy);
  response.add("Referrer-Policy", "same-origin");
}

http::Response not_found(const http::Request& request) {
  return http::error_response(404, "There is no such page in the folder of --pages", request.path);
}

}  // namespace

std::string_view content_type_of(std::string_view name) {
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending)) return type;
  return "application/octet-stream";
}

http::Response answer_page(const PageFolder& folder, std::string_view rest,
                           const http::Request& request, ingest::WallTime now) {
  std::string name{rest};
  if (name.empty() || name.ends_with('/')) name += "index.html";
  if (folder.path.empty() || has_hidden_part(name)) return not_found(request);
  const Fd file = open_beneath(folder.path, name);
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return not_found(request);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > folder.bytes_max)
    return http::error_response(413, "This file is larger than a page may be", request.path);
  if (!http::choose_encoding(request, http::Offer::IdentityOnly))
    return http::error_response(406, "This file is stored uncompressed only", request.path);

  const std::string etag = etag_of(info);
  const std::string_view type = content_type_of(name);
  http::Response response;
  response.add("Cache-Control", "no-cache").add("Vary", "Accept-Encoding");
  response.add("X-Content-Type-Options", "nosniff");
  if (type.starts_with("text/html")) add_policy(response, folder.origins);
  const http::Slice slice = http::select(
      request,
      {.validators = {.etag = etag, .last_modified = settled_time(info, now), .now = now},
       .content_type = type,
       .content_encoding = {},
       .size_bytes = size},
      response);
  std::optional<std::string> content = read_slice(file.get(), slice);
  if (!content)
    return http::error_response(503, "This file changed while it was read", request.path);
  if (slice.count > 0) response.body = std::move(*content);
  return response;
}

}  // namespace gateway::server
