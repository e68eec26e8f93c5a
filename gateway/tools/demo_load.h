#pragma once
// DemoLoad: a web shop that does not exist, as StatsD lines: services with routes, regions and
// hosts, queues, a database, users. Its load swells and falls, and now and then one route of one
// region becomes slow and fails, so that there is something to find: a deploy is told when it
// begins and a rollback when it ends, and a check of each service says how it is.
// Pure: the same seed gives the same lines, step by step, on every machine (no libm).

#include <cstdint>
#include <string>

namespace gateway::tools {

class DemoLoad {
 public:
  static constexpr int kStepsASecond = 10;

  explicit DemoLoad(std::uint64_t seed) : seed_(seed) {}

  /// Appends what the shop's processes send in the next tenth of a second: some 60 lines.
  void step(std::string& lines);
  std::uint64_t steps() const { return step_; }

  struct Incident {
    bool on = false;
    std::uint32_t route = 0;
    std::uint32_t region = 0;
  };
  /// What is wrong at this step.
  Incident incident() const;

 private:
  struct Draw;
  void requests(Draw& draw, std::string& lines) const;
  void backends(Draw& draw, std::string& lines) const;
  void people(Draw& draw, std::string& lines) const;
  void remarks(std::string& lines) const;
  Incident incident_of(std::uint64_t number) const;

  std::uint64_t seed_;
  std::uint64_t step_ = 0;
};

}  // namespace gateway::tools
