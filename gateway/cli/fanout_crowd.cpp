#include "gateway/cli/fanout_crowd.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <utility>

#include "gateway/cli/frame_head.h"
#include "gateway/ws/frame.h"
#include "gateway/ws/mask.h"
#include "ingest/io/socket.h"

namespace gateway::cli {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Millis;
using ingest::Result;

constexpr std::size_t kJoiningMax = 256;  // at once: fewer than a listener's queue holds
constexpr Millis kJoinMax{60'000};
constexpr int kSmallBuffer = 4'096;
constexpr std::size_t kHeaderMax = 10;  // of frames without a mask
constexpr std::size_t kHeadMax = 96;    // of a payload is looked at
constexpr std::size_t kPayload16 = 126;
constexpr std::size_t kPayload64 = 127;

std::int64_t nanoseconds(const timespec& time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return time.tv_sec * kSecond + time.tv_nsec;
}

std::int64_t wall_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

/// When the last of these bytes reached the socket; 0 where the kernel does not say.
std::int64_t stamp_of(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(part), sizeof time);
    return nanoseconds(time);
  }
  return 0;
}

Error failed(const char* what) {
  return {errno, std::string{what} + ": " + ingest::io::errno_text(errno)};
}

std::string masked(ws::Opcode opcode, std::string_view payload) {
  ws::FrameHeader header;
  header.opcode = opcode;
  header.mask = ws::MaskKey{};  // of zeros: leaves the bytes as they are
  return ws::make_frame(header, payload);
}

}  // namespace

/// One connection: where it stands in the frame that comes.
struct FanoutCrowd::Member {
  ingest::io::Fd fd;
  std::size_t index = 0;
  std::size_t header_bytes = 0;  // that have come
  std::size_t payload_left = 0;
  std::size_t payload_bytes = 0;
  std::size_t head_bytes = 0;
  std::uint64_t frames = 0;
  std::uint64_t window_end = 0;  // of the newest update
  std::int64_t pinged_ns = 0;    // 0: no pong is due
  std::array<char, kHeaderMax> header{};
  std::array<char, kHeadMax> head{};
  std::string answer;  // of the upgrade, until it is whole
  bool upgraded = false;
  bool in_payload = false;
};

FanoutCrowd::FanoutCrowd(Options options)
    : options_(std::move(options)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(std::size_t{256} * 1024) {}

FanoutCrowd::~FanoutCrowd() = default;

std::string FanoutCrowd::greeting() const {
  if (options_.speaks == Speaks::Nothing) return {};
  std::string text =
      "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (options_.deflate == Deflate::Yes) text += "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  return text + "\r\n" + masked(ws::Opcode::Text, options_.hello);
}

Result<void> FanoutCrowd::connect_one() {
  const ingest::io::Address address = TRY(ingest::io::Address::parse(options_.address));
  auto member = std::make_unique<Member>();
  member->fd = ingest::io::Fd{socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int fd = member->fd.get();
  if (fd < 0) return Failure{failed("cannot open a socket")};
  constexpr int kOn = 1;
  if (options_.buffer == Buffer::Small)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kSmallBuffer, sizeof kSmallBuffer);
  if (options_.stamps == Stamps::On) setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &kOn, sizeof kOn);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
  if (connect(fd, address.data(), address.size()) != 0) return Failure{failed("cannot connect")};
  const std::string words = greeting();
  if (!words.empty() &&
      send(fd, words.data(), words.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(words.size()))
    return Failure{failed("cannot send")};
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.u64 = members_.size();
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &wanted) != 0)
    return Failure{failed("cannot watch a socket")};
  member->index = members_.size();
  member->upgraded = options_.speaks == Speaks::Nothing;
  members_.push_back(std::move(member));
  return {};
}

Result<void> FanoutCrowd::connect_some(std::size_t all) {
  while (members_.size() < all && members_.size() - joined_ < kJoiningMax) {
    TRY(connect_one());
    if (options_.speaks == Speaks::Nothing) ++joined_;
  }
  return {};
}

Result<void> FanoutCrowd::join(std::size_t members) {
  const std::size_t all = members_.size() + members;
  const auto until = std::chrono::steady_clock::now() + kJoinMax;
  while (members_.size() < all || joined_ < all) {
    TRY(connect_some(all));
    turn(Millis{joined_ < all ? 10 : 0});
    if (gone_ > 0) return Failure{Error{0, "the server ended connections while they joined"}};
    if (std::chrono::steady_clock::now() > until)
      return Failure{Error{0, "only " + std::to_string(joined_) + " of " + std::to_string(all) +
                                  " subscriptions were answered"}};
  }
  return {};
}

std::size_t FanoutCrowd::turn(Millis wait) {
  std::array<epoll_event, 256> events{};
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                               static_cast<int>(wait.count()));
  for (int i = 0; i < count; ++i)
    read(*members_[events.at(static_cast<std::size_t>(i)).data.u64]);
  return static_cast<std::size_t>(std::max(count, 0));
}

void FanoutCrowd::read(Member& member) {
  if (member.index < stalled_) return;
  iovec into{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control{};
  msghdr message{};
  message.msg_iov = &into;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = recvmsg(member.fd.get(), &message, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return lost(member);
  bytes_ += static_cast<std::uint64_t>(count);
  take(member, {{buffer_.data(), static_cast<std::size_t>(count)}, stamp_of(message)});
}

void FanoutCrowd::lost(Member& member) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, member.fd.get(), nullptr);
  member.fd.reset();
  ++gone_;
}

void FanoutCrowd::take(Member& member, Chunk chunk) {
  std::string_view bytes = chunk.bytes;
  if (!member.upgraded) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    member.answer.append(bytes);
    const std::size_t end = member.answer.find(kEnd);
    if (end == std::string::npos) return;
    member.upgraded = true;
    const std::string rest = std::exchange(member.answer, {}).substr(end + kEnd.size());
    return take(member, {rest, chunk.at_ns});
  }
  while (!bytes.empty()) {
    if (!member.in_payload) bytes.remove_prefix(take_header(member, bytes));
    if (!member.in_payload) return;
    const std::size_t count = std::min(bytes.size(), member.payload_left);
    const std::size_t seen = std::min(count, kHeadMax - member.head_bytes);
    std::copy_n(bytes.begin(), seen, member.head.begin() + member.head_bytes);
    member.head_bytes += seen;
    if (member.index == 0 && member.payload_bytes >= kUpdateBytesMin) {
      if (member.payload_left == member.payload_bytes)
        sample_.assign(member.header.data(), member.header_bytes);
      sample_.append(bytes.substr(0, count));
    }
    member.payload_left -= count;
    bytes.remove_prefix(count);
    if (member.payload_left == 0) frame_ended(member, chunk.at_ns);
  }
}

/// RFC 6455 section 5.2, without a mask. Bytes that were taken.
std::size_t FanoutCrowd::take_header(Member& member, std::string_view bytes) {
  constexpr std::size_t kLengthBits = 0x7F;
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    member.header.at(member.header_bytes++) = bytes[taken++];
    if (member.header_bytes < 2) continue;
    const std::size_t length = static_cast<unsigned char>(member.header[1]) & kLengthBits;
    const std::size_t size = length == kPayload64 ? kHeaderMax : length == kPayload16 ? 4 : 2;
    if (member.header_bytes < size) continue;
    std::size_t payload = size == 2 ? length : 0;
    for (std::size_t i = 2; i < size; ++i)
      payload = payload << 8U | static_cast<unsigned char>(member.header.at(i));
    member.payload_bytes = payload;
    member.payload_left = payload;
    member.head_bytes = 0;
    member.in_payload = true;
    break;
  }
  return taken;
}

void FanoutCrowd::frame_ended(Member& member, std::int64_t at_ns) {
  constexpr unsigned kOpcode = 0x0F;
  const unsigned opcode = static_cast<unsigned char>(member.header[0]) & kOpcode;
  member.in_payload = false;
  member.header_bytes = 0;
  if (opcode == static_cast<unsigned>(ws::Opcode::Ping)) {  // who says nothing for 45 s is closed
    const std::string pong = masked(ws::Opcode::Pong, {});
    static_cast<void>(send(member.fd.get(), pong.data(), pong.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    return;
  }
  if (opcode == static_cast<unsigned>(ws::Opcode::Pong)) {
    if (member.pinged_ns > 0) pongs_.push_back(at_ns - std::exchange(member.pinged_ns, 0));
    return;
  }
  ++member.frames;
  if (options_.speaks == Speaks::WebSocket) {
    const std::size_t first = 1 + 2 * options_.streams;
    if (member.frames == first) ++joined_;
    if (member.frames <= first) return;
  }
  if (member.payload_bytes < kUpdateBytesMin) return;
  ++updates_;
  member.window_end = window_end_of({member.head.data(), member.head_bytes});
  if (options_.stamps == Stamps::On) arrivals_.push_back(at_ns);
}

void FanoutCrowd::stall(std::size_t members) {
  stalled_ = std::min(members, members_.size());
  for (std::size_t i = 0; i < stalled_; ++i)
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, members_[i]->fd.get(), nullptr);
}

void FanoutCrowd::resume() {
  for (std::size_t i = 0; i < stalled_; ++i) {
    if (!members_[i]->fd) continue;  // gone
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u64 = i;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, members_[i]->fd.get(), &wanted);
  }
  stalled_ = 0;
}

void FanoutCrowd::ping() {
  if (members_.empty()) return;
  constexpr std::size_t kStride = 37;  // neighbours of a list are served together
  pinging_ = (pinging_ + kStride) % members_.size();
  Member& member = *members_[pinging_];
  if (member.pinged_ns != 0 || !member.fd) return;
  const std::string frame = masked(ws::Opcode::Ping, {});
  member.pinged_ns = wall_ns();
  if (send(member.fd.get(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    member.pinged_ns = 0;
}

std::size_t FanoutCrowd::newest(Millis behind) const {
  std::uint64_t newest = 0;
  for (const auto& member : members_)
    newest = std::max(newest, member->window_end);
  return static_cast<std::size_t>(
      std::count_if(members_.begin(), members_.end(), [&](const auto& member) {
        return member->window_end + static_cast<std::uint64_t>(behind.count()) >= newest;
      }));
}

}  // namespace gateway::cli
