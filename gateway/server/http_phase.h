#pragma once
// HttpPhase: a connection while it speaks HTTP/1.1: requests in, answers into the outbox, in order.
// Knows no socket. Part of a connection, on its worker's thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "gateway/http/request_parser.h"
#include "gateway/http/response.h"
#include "gateway/publish/command.h"
#include "gateway/server/answer.h"
#include "gateway/server/body_hold.h"
#include "gateway/server/caller.h"
#include "gateway/server/commons.h"
#include "gateway/server/dealer.h"
#include "gateway/server/outbox.h"
#include "gateway/ws/extension.h"

namespace gateway::server {

class HttpPhase {
 public:
  enum class Step : std::uint8_t {
    NeedMore,  // all bytes are taken
    Answered,  // one answer more; there may be bytes left
    Waits,     // the answer comes later: nothing more may be taken until answered() or worked()
    Last,      // the connection ends with the answer just given
    Broken,    // not HTTP as we accept it; the connection ends with the answer, if there is one
    Upgraded,  // a WebSocket from here on: what is left are its frames
    Streams,   // an event stream from here on: what is left means nothing
  };

  /// What the bytes came over, and whether the peer's word on the client's scheme counts
  /// (http.trusted_proxies).
  struct Door {
    Arrival::Wire wire = Arrival::Wire::Plain;
    Arrival::Sender sender = Arrival::Sender::Anybody;
  };
  HttpPhase(publish::Subscriber who, Door door, Commons& commons);

  /// Takes bytes from the front, up to the end of one request.
  Step receive(std::span<std::uint8_t>& bytes, Outbox& out, Commons& commons);

  /// The answer to the question of a request; nothing when it came too late.
  std::optional<Step> answered(const publish::Answered& answered, Outbox& out, Commons& commons);
  /// What a request's work came to.
  Step worked(Outcome outcome, Outbox& out, Commons& commons);
  /// A question or a work has no answer yet.
  bool waits() const { return waiting_ != nullptr; }
  /// The connection goes: nobody waits any more.
  void leave(Commons& commons);

  /// Nothing of a request has come since the last answer.
  bool is_idle() const { return !parser_->began() && !parser_->reading_body() && !waits(); }
  /// Once Upgraded: what the 101 agreed to.
  const std::optional<ws::DeflateAgreement>& agreed() const { return agreed_; }
  /// Once Streams: what the request asked for.
  publish::SubBodies take_wish() { return std::move(wish_); }
  /// Once either: who asked.
  Caller take_caller() { return std::move(caller_); }

  /// When patience ends, and with what.
  struct Patience {
    ingest::MonoTime until;
    Ended why = Ended::IdleTimeout;
  };
  Patience patience(const Deadlines& deadlines) const;
  /// 408 where a request has begun, 503 where the answer does not come; a silent peer gets nothing.
  void answer_late(Outbox& out, Commons& commons);

 private:
  /// A request whose answer comes later.
  struct Waiting {
    std::uint32_t ticket = 0;
    http::Exchange exchange;
    std::string path;
    std::function<Outcome(const publish::Answer&)> respond;  // none: to a work
    Question::Claim claim = Question::Claim::None;
    std::string party{};  // as publish::Ask has it
  };
  static void warn_of_refusal(const http::Request& request, int status, Scheme scheme,
                              Commons& commons);
  AnswerContext context_of(const http::Request& request, Commons& commons) const;
  Step serve(http::Request& request, Outbox& out, Commons& commons);
  Step begin(http::Request& request, std::unique_ptr<Work> work, Outbox& out, Commons& commons);
  Step ask(const http::Request& request, Question question, Outbox& out, Commons& commons);
  Step send(Question question, Commons& commons);
  Step write_last(http::Response response, const http::Exchange& exchange, Outbox& out,
                  Commons& commons) const;
  std::optional<Step> answer_announced(Outbox& out, Commons& commons);
  Step upgrade(const http::Request& request, Outbox& out, Commons& commons);
  Step open_stream(const http::Request& request, Outbox& out, Commons& commons);
  std::optional<http::Response> refuse_stream(const http::Request& request, Commons& commons);
  Step refuse_unparsed(Outbox& out, Commons& commons);
  Step refuse_crowded(BodyBook::Room room, Outbox& out, Commons& commons);
  static Step write(http::Response response, const http::Exchange& exchange, Outbox& out,
                    Commons& commons);

  // Not inside: a WebSocket, which lives much longer, takes the same place in its connection.
  std::unique_ptr<http::RequestParser> parser_;
  std::optional<ws::DeflateAgreement> agreed_;
  publish::SubBodies wish_;
  Caller caller_;
  ingest::MonoTime since_;  // the accept, the last answer or the first byte of a request
  BodyHold hold_;
  std::unique_ptr<Waiting> waiting_;
  publish::Subscriber who_;
  std::uint32_t requests_ = 0;
  Door door_;
};

}  // namespace gateway::server
