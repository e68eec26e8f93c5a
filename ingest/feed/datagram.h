#pragma once
// What becomes of a message that a datagram socket received: lines, and a ledger that adds up. One
// way for UDP and Unix sockets.

#include "ingest/codec/codec.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed_ledger.h"
#include "ingest/feed/receive_room.h"

namespace ingest::feed {

/// Each datagram in `message` is parsed by itself: a line never joins over the edge of a segment.
/// The samples in `batch` look into the message.
void take_message(const ReceiveRoom::Message& message, const codec::Codec& codec,
                  FeedLedger& ledger, codec::SampleBatch& batch);

}  // namespace ingest::feed
