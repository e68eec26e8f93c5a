#include "gateway/publish/mail.h"

#include <utility>

namespace gateway::publish {

using ingest::query::Code;
using ingest::query::Fault;

Fault told_to(Sees sees, Fault fault) {
  if (sees == Sees::Part && fault.code == Code::QueryTooExpensive)
    fault.msg =
        "more than limits.query_cost; narrow metric or where, ask for fewer stats, or shorten the "
        "time";
  return fault;
}

}  // namespace gateway::publish
