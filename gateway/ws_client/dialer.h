#pragma once
// Dialer: connects to the first of several addresses that answers, one after the other, each with a
// time of its own, so that an IPv6 route into nowhere costs seconds and not the connection. Never
// blocks. Owned by a Client; the loop's thread.

#include <functional>
#include <string>
#include <vector>

#include "gateway/ws_client/endpoint.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"

namespace gateway::ws_client {

class Dialer final : public ingest::io::FdHandler {
 public:
  using Dialed = ingest::Result<ingest::io::Fd>;

  /// `each` is how long one address may take.
  Dialer(ingest::io::EventLoop& loop, ingest::Millis each) : loop_(loop), each_(each) {}
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  ~Dialer() override { forget(); }

  /// Calls `dialed` once, later, unless forget() comes first: with a connected, non-blocking
  /// socket, or with a sentence that holds why each address failed. `name` is what a person calls
  /// the place. Not while dialing.
  void dial(std::string name, std::vector<Endpoint> endpoints, std::function<void(Dialed)> dialed);
  void forget();

  void ready(std::uint32_t events) override;

 private:
  void try_next();
  void failed(const std::string& why);
  void drop_socket();
  void tell(Dialed dialed);

  ingest::io::EventLoop& loop_;
  ingest::Millis each_;
  std::string name_;
  std::vector<Endpoint> endpoints_;
  std::size_t next_ = 0;
  std::string faults_;  // "127.0.0.1:80: connection refused, [::1]:80: no answer in 4 s"
  ingest::io::Fd fd_;
  ingest::io::EventLoop::TimerId timer_ = 0;
  std::function<void(Dialed)> dialed_;
};

}  // namespace gateway::ws_client
