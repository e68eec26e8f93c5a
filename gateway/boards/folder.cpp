#include "gateway/boards/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "gateway/publish/boards.h"
#include "ingest/io/fd.h"

namespace gateway::boards {
namespace {

namespace fs = std::filesystem;
using ingest::Error;
using ingest::Failure;
using ingest::Result;
using ingest::io::Fd;

constexpr std::string_view kEnd = ".json";
constexpr std::string_view kNewEnd = ".json.new";
constexpr std::string_view kAsideEnd = ".json.damaged";
constexpr mode_t kMode = 0600;
constexpr std::size_t kStrangeMax = 100;  // named; a folder of something else is no reason to stop

Failure<Error> cannot(std::string_view what, const std::string& path, int code) {
  return Failure{Error{code, "cannot " + std::string{what} + " " + path + ": " +
                                 std::generic_category().message(code)}};
}

ingest::WallTime changed_of(const struct stat& file) {
  constexpr std::int64_t kNanosInMs = 1'000'000;
  return ingest::wall_from_ms(std::int64_t{file.st_mtim.tv_sec} * 1'000 +
                              file.st_mtim.tv_nsec / kNanosInMs);
}

/// Not one through a link, nor one that is no plain file.
Result<Folder::File, std::string> read_file(const std::string& path, std::string id) {
  const Fd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  struct stat about {};
  if (!fd || fstat(fd.get(), &about) != 0) return Failure{std::generic_category().message(errno)};
  if (!S_ISREG(about.st_mode)) return Failure{std::string{"no file"}};
  Folder::File file{.id = std::move(id), .text = {}, .changed = changed_of(about)};
  std::array<char, 16'384> block{};
  while (file.text.size() <= publish::kBoardBytesMax) {
    const ssize_t count = ::read(fd.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failure{std::generic_category().message(errno)};
    if (count == 0) return file;
    file.text.append(block.data(), static_cast<std::size_t>(count));
  }
  return Failure{std::string{"longer than 256 KiB"}};
}

Result<void> write_all(const Fd& fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot("write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (fsync(fd.get()) != 0) return cannot("write", path, errno);
  return {};
}

}  // namespace

Result<Folder::Found> Folder::read(std::size_t files_max) const {
  Found found;
  std::error_code fault;
  fs::directory_iterator at{path_, fault};
  if (fault == std::errc::no_such_file_or_directory) return found;
  const auto strange = [&](const std::string& name, std::string why) {
    if (found.strange.size() < kStrangeMax) found.strange.emplace_back(name, std::move(why));
  };
  for (; !fault && at != fs::directory_iterator{}; at.increment(fault)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(kAsideEnd)) continue;
    if (name.ends_with(kNewEnd)) {
      std::error_code gone;
      fs::remove(at->path(), gone);
      continue;
    }
    const std::string id = name.substr(0, name.size() - std::min(kEnd.size(), name.size()));
    if (!name.ends_with(kEnd) || !publish::is_board_id(id)) {
      strange(name, "no name of a board");
    } else if (found.files.size() == files_max) {
      strange(name, "more than limits.boards");
    } else if (auto file = read_file(at->path().string(), id)) {
      found.files.push_back(*std::move(file));
    } else {
      strange(name, file.error());
    }
  }
  if (fault) return cannot("read", path_, fault.value());
  std::ranges::sort(found.files, {}, &File::id);
  return found;
}

Result<void> Folder::write(const std::string& id, std::string_view text) const {
  std::error_code made;
  fs::create_directories(path_, made);
  if (made) return cannot("make", path_, made.value());
  const std::string beside = file_of(id) + ".new";
  {
    const Fd fd{open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kMode)};
    if (!fd) return cannot("write", beside, errno);
    TRY(write_all(fd, text, beside));
  }
  if (std::rename(beside.c_str(), file_of(id).c_str()) != 0) return cannot("rename", beside, errno);
  return sync();
}

Result<void> Folder::remove(const std::string& id) const {
  if (unlink(file_of(id).c_str()) != 0 && errno != ENOENT)
    return cannot("remove", file_of(id), errno);
  return sync();
}

Result<void> Folder::put_aside(const std::string& id) const {
  const std::string from = file_of(id);
  if (std::rename(from.c_str(), (from + ".damaged").c_str()) != 0 && errno != ENOENT)
    return cannot("rename", from, errno);
  return {};
}

Result<void> Folder::sync() const {
  const Fd fd{open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd || fsync(fd.get()) != 0) return cannot("write", path_, errno);
  return {};
}

}  // namespace gateway::boards
