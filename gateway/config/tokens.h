#pragma once
// Tokens: the items of auth.readers, auth.writers and auth.admins, as text. What somebody wrote for
// a hash is never repeated in a fault: it may be the token itself.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/text.h"
#include "gateway/config/tree.h"

namespace gateway::config {

/// Whether an item may have `where`, the matchers of a query, which bound what its holder sees.
enum class TokenWhere : std::uint8_t { No, Yes };

/// How an item is written.
std::string token_shape(TokenWhere where);

/// Stores every item of `list`, or none when there is a fault.
std::vector<ValueFault> read_tokens(const Tree& list, TokenWhere where,
                                    std::vector<AuthToken>& place);

/// "[]", or as it would be written in the file.
std::string tokens_text(const std::vector<AuthToken>& tokens);

}  // namespace gateway::config
