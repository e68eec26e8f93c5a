#include "gateway/server/durable_answer.h"

#include "gateway/server/fault_answer.h"

namespace gateway::server {
namespace {

using http::Response;
using ingest::query::DurableAnswer;

/// The lines count: only who can say that it is the same request may ask again.
Response not_yet(std::string sentence, const DurableOf& of) {
  const bool may_ask = of.batch == DurableOf::Batch::Id;
  sentence += may_ask ? "; ask again with the same Weir-Batch-Id"
                      : "; to send them again would count them twice";
  Response response = fault_answer(503, sentence, of.path);
  if (may_ask) response.add("Retry-After", "1");
  return response;
}

}  // namespace

Response durable_answer(DurableAnswer answer, const Response& taken, const DurableOf& of) {
  switch (answer) {
    case DurableAnswer::OnDisk:
      return taken;
    case DurableAnswer::Lost:
      return fault_answer(409,
                          "The lines count, but some of what came with them never got to disk: a "
                          "crash may lose them, and to send them again would count them twice",
                          of.path);
    case DurableAnswer::Away:
      return not_yet("The lines count, but the disk cannot be written: a crash would lose them",
                     of);
    case DurableAnswer::Off:
      break;
  }
  return no_disk_answer(answer, of.path);
}

Response durable_late_answer(const DurableOf& of) {
  return not_yet("The lines count, but they are not known to be on disk yet", of);
}

Response no_disk_answer(DurableAnswer outlook, std::string_view path) {
  if (outlook == DurableAnswer::Away) {
    Response response =
        fault_answer(503, "The disk cannot be written now; none of the lines counts", path);
    return response.add("Retry-After", "1");
  }
  return fault_answer(409,
                      "Nothing is kept on disk here, and none of the lines counts: leave "
                      "ack=durable out, or set archive.path",
                      path);
}

Response torn_answer(std::string_view path) {
  return fault_answer(409,
                      "The process ended while a batch of this id was on its way to disk: all of "
                      "it may count, a part, or none; another Weir-Batch-Id counts all of it anew",
                      path);
}

}  // namespace gateway::server
