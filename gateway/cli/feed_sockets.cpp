#include "gateway/cli/feed_sockets.h"

#include <utility>
#include <variant>

#include "gateway/cli/feed_codec.h"
#include "ingest/base/check.h"
#include "ingest/base/network.h"
#include "ingest/feed/host_feed.h"
#include "ingest/feed/udp_feed.h"
#include "ingest/feed/udp_group.h"
#include "ingest/feed/unix_datagram_feed.h"
#include "ingest/io/socket.h"

namespace gateway::cli {
namespace {

using config::Transport;
using ingest::Failure;
using ingest::Result;
using ingest::feed::FeedHome;
using ingest::feed::HostFeed;
using ingest::feed::StreamListener;
using ingest::feed::StreamPeers;
using ingest::feed::UdpFeed;
using ingest::feed::UnixDatagramFeed;

/// "udp/statsd"
std::string kind_of(const config::SocketFeed& feed) {
  return std::string{config::transport_name(feed.transport)} + "/" +
         std::string{codec_of(feed)->format()};
}

ingest::worker::SourceRule rule_of(const config::SocketFeed& feed) {
  ingest::worker::SourceRule rule{.rate = feed.rate, .allow = {}};
  for (const std::string& each : feed.allow) {
    const auto network = ingest::Network::parse(each);
    CHECK(network);  // the configuration was checked
    rule.allow.push_back(*network);
  }
  return rule;
}

/// Of a first line `token T`.
WriterCheck admits(const config::SocketFeed& feed, const WriterCheck& writer) {
  if (feed.token == config::Token::Off) return {};
  return [writer](std::string_view line, const ingest::IpAddress& from) -> StillWrites {
    constexpr std::string_view kWord = "token ";
    if (!writer || !line.starts_with(kWord)) return {};
    return writer(line.substr(kWord.size()), from);
  };
}

}  // namespace

Result<FeedSockets::Socket> FeedSockets::open_socket(const config::SocketFeed& feed,
                                                     std::size_t workers,
                                                     const ingest::io::Logger& log) {
  Socket socket{.feed = feed, .name = {}, .address = {}, .fds = {}, .file = {}};
  if (config::has_path(feed.transport)) {
    const auto type = config::is_stream(feed.transport) ? ingest::io::UnixType::Streams
                                                        : ingest::io::UnixType::Datagrams;
    const std::string& path = feed.address.unix_path;
    socket.file.emplace(
        TRY(ingest::io::UnixListener::open(path, static_cast<mode_t>(feed.mode), type)));
    socket.address = std::string{config::transport_name(feed.transport)} + ":" + path;
    return socket;
  }
  const auto address = TRY(ingest::io::Address::parse(to_text(feed.address)));
  if (feed.transport == Transport::Udp) {
    socket.fds = TRY(ingest::feed::open_udp_group(address, workers, log));
  } else {
    socket.fds.push_back(TRY(ingest::io::tcp_listen(address)));
  }
  socket.address = TRY(ingest::io::local_address(socket.fds.front().get())).text();
  return socket;
}

Result<FeedSockets> FeedSockets::open(const std::vector<config::Feed>& feeds, std::size_t workers,
                                      const ingest::io::Logger& log) {
  FeedSockets all;
  for (const config::Feed& feed : feeds)
    TRY(all.add(feed, workers, log));
  return all;
}

Result<void> FeedSockets::add(const config::Feed& feed, std::size_t workers,
                              const ingest::io::Logger& log) {
  if (const auto* host = std::get_if<config::HostFeed>(&feed)) {
    hosts_.push_back(*host);
    return {};
  }
  if (const auto* replay = std::get_if<config::ReplayFeed>(&feed))
    return replays_.open(*replay, names_, log);
  sockets_.push_back(TRY(open_socket(std::get<config::SocketFeed>(feed), workers, log)));
  Socket& socket = sockets_.back();
  socket.name = names_.take(kind_of(socket.feed), socket.address);
  listeners_.push_back({.what = socket.name, .address = socket.address});
  return {};
}

Result<void> FeedSockets::plug(const Plugs& plugs) {
  for (Socket& socket : sockets_) {
    const Result<void> plugged = plug_socket(socket, plugs);
    if (!plugged) return Failure{plugged.error()};
  }
  for (const config::HostFeed& host : hosts_) {
    const auto make = [&](const FeedHome& home) -> Result<std::unique_ptr<HostFeed>> {
      return std::make_unique<HostFeed>(*home.loop, *home.sink,
                                        HostFeed::Options{.every = host.every});
    };
    TRY(plugs.seats.back()->ingest->add_feed(make));
  }
  return replays_.plug(*plugs.seats.back());
}

Result<void> FeedSockets::plug_socket(Socket& socket, const Plugs& plugs) {
  switch (socket.feed.transport) {
    case Transport::Udp:
      return plug_udp(socket, plugs);
    case Transport::Unixgram:
      return plug_unixgram(socket, plugs);
    case Transport::Tcp:
    case Transport::Unix:
      break;
  }
  return plug_stream(socket, plugs);
}

Result<void> FeedSockets::plug_udp(Socket& socket, const Plugs& plugs) {
  const auto merge =
      socket.feed.udp_gro == config::UdpGro::On ? UdpFeed::Merge::Yes : UdpFeed::Merge::No;
  for (std::size_t i = 0; i < plugs.seats.size(); ++i) {
    Seat& seat = *plugs.seats[i];
    const auto make = [&](const FeedHome& home) {
      return UdpFeed::open({.home = home,
                            .name = socket.name,
                            .fd = std::move(socket.fds[i]),
                            .codec = codec_of(socket.feed),
                            .room = &seat.room,
                            .merge = merge});
    };
    TRY(seat.ingest->add_feed(make, rule_of(socket.feed)));
  }
  return {};
}

Result<void> FeedSockets::plug_unixgram(Socket& socket, const Plugs& plugs) {
  Seat& seat = *plugs.seats.back();
  TRY(seat.ingest->add_feed(
      [&](const FeedHome& home) {
        return UnixDatagramFeed::open({.home = home,
                                       .name = socket.name,
                                       .address = socket.address,
                                       .socket = *std::move(socket.file),
                                       .codec = codec_of(socket.feed),
                                       .room = &seat.room});
      },
      rule_of(socket.feed)));
  return {};
}

Result<void> FeedSockets::plug_stream(Socket& socket, const Plugs& plugs) {
  const auto number = static_cast<std::uint32_t>(plugs.seats.front()->stream_peers.size());
  server::Dealer& dealer = *plugs.dealer;
  for (const auto& seat : plugs.seats) {
    const auto closed = [&dealer, index = seat->index] {
      dealer.closed(index, server::Arrival::What::Feed);
    };
    const auto make = [&](const FeedHome& home) -> Result<std::unique_ptr<StreamPeers>> {
      return std::make_unique<StreamPeers>(
          StreamPeers::Parts{.home = home,
                             .name = socket.name,
                             .address = socket.address,
                             .codec = codec_of(socket.feed),
                             .room = &seat->room,
                             .idle_timeout = socket.feed.idle_timeout,
                             .peers_max = socket.feed.connections,
                             .peers_per_address_max = socket.feed.connections_per_address,
                             .on_closed = closed,
                             .admits = admits(socket.feed, plugs.writer)});
    };
    seat->stream_peers.push_back(TRY(seat->ingest->add_feed(make, rule_of(socket.feed))));
  }
  return accept_on(socket, plugs, number);
}

Result<void> FeedSockets::accept_on(Socket& socket, const Plugs& plugs, std::uint32_t number) {
  server::Dealer& dealer = *plugs.dealer;
  // When no worker has room the descriptor closes here: the sender sees it and comes again.
  Seat* const first = plugs.seats.front().get();
  const auto accepted = [&dealer, number, first](ingest::io::Accepted peer) {
    server::Arrival arrival{.what = server::Arrival::What::Feed,
                            .feed = number,
                            .fd = std::move(peer.fd),
                            .peer = peer.peer};
    if (!dealer.deal(arrival)) first->stream_peers[number]->refused();
  };
  StreamListener::Listening listening =
      socket.file ? StreamListener::Listening{*std::move(socket.file)}
                  : StreamListener::Listening{std::move(socket.fds.front())};
  stream_listeners_.push_back(
      TRY(StreamListener::open(first->gateway->loop(), std::move(listening), accepted)));
  return {};
}

}  // namespace gateway::cli
