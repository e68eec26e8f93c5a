#include "gateway/cli/feed_sockets.h"

#include <utility>
#include <variant>

#include "ingest/codec/graphite.h"
#include "ingest/codec/influx_line.h"
#include "ingest/codec/json_lines.h"
#include "ingest/codec/statsd.h"
#include "ingest/feed/udp_feed.h"
#include "ingest/io/socket.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::io::Fd;

using Codec = ingest::codec::Codec;

std::unique_ptr<const Codec> statsd_of(const config::SocketFeed& feed) {
  const bool delta = feed.signed_gauge == config::SignedGauge::Delta;
  return std::make_unique<ingest::codec::Statsd>(
      ingest::codec::StatsdOptions{.signed_gauge = delta ? ingest::codec::SignedGauge::Delta
                                                         : ingest::codec::SignedGauge::Absolute});
}

/// One for each worker: a codec belongs to a thread.
std::unique_ptr<const Codec> codec_of(const config::SocketFeed& feed) {
  switch (feed.format) {
    case config::Format::Statsd:
      break;
    case config::Format::Influx:
      return std::make_unique<ingest::codec::InfluxLine>();
    case config::Format::Graphite:
      return std::make_unique<ingest::codec::Graphite>();
    case config::Format::Json:
      return std::make_unique<ingest::codec::JsonLines>();
  }
  return statsd_of(feed);
}

std::string what_of(const config::SocketFeed& feed) {
  const bool udp = feed.transport == config::Transport::Udp;
  return std::string{udp ? "udp/" : "tcp/"}.append(codec_of(feed)->format());
}

}  // namespace

Result<FeedSockets::Socket> FeedSockets::open_socket(const config::SocketFeed& feed,
                                                     std::size_t workers,
                                                     const ingest::io::Logger& log) {
  const auto address = TRY(ingest::io::Address::parse(to_text(feed.address)));
  Socket socket{.feed = feed, .fds = {}, .address = {}};
  switch (feed.transport) {
    case config::Transport::Udp:
      socket.fds = TRY(ingest::feed::open_udp_group(address, workers, log));
      break;
    case config::Transport::Tcp:
      socket.fds.push_back(TRY(ingest::io::tcp_listen(address)));
      break;
  }
  socket.address = TRY(ingest::io::local_address(socket.fds.front().get())).text();
  return socket;
}

Result<FeedSockets> FeedSockets::open(const std::vector<config::Feed>& feeds, std::size_t workers,
                                      const ingest::io::Logger& log) {
  FeedSockets all;
  for (const config::Feed& feed : feeds) {
    if (const auto* host = std::get_if<config::HostFeed>(&feed)) {
      all.hosts_.push_back(*host);
      continue;
    }
    all.sockets_.push_back(TRY(open_socket(std::get<config::SocketFeed>(feed), workers, log)));
    const Socket& socket = all.sockets_.back();
    all.listeners_.push_back({.what = what_of(socket.feed), .address = socket.address});
  }
  return all;
}

Result<void> FeedSockets::plug(std::span<const std::unique_ptr<Seat>> seats,
                               server::Dealer& dealer) {
  for (Socket& socket : sockets_) {
    const bool udp = socket.feed.transport == config::Transport::Udp;
    const Result<void> plugged = udp ? plug_udp(socket, seats) : plug_tcp(socket, seats, dealer);
    if (!plugged) return Failure{plugged.error()};
  }
  for (const config::HostFeed& host : hosts_)
    seats.back()->ingest->add_host({.every = host.every});
  return {};
}

Result<void> FeedSockets::plug_udp(Socket& socket, std::span<const std::unique_ptr<Seat>> seats) {
  for (std::size_t i = 0; i < seats.size(); ++i) {
    TRY(seats[i]->ingest->add_udp(std::move(socket.fds[i]), codec_of(socket.feed)));
  }
  return {};
}

Result<void> FeedSockets::plug_tcp(Socket& socket, std::span<const std::unique_ptr<Seat>> seats,
                                   server::Dealer& dealer) {
  const auto number = static_cast<std::uint32_t>(seats.front()->tcp_peers.size());
  for (const auto& seat : seats) {
    const auto closed = [&dealer, index = seat->index] {
      dealer.closed(index, server::Arrival::What::Feed);
    };
    seat->tcp_peers.push_back(&seat->ingest->add_tcp_peers(
        codec_of(socket.feed), {.address = socket.address,
                                .idle_timeout = socket.feed.idle_timeout,
                                .on_closed = closed}));
  }
  // When no worker has room the descriptor closes here: the sender sees it and comes again.
  const auto accepted = [&dealer, number](Fd fd) {
    server::Arrival arrival{
        .what = server::Arrival::What::Feed, .feed = number, .fd = std::move(fd)};
    static_cast<void>(dealer.deal(arrival));
  };
  tcp_listeners_.push_back(TRY(ingest::feed::TcpListener::open(
      seats.front()->gateway->loop(), std::move(socket.fds.front()), accepted)));
  return {};
}

}  // namespace gateway::cli
