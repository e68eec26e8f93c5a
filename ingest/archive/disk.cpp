#include "ingest/archive/disk.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace ingest::archive {
namespace {

constexpr mode_t kMode = 0600;

Result<io::Fd> lock(const std::string& path) {
  io::Fd fd{open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode)};
  if (!fd) {
    return Failure{
        Error{errno, "cannot write " + path + ": " + std::generic_category().message(errno)}};
  }
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Failure{Error{Disk::kInUse, "the archive in " + path +
                                           " is in use by another process: stop that, or give "
                                           "this one another archive.path"}};
  }
  return fd;
}

void tell(const Checkpoint& checkpoint, const std::string& path, const io::Logger& log) {
  for (const Checkpoint::Found& each : checkpoint.found()) {
    if (!each.fault.empty()) {
      log.error("checkpoint_unreadable", {{"why", each.fault}, {"bytes_lost", each.lost_bytes}});
      continue;
    }
    if (each.damaged_bytes + each.torn_bytes + each.lost_bytes == 0) continue;
    log.warn("checkpoint_damaged", {{"path", path + '/' + each.name.text()},
                                    {"bytes_lost", each.damaged_bytes + each.lost_bytes},
                                    {"bytes_torn", each.torn_bytes},
                                    {"bytes_kept", each.whole_bytes - each.damaged_bytes}});
  }
}

}  // namespace

Result<std::unique_ptr<Disk>> Disk::open(const Options& options, const io::Logger& log) {
  std::error_code made;
  std::filesystem::create_directories(options.path, made);
  if (made) {
    return Failure{Error{made.value(), "cannot make " + options.path + ": " + made.message()}};
  }
  io::Fd held = TRY(lock(options.path));
  Checkpoint checkpoint = TRY(Checkpoint::open(options.path, options.levels, options.session));
  BatchLog batches = TRY(BatchLog::open(options.path, options.session, options.now));
  auto store = TRY(BlockStore::open(options.path + "/blocks", options.now, log));
  checkpoint.filed_until(store->filed_until());
  tell(checkpoint, options.path, log);
  return std::unique_ptr<Disk>{
      new Disk(std::move(held), std::move(checkpoint), std::move(batches), std::move(store))};
}

}  // namespace ingest::archive
