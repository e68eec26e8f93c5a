#include "gateway/server/pages.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <utility>

#include "gateway/http/conditional.h"
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
std::optional<std::string> read_whole(int fd, std::size_t size) {
  std::string content(size, '\0');
  std::size_t at = 0;
  while (at < size) {
    const ssize_t count = read(fd, content.data() + at, size - at);
    if (count <= 0) return std::nullopt;
    at += static_cast<std::size_t>(count);
  }
  return content;
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

http::Response answer_page(const std::string& folder, std::string_view rest,
                           const http::Request& request, std::size_t bytes_max) {
  std::string name{rest};
  if (name.empty() || name.ends_with('/')) name += "index.html";
  if (folder.empty() || has_hidden_part(name)) return not_found(request);
  const Fd file = open_beneath(folder, name);
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return not_found(request);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > bytes_max)
    return http::error_response(413, "This file is larger than a page may be", request.path);

  http::Response response;
  const std::string etag = "\"" + std::to_string(info.st_mtim.tv_sec) + "-" +
                           std::to_string(info.st_mtim.tv_nsec) + "-" + std::to_string(size) + "\"";
  response.add("Content-Type", content_type_of(name));
  response.add("Cache-Control", "no-cache");
  response.add("ETag", etag);
  response.add("X-Content-Type-Options", "nosniff");
  if (http::not_modified(request, {.etag = etag, .last_modified = std::nullopt})) {
    response.status = 304;
    return response;
  }
  std::optional<std::string> content = read_whole(file.get(), size);
  if (!content)
    return http::error_response(503, "This file changed while it was read", request.path);
  response.body = std::move(*content);
  return response;
}

}  // namespace gateway::server
