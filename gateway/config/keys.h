#pragma once
// Keys: the one table of what can be configured: each key's name, type, range and meaning; its
// default is what Config{} holds. Parsing, overrides and deploy/weir.yaml all come from it.

#include <span>
#include <string>

#include "gateway/config/config.h"
#include "gateway/config/value.h"

namespace gateway::config {

using Key = KeyIn<Config>;

/// Every key but `feeds`, in the order of deploy/weir.yaml.
std::span<const Key> keys();

/// The keys of an item of `feeds` besides `listen`, and those of its `host`.
std::span<const KeyIn<SocketFeed>> socket_feed_keys();
std::span<const KeyIn<HostFeed>> host_feed_keys();
/// Those of an item's `replay` besides `path`.
std::span<const KeyIn<ReplayFeed>> replay_feed_keys();

/// deploy/weir.yaml, whole: every key with unit, default, range and meaning.
std::string reference_text();
/// The same with the values of this one: read again, it is the same configuration.
std::string document_text(const Config& config);

}  // namespace gateway::config
