#pragma once
// WriteWork: the lines of one request on a write path, from what its head asks for to its answer.
// A short body is one step(); a long one is done a slice a turn. Its worker's thread only.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request.h"
#include "gateway/server/answer.h"
#include "gateway/server/intake.h"
#include "gateway/server/work.h"
#include "gateway/server/write_wish.h"

namespace gateway::server {

/// Whose batch ids these are, and who it is that writes.
struct WriteOf {
  WriteWish wish;
  Peer client;
  std::string batch_key;  // empty: the request carries no id
  std::string path;
};

class WriteWork final : public Work {
 public:
  /// `context` of the request; its site, desk and counts outlive the work.
  WriteWork(WriteOf of, const AnswerContext& context);
  /// The plain text, where the body is not that itself.
  void keep_plain(std::vector<char> text) { plain_ = std::move(text); }
  /// As keep(), where `text` lives until the work is done.
  void lend(std::string_view text) { text_ = text; }

  void keep(std::string body) override;
  std::size_t held_bytes() const override { return body_.capacity() + plain_.capacity(); }
  bool step() override;
  http::Response response() override { return *std::move(response_); }

 private:
  bool begin();
  void finish();

  const WriteOf of_;
  Intake& intake_;
  BatchBook& book_;
  Counts* counts_;
  ingest::MonoTime began_;
  std::string body_;
  std::vector<char> plain_;
  std::string_view text_;
  std::unique_ptr<LineReading> reading_;
  std::optional<http::Response> response_;
};

}  // namespace gateway::server
