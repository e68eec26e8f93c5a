#pragma once
// Shelf: all boards, in memory and in their folder, and the rules of changing them. Every call may
// block on the disk; one thread's.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "gateway/boards/folder.h"
#include "gateway/publish/boards.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/log.h"

namespace gateway::boards {

/// A strong entity tag, quoted: of these bytes and no others.
std::string tag_of(std::string_view text);

class Shelf {
 public:
  struct Options {
    std::string path;  // empty: no boards are kept
    std::size_t boards_max = 200;
  };
  struct Counts {
    std::uint64_t boards = 0;   // now
    std::uint64_t damaged = 0;  // files that are no boards, at the start
    std::uint64_t written = 0;
    std::uint64_t removed = 0;
    std::uint64_t changed = 0;  // refused: somebody else had changed it
    std::uint64_t refused = 0;  // for their document, or limits.boards
    std::uint64_t failed = 0;   // the disk did not take it
  };

  Shelf(const Options& options, const ingest::io::Logger& log)
      : options_(options), folder_(options.path), log_(log) {}

  /// Reads the folder. What is no board is skipped, counted and named in the log.
  void open();
  /// `now` is when it changed.
  publish::BoardAnswer answer(const publish::BoardAsk& ask, ingest::WallTime now);
  const Counts& counts() const { return counts_; }

 private:
  struct Board {
    std::string title;
    std::string text;
    std::string tag;
    ingest::WallTime changed;
  };
  using Boards = std::map<std::string, Board>;

  publish::BoardAnswer list() const;
  publish::BoardAnswer read(const std::string& id) const;
  publish::BoardAnswer write(const publish::BoardAsk& ask, ingest::WallTime now);
  publish::BoardAnswer remove(const publish::BoardAsk& ask);
  publish::BoardAnswer no_disk(const ingest::Error& fault);
  bool holds(const publish::BoardCondition& condition, Boards::const_iterator board) const;
  publish::BoardAnswer changed(Boards::const_iterator board);
  ingest::Result<void> save(const publish::BoardAsk& ask);

  Options options_;
  Folder folder_;
  const ingest::io::Logger& log_;
  Boards boards_;
  std::set<std::string> damaged_;  // ids whose file is no board
  Counts counts_;
};

}  // namespace gateway::boards
