#include "ingest/codec/json_fields.h"

#include <array>
#include <utility>

#include "ingest/codec/number.h"
#include "ingest/codec/unix_time.h"

namespace ingest::codec {
namespace {

using model::Kind;

std::optional<Kind> kind_of(std::string_view text) {
  using Named = std::pair<std::string_view, Kind>;
  constexpr std::array<Named, 6> kNames{{{"counter", Kind::Counter},
                                         {"gauge", Kind::Gauge},
                                         {"timer", Kind::Timer},
                                         {"histogram", Kind::Timer},
                                         {"distribution", Kind::Timer},
                                         {"set", Kind::Set}}};
  for (const auto& [name, kind] : kNames) {
    if (name == text) return kind;
  }
  return std::nullopt;
}

bool is_weighted(Kind kind) {
  return kind == Kind::Counter || kind == Kind::Timer;
}

}  // namespace

void JsonFields::clear() {
  key_ = {};
  kind_.reset();
  rate_.reset();
  time_.reset();
  has_name_ = has_values_ = has_tags_ = false;
  tags_ = 0;
  unknown_ = 0;
  numbers_.clear();
  texts_.clear();
}

Wrong JsonFields::name(std::string_view text) {
  if (std::exchange(has_name_, true)) return Reject::RepeatedField;
  if (text.empty()) return Reject::EmptyName;
  if (text.size() > model::kNameBytesMax) return Reject::NameTooLong;
  key_.name = text;
  return std::nullopt;
}

Wrong JsonFields::kind(std::string_view text) {
  if (kind_) return Reject::RepeatedField;
  kind_ = kind_of(text);
  return kind_ ? Wrong{} : Reject::UnknownKind;
}

Wrong JsonFields::rate(std::string_view number) {
  if (rate_) return Reject::RepeatedField;
  rate_ = parse_rate(number);
  return rate_ ? Wrong{} : Reject::BadRate;
}

Wrong JsonFields::time(std::string_view number) {
  if (time_) return Reject::RepeatedField;
  time_ = parse_unix_time(number, TimeUnit::Auto);
  return time_ ? Wrong{} : Reject::BadTime;
}

Wrong JsonFields::begin_values() {
  return std::exchange(has_values_, true) ? Wrong{Reject::RepeatedField} : std::nullopt;
}

Wrong JsonFields::number(double value) {
  if (numbers_.size() == kValuesMax) return Reject::TooManyValues;
  numbers_.push_back(value);
  return std::nullopt;
}

Wrong JsonFields::text(std::string_view member) {
  if (member.empty()) return Reject::EmptyValue;
  if (texts_.size() == kValuesMax) return Reject::TooManyValues;
  texts_.push_back(member);
  return std::nullopt;
}

Wrong JsonFields::begin_tags() {
  return std::exchange(has_tags_, true) ? Wrong{Reject::RepeatedField} : std::nullopt;
}

Wrong JsonFields::tag(std::string_view key, std::string_view value) {
  if (++tags_ > model::kTagsMax) return Reject::TooManyTags;
  if (key.empty()) return Reject::EmptyTagKey;
  if (key.size() > model::kTagKeyBytesMax) return Reject::TagKeyTooLong;
  return value.size() > model::kTagValueBytesMax ? Wrong{Reject::TagValueTooLong} : std::nullopt;
}

void JsonFields::set_tags(std::string_view raw, model::TagStyle style) {
  key_.tags = raw;
  key_.style = style;
}

Wrong JsonFields::check() const {
  if (!has_name_) return Reject::MissingName;
  if (!has_values_) return Reject::MissingValue;
  const bool set = kind_ == Kind::Set;
  if (set ? !numbers_.empty() : !texts_.empty()) return Reject::BadField;
  return numbers_.empty() && texts_.empty() ? Wrong{Reject::EmptyValue} : std::nullopt;
}

void JsonFields::emit(LineLedger& ledger, SampleBatch& batch) const {
  const Kind kind = kind_.value_or(Kind::Gauge);
  const std::size_t count = kind == Kind::Set ? texts_.size() : numbers_.size();
  for (std::size_t i = 0; i < count; ++i) {
    model::Sample& sample = batch.next();
    sample = {};
    sample.kind = kind;
    sample.key = key_;
    if (kind == Kind::Set) {
      sample.member = texts_[i];
    } else {
      sample.value = numbers_[i];
    }
    if (rate_ && is_weighted(kind)) sample.rate = *rate_;
    sample.time = time_;
  }
  ++ledger.accepted;
  ledger.samples += count;
  ledger.notes.unknown_field += unknown_;
  const bool sampled = rate_ && rate_->numerator != rate_->denominator;
  if (sampled && !is_weighted(kind)) ++ledger.notes.rate_ignored;
}

}  // namespace ingest::codec
