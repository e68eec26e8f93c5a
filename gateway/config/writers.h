#pragma once
// Writers: the items of auth.writers, as text. What somebody wrote for a hash is never repeated in
// a fault: it may be the token itself.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/text.h"
#include "gateway/config/tree.h"

namespace gateway::config {

constexpr std::string_view kWriterAllowed =
    "{name: ci, hash: \"sha256:<64 hex digits>\"}, each name and hash once";

/// Stores every item of `list`, or none when there is a fault.
std::vector<ValueFault> read_writers(const Tree& list, std::vector<Writer>& place);

/// "[]", or as it would be written in the file.
std::string writers_text(const std::vector<Writer>& writers);

}  // namespace gateway::config
