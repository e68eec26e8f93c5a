#pragma once
// The codec of a configured feed.

#include <memory>

#include "gateway/config/config.h"
#include "ingest/codec/codec.h"

namespace gateway::cli {

/// One for each worker: a codec belongs to a thread.
std::unique_ptr<const ingest::codec::Codec> codec_of(const config::SocketFeed& feed);

}  // namespace gateway::cli
