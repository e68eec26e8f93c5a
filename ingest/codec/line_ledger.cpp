#include "ingest/codec/line_ledger.h"

#include <numeric>

namespace ingest::codec {

std::string_view reject_name(Reject reason) {
  switch (reason) {
    case Reject::EmptyName:
      return "empty_name";
    case Reject::MissingValue:
      return "missing_value";
    case Reject::EmptyValue:
      return "empty_value";
    case Reject::BadValue:
      return "bad_value";
    case Reject::NotFinite:
      return "not_finite";
    case Reject::MissingKind:
      return "missing_kind";
    case Reject::EmptyKind:
      return "empty_kind";
    case Reject::UnknownKind:
      return "unknown_kind";
    case Reject::BadRate:
      return "bad_rate";
    case Reject::BadTime:
      return "bad_time";
    case Reject::RepeatedField:
      return "repeated_field";
    case Reject::MixedTags:
      return "mixed_tags";
    case Reject::BadTags:
      return "bad_tags";
    case Reject::EmptyTagKey:
      return "empty_tag_key";
    case Reject::BadAnnotation:
      return "bad_annotation";
    case Reject::BadUtf8:
      return "bad_utf8";
    case Reject::NameTooLong:
      return "name_too_long";
    case Reject::TagKeyTooLong:
      return "tag_key_too_long";
    case Reject::TagValueTooLong:
      return "tag_value_too_long";
    case Reject::TooManyTags:
      return "too_many_tags";
    case Reject::LineTooLong:
      return "line_too_long";
    case Reject::Overflow:
      return "overflow";
    case Reject::EmptyTagValue:
      return "empty_tag_value";
    case Reject::MissingField:
      return "missing_field";
    case Reject::EmptyField:
      return "empty_field";
    case Reject::TooManyFields:
      return "too_many_fields";
    case Reject::OpenString:
      return "open_string";
    case Reject::MissingTime:
      return "missing_time";
    case Reject::TrailingText:
      return "trailing_text";
    case Reject::MissingName:
      return "missing_name";
    case Reject::TooManyValues:
      return "too_many_values";
    case Reject::BadJson:
      return "bad_json";
    case Reject::BadField:
      return "bad_field";
  }
  return "";  // no other value is made
}

std::uint64_t LineLedger::rejected_total() const {
  return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

bool LineLedger::adds_up() const {
  return received == accepted + rejected_total() + ignored.blank + ignored.comment +
                         ignored.annotation + cut.truncated + cut.tcp_tail;
}

}  // namespace ingest::codec
