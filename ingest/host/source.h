#pragma once
// Source: one file of /proc or /sys, held open and read again and again. One that gives nothing (no
// such file in this container or kernel) is counted once, and tried again now and then. Owned by
// one reader, the feed's thread only.

#include <optional>
#include <string>
#include <string_view>

#include "ingest/host/report.h"
#include "ingest/io/fd.h"

namespace ingest::host {

class Source {
 public:
  /// Readings between two tries of a file that gives nothing.
  static constexpr unsigned kRetryEvery = 60;
  /// Whether it is a fault that the file is not there.
  enum class Missing { Counted, Usual };

  explicit Source(std::string path, Missing missing = Missing::Counted);

  /// What it says now, at most Report::kTextBytesMax of it: a view of the report's room, until the
  /// next read of any source.
  std::optional<std::string_view> read(Report& report);
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Missing policy_;
  io::Fd file_;
  bool missing_ = false;
  unsigned waited_ = 0;
};

}  // namespace ingest::host
