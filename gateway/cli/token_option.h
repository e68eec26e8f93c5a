#pragma once
// The token that a sender shows: never of the command line, which every user of a machine may read,
// but of a file or of the environment.

#include <string>
#include <utility>
#include <vector>

#include "gateway/cli/syntax.h"
#include "gateway/tools/target.h"
#include "ingest/base/result.h"

namespace gateway::cli {

/// The variable, which is no key of the configuration.
constexpr std::string_view kTokenVariable = "WEIR_TOKEN";

void add_token_file(const Syntax& command, std::string& to);
/// Refuses a file for a target that cannot be shown a token.
ingest::Result<void, std::string> shows_token(const tools::Target& target, const std::string& file);

/// The first line of the file; without one the variable; else nothing. The error is a sentence.
using Variables = std::vector<std::pair<std::string, std::string>>;
ingest::Result<std::string, std::string> read_token(const std::string& file,
                                                    const Variables& variables);

}  // namespace gateway::cli
