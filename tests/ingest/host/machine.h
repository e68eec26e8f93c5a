#pragma once
// Machine: a /proc and a /sys that a test writes, and what readers of them said.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "ingest/host/report.h"
#include "tests/ingest/codec/collected.h"

namespace ingest::host {

class Machine : public ::testing::Test {
 protected:
  Machine() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~Machine() override { std::filesystem::remove_all(root_); }

  std::string path(const std::string& file) const { return (root_ / file).string(); }
  std::string proc() const { return path("proc"); }
  std::string sys() const { return path("sys"); }
  /// The same file with another content, as those of /proc are.
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream{root_ / file} << text;
  }

  /// One reading; its values by "name{tags}".
  template <class Reader>
  std::map<std::string, double> read(Reader& reader, Millis passed = Millis{1'000}) {
    now_ += passed;
    report_.begin(now_);
    reader.read(report_);
    return said();
  }
  std::map<std::string, double> said() {
    std::map<std::string, double> found;
    for (const codec::Kept& sample : sink_.samples) {
      const bool fresh = found.emplace(sample.name + '{' + sample.tags + '}', sample.value).second;
      EXPECT_TRUE(fresh) << "said twice in one reading: " << sample.name << ' ' << sample.tags;
      kinds_[sample.name] = sample.kind;
    }
    sink_.samples.clear();
    return found;
  }

  const std::filesystem::path root_ =
      std::filesystem::path{::testing::TempDir()} /
      (std::string{"weir_"} +
       ::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name() + '_' +
       ::testing::UnitTest::GetInstance()->current_test_info()->name());
  codec::Collected sink_;
  Report report_{sink_};
  MonoTime now_{};
  std::map<std::string, model::Kind> kinds_;
};

/// Whether any of the names begins so.
inline bool any_named(const std::map<std::string, double>& said, const std::string& begin) {
  const auto found = said.lower_bound(begin);
  return found != said.end() && found->first.starts_with(begin);
}

}  // namespace ingest::host
