#pragma once
// UTF-8 as text formats need it: valid or not. Nothing is repaired or normalized.

#include <cstddef>
#include <string_view>

namespace ingest::codec {

/// No byte is NUL or above 0x7f: nothing more has to be checked.
bool is_plain_ascii(std::string_view text);

/// Well-formed by RFC 3629 (no overlong forms, no surrogates, at most U+10FFFF) and without a NUL.
bool is_utf8_without_nul(std::string_view text);
/// How many bytes at its front are that.
std::size_t good_utf8_bytes(std::string_view text);

}  // namespace ingest::codec
