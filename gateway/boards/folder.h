#pragma once
// Folder: the files of boards: PATH/<id>.json. Every call may block; one thread's. It knows nothing
// of what stands in them.
//
//   write(): PATH/<id>.json.new, fsync, rename, fsync of the folder: a crash leaves the old or the
//   new one

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"

namespace gateway::boards {

class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) {}

  struct File {
    std::string id;
    std::string text;
    ingest::WallTime changed;
  };
  struct Found {
    std::vector<File> files;                                   // by id
    std::vector<std::pair<std::string, std::string>> strange;  // names, and why
  };
  /// What stands there, `files_max` at most; the others are strange. A folder that is not there is
  /// empty. A file that a crash left half-written is removed.
  ingest::Result<Found> read(std::size_t files_max) const;
  /// Makes the folder where it is not there yet.
  ingest::Result<void> write(const std::string& id, std::string_view text) const;
  ingest::Result<void> remove(const std::string& id) const;
  /// A file that is no board goes out of the way: <id>.json.damaged.
  ingest::Result<void> put_aside(const std::string& id) const;

  const std::string& path() const { return path_; }

 private:
  std::string file_of(const std::string& id) const { return path_ + '/' + id + ".json"; }
  ingest::Result<void> sync() const;

  std::string path_;
};

}  // namespace gateway::boards
