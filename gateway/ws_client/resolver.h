#pragma once
// Resolver: names to addresses without stopping the loop. getaddrinfo() blocks, for half a minute
// where a name server is silent, so it runs on a thread of its own: at most one for a Resolver,
// even when nobody waits for its answer any more. Owned by a Client; the loop's thread.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/ws_client/endpoint.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"

namespace gateway::ws_client {

class Resolver final : public ingest::io::FdHandler {
 public:
  static constexpr std::size_t kEndpointsMax = 8;  // of one name; the rest is not tried
  using Found = ingest::Result<std::vector<Endpoint>>;

  explicit Resolver(ingest::io::EventLoop& loop) : loop_(loop) {}
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// A thread that still asks ends by itself; it holds nothing of ours.
  ~Resolver() override;

  /// Calls `found` once, later, unless forget() comes first. A question that was forgotten and is
  /// still being asked is waited for first. One question at a time.
  void ask(const std::string& host, std::uint16_t port, std::function<void(Found)> found);
  /// The answer is no longer wanted.
  void forget() { found_ = nullptr; }

  void ready(std::uint32_t events) override;

 private:
  struct Question;
  bool start();
  void tell(Found found);

  ingest::io::EventLoop& loop_;
  std::shared_ptr<Question> asked_;  // shared with the thread that asks
  std::string host_;
  std::uint16_t port_ = 0;
  std::function<void(Found)> found_;
  ingest::io::EventLoop::TimerId refusal_ = 0;
};

}  // namespace gateway::ws_client
