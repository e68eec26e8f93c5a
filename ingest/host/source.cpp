#include "ingest/host/source.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace ingest::host {
namespace {

/// Texts of /proc come in pieces of a page: only a read of nothing is the end.
std::size_t read_whole(int file, std::span<char> room) {
  std::size_t size = 0;
  while (size < room.size()) {
    const ssize_t got =
        ::pread(file, room.data() + size, room.size() - size, static_cast<off_t>(size));
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  return size;
}

}  // namespace

Source::Source(std::string path, Missing missing) : path_(std::move(path)), policy_(missing) {}

std::optional<std::string_view> Source::read(Report& report) {
  if (missing_ && ++waited_ % kRetryEvery != 0) return std::nullopt;
  if (!file_) file_ = io::Fd{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  const std::span<char> room = report.room();
  const std::size_t size = file_ ? read_whole(file_.get(), room) : 0;
  if (size > 0) {
    missing_ = false;
    return std::string_view{room.data(), size};
  }
  file_.reset();
  if (!std::exchange(missing_, true) && policy_ == Missing::Counted) report.count_missing();
  return std::nullopt;
}

}  // namespace ingest::host
