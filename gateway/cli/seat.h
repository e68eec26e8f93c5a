#pragma once
// Seat: one worker thread's objects, and its rings to the hub. Built by the wiring; while the
// thread runs, the wiring keeps its hands off all but what is said to be for any thread.

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "gateway/cli/http_intake.h"
#include "gateway/server/hub_port.h"
#include "gateway/server/worker.h"
#include "ingest/feed/receive_room.h"
#include "ingest/feed/stream_peers.h"
#include "ingest/model/handover.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

// In the order of building; they go in the opposite one.
struct Seat {  // NOLINT(clang-analyzer-optin.performance.Padding): the rings' padding is wanted
  std::uint32_t index = 0;
  ingest::model::HubLink hub_link;
  server::MailLink mail;
  std::unique_ptr<server::Worker> gateway;               // has the loop
  ingest::feed::ReceiveRoom room;                        // of all socket feeds of `ingest`
  std::unique_ptr<ingest::worker::Worker> ingest;        // on the same loop
  std::unique_ptr<HttpIntake> http_intake;               // into feeds of `ingest`
  std::vector<ingest::feed::StreamPeers*> stream_peers;  // by the feed's number; of `ingest`
  std::thread thread;
};

}  // namespace gateway::cli
