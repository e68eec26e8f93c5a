#include "gateway/cli/version.h"

namespace gateway::cli {

std::string_view version() {
  return WEIR_VERSION;
}

}  // namespace gateway::cli
