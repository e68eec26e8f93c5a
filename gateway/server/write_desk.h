#pragma once
// WriteDesk: what a worker has for its write handlers. Part of Commons; that worker's thread only.

#include "gateway/http/content_coding.h"
#include "gateway/server/intake.h"

namespace gateway::server {

struct WriteDesk {
  Intake* intake = nullptr;  // null: nothing takes lines here, and writes get 503
  http::Inflater inflater;
};

}  // namespace gateway::server
