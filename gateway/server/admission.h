#pragma once
// Admission: whether a request is let in, and with which rights. Any worker's thread.

#include <cstdint>
#include <string_view>
#include <variant>

#include "gateway/auth/authenticator.h"
#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "ingest/query/fault.h"

namespace gateway::server {

struct AnswerContext;

/// Whose business a route is.
enum class Needs : std::uint8_t {
  Nothing,  // anybody's
  Reader,
  Everything,  // a reader's who sees every series
  Writer,
  Author,   // who may change what people share: a writer's where any side is guarded
  Admin,    // one's, where any side is guarded
  Scraper,  // a reader's, or anybody's by metrics.open
};

/// Null rights: whatever is needed, nobody has to show a token for it. Else 401 or 403, in the form
/// of the path, counted.
using Admission = std::variant<auth::RightsPtr, http::Response>;
Admission admit(const http::Request& request, Needs needs, const AnswerContext& context);

/// Whether who was let in could read everything, though no token was asked of him: nobody needs
/// one for that, or he shows one.
bool sees_everything(const http::Request& request, const AnswerContext& context);

/// Whether who was let in is an admin, whose token may not have been asked for: where anybody may
/// read, nobody is one without showing it.
bool is_admin(const http::Request& request, const AnswerContext& context);

/// As admit() for a reader, where who shows nothing may still say who he is in a message: null
/// rights then, too. A cookie that counts no more is nothing shown; whatever else does not count is
/// refused. `?ticket=` counts here.
Admission admit_upgrade(const http::Request& request, const AnswerContext& context);

/// As admit() for a reader that can send no header: `?ticket=` counts here, too.
Admission admit_stream(const http::Request& request, const AnswerContext& context);

/// The code of a refusal and a sentence for whoever showed the token; why it was refused is for the
/// log alone.
ingest::query::Fault fault_of(auth::Refusal::Kind kind);

}  // namespace gateway::server
