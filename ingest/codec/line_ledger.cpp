#include "ingest/codec/line_ledger.h"

#include <numeric>

namespace ingest::codec {

namespace {

// In the order of Reject.
constexpr std::array<std::string_view, kRejects> kNames{
    "empty_name",      "missing_value", "empty_value",      "bad_value",          "not_finite",
    "missing_kind",    "empty_kind",    "unknown_kind",     "bad_rate",           "bad_time",
    "repeated_field",  "mixed_tags",    "bad_tags",         "empty_tag_key",      "bad_annotation",
    "bad_utf8",        "name_too_long", "tag_key_too_long", "tag_value_too_long", "too_many_tags",
    "line_too_long",   "overflow",      "empty_tag_value",  "missing_field",      "empty_field",
    "too_many_fields", "open_string",   "missing_time",     "trailing_text",      "missing_name",
    "too_many_values", "bad_json",      "bad_field",
};
static_assert(kNames[static_cast<std::size_t>(Reject::LineTooLong)] == "line_too_long");
static_assert(kNames.back() == "bad_field");

}  // namespace

std::string_view reject_name(Reject reason) {
  return kNames[static_cast<std::size_t>(reason)];
}

std::uint64_t LineLedger::rejected_total() const {
  return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

bool LineLedger::adds_up() const {
  return received == accepted + rejected_total() + ignored.blank + ignored.comment +
                         ignored.annotation + cut.truncated + cut.tcp_tail;
}

}  // namespace ingest::codec
