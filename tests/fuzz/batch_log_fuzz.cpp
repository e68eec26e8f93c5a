// rooms: ingest/archive
// Any bytes as a file of batch ids: in a record whose checksum holds, or as the whole file. What is
// found keeps the log's limits, and what is said after it is found by the next run, too.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "ingest/archive/batch_log.h"
#include "ingest/base/check.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace ingest;           // NOLINT(google-build-using-namespace): one fuzz target
using namespace ingest::archive;  // NOLINT(google-build-using-namespace): one fuzz target

/// In memory where there is such a place: a disk would be all that is tested.
std::string a_folder() {
  if (std::filesystem::is_directory("/dev/shm")) setenv("TMPDIR", "/dev/shm", 0);
  static const tests::support::TemporaryFolder folder;
  return folder.path("log");
}

const WallTime kNow = wall_from_ms(1'000'000);

void write(const std::string& path, std::span<const std::byte> bytes, bool as_record) {
  std::filesystem::remove(path);
  if (!as_record) {
    std::ofstream file{path, std::ios::binary};
    for (const std::byte each : bytes)
      file.put(static_cast<char>(each));
    return;
  }
  SegmentWriter writer{path, 7, 0};
  writer.entries().assign(bytes.begin(), bytes.end());
  CHECK(writer.sync());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = a_folder();
  if (size == 0) return 0;
  std::filesystem::remove_all(path);
  std::filesystem::create_directory(path);
  write(path + "/batches-1.log", std::as_bytes(std::span{data, size}).subspan(1), data[0] % 2 == 0);
  auto log = BatchLog::open(path, 8, kNow);
  CHECK(log && log->found().size() <= BatchLog::kKept);
  for (const BatchLog::Found& each : log->found()) {
    CHECK(each.id.size() <= BatchLog::kIdBytesMax && kNow - each.at < BatchLog::kKeptFor);
    CHECK(!each.result || each.result->size() <= BatchLog::kResultBytesMax);
  }
  log->begun("mine", kNow);
  log->done("mine", kNow, "204");
  CHECK(log->sync());
  const auto again = BatchLog::open(path, 9, kNow);
  CHECK(again);
  const auto mine = std::ranges::find(again->found(), "mine", &BatchLog::Found::id);
  CHECK(mine != again->found().end() && mine->result == "204");
  return 0;
}
