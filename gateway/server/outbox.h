#pragma once
// Outbox: what a connection has decided to write and the kernel has not taken yet, in order. Whole
// answers over HTTP; over a WebSocket the 101 and at most one partly written frame. Pure; owned by
// its connection. An empty one holds no heap memory.

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/publish/frame.h"

namespace gateway::server {

class Outbox {
 public:
  void add(std::string owned);
  /// `fixed` outlives everything.
  void add_static(std::string_view fixed);
  void add_shared(std::shared_ptr<const std::string> shared);
  /// What is left of a frame that has begun; a view of its bytes or of its twin's.
  void add_rest(publish::FramePtr frame, std::string_view rest);

  bool empty() const { return bytes_ == 0; }
  std::size_t bytes() const { return bytes_; }
  /// Pieces held, written ones included: at most twice those that wait, and kWrittenKept.
  std::size_t pieces() const { return pieces_.size(); }

  /// Appends what is due first, until `out` holds `buffers_max`. Views live until the next call
  /// that is not const.
  void gather(std::vector<iovec>& out, std::size_t buffers_max) const;
  /// `count` is at most bytes(). Gives memory back once empty.
  void sent(std::size_t count);

 private:
  static constexpr std::size_t kWrittenKept = 64;
  struct Rest {
    std::shared_ptr<const void> whole;  // keeps the bytes alive
    std::string_view bytes;
  };
  using Piece = std::variant<std::string, std::string_view, Rest>;
  static std::string_view bytes_of(const Piece& piece);
  template <class T>
  void push(T piece, std::size_t size);
  void drop_written();

  std::vector<Piece> pieces_;  // pieces_[first_] is written from offset_ on
  std::size_t bytes_ = 0;
  std::size_t offset_ = 0;
  std::size_t first_ = 0;
};

/// A buffer for sendmsg, which does not write to it.
iovec to_iovec(std::string_view bytes);
std::string_view to_text(const iovec& buffer);

}  // namespace gateway::server
