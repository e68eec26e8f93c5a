#pragma once
// load(): the configuration from the file, the environment and --set, in that order, the later
// winning. All faults come at once. No exception of the YAML library leaves this room.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/config/config.h"
#include "ingest/base/result.h"

namespace gateway::config {

/// One thing that is wrong, where, and what is allowed instead.
struct Fault {
  std::string where;  // "weir.yaml:12", "--set", "WEIR_TIME_PANE"
  std::string key;    // "time.pane"; empty when the fault is the file's as a whole
  std::string what;   // "5 has no unit, allowed is 100ms to 60s"
  bool operator==(const Fault&) const = default;
};
/// "weir.yaml:12: time.pane: 5 has no unit, allowed is 100ms to 60s".
std::string to_text(const Fault& fault);

struct Sources {
  std::optional<std::string> file;                               // a path
  std::vector<std::pair<std::string, std::string>> environment;  // name, value; others than WEIR_*
                                                                 // are ignored
  std::vector<std::string> settings;                             // "http.listen=127.0.0.1:9000"
};

using Loaded = ingest::Result<Config, std::vector<Fault>>;

/// Never with an empty list of faults. Durations and sizes may stand without a unit in environment
/// and settings (ms, bytes), not in the file.
Loaded load(const Sources& sources);

/// The file's part alone, from its text; `name` stands in the faults.
Loaded parse(std::string_view text, const std::string& name);

}  // namespace gateway::config
