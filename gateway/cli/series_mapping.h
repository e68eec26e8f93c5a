#pragma once
// series_mapping: the configuration of /metrics as gateway/exposition reads it, and the press that
// prints by it.

#include <memory>

#include "gateway/cli/scrape_press.h"
#include "gateway/config/config.h"
#include "gateway/exposition/mapping.h"

namespace gateway::cli {

/// Null where /metrics tells no series.
std::unique_ptr<ScrapePress> make_press(const config::Config& config, ScrapePress::Parts parts);

exposition::MappingPtr series_mapping(const config::Config& config);

}  // namespace gateway::cli
