#include "gateway/server/assets.h"

#include <algorithm>

namespace gateway::server {

const Asset* find_asset(std::string_view path) {
  const std::span<const Asset> all = embedded_assets();
  const auto* at = std::lower_bound(
      all.data(), all.data() + all.size(), path,
      [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
  if (at == all.data() + all.size() || at->path != path) return nullptr;
  return at;
}

}  // namespace gateway::server
