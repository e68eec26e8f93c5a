#include "ingest/codec/json_reader.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "ingest/codec/number.h"
#include "ingest/codec/short_number.h"

namespace ingest::codec {
namespace {

using namespace simdjson;  // NOLINT(google-build-using-namespace): this file is about nothing else

/// Deeper objects and arrays in fields that are none of ours are bad_json.
constexpr int kDepthMax = 32;
/// Strings of lines whose samples wait in the batch.
constexpr std::size_t kStringBytesMax = 2 * kLineBytesMax;

/// Past the digits at the front; false when there are none.
bool skip_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count]))
    ++count;
  text.remove_prefix(count);
  return count > 0;
}

/// RFC 8259 section 6.
bool is_number(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  if (text.size() > 1 && text[0] == '0' && is_digit(text[1])) return false;
  if (!skip_digits(text)) return false;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  return text.empty();
}

/// What an escape may have made of good UTF-8.
bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

/// A number, true, false or null as written.
std::string_view token_of(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  const std::size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last + 1);
}

}  // namespace

class JsonReader::Memory {
 public:
  Memory() : line_(kLineBytesMax + SIMDJSON_PADDING), strings_(kStringBytesMax) {}

  bool has_room(std::size_t bytes) const { return kStringBytesMax - used_ >= room_for(bytes); }
  void forget() { used_ = 0; }
  Fault read(const Cursor& line, JsonFields& fields);

 private:
  Wrong read_line(padded_string_view line, JsonFields& fields);
  Wrong read_fields(ondemand::document& document, JsonFields& fields);
  /// What is wrong from here on is wrong with this.
  void look_at(ondemand::value& value) { token_ = value.raw_json_token().data(); }
  void look_at(ondemand::field& field) { token_ = field.key().raw() - 1; }
  /// Strings lose their escapes and their quotes, a tag gets two NULs instead.
  static std::size_t room_for(std::size_t line_bytes) { return line_bytes; }

  padded_string_view padded(const Cursor& line);
  std::string_view keep(std::string_view text);
  Wrong read_field(ondemand::field& field, JsonFields& fields);
  Wrong read_text(ondemand::value& value, std::string_view& text);
  Wrong read_decimal(ondemand::value& value, std::string_view& text);
  Wrong read_value(ondemand::value& value, JsonFields& fields);
  Wrong read_values(ondemand::value& value, JsonFields& fields);
  Wrong read_tags(ondemand::value& value, JsonFields& fields);
  Wrong check_other(ondemand::value& value, int depth);
  Wrong check_object(ondemand::value& value, int depth);

  ondemand::parser parser_{kLineBytesMax + SIMDJSON_PADDING};
  std::vector<char> line_;  // for a line with too little behind it
  std::vector<char> strings_;
  std::size_t used_ = 0;
  const char* token_ = nullptr;  // of the line as simdjson has it: looked at last
};

/// simdjson loads up to SIMDJSON_PADDING bytes behind a line: those of the next ones, where there
/// are enough.
padded_string_view JsonReader::Memory::padded(const Cursor& line) {
  const auto readable = static_cast<std::size_t>(line.readable - line.at);
  if (readable >= line.left() + SIMDJSON_PADDING)
    return padded_string_view{line.at, line.left(), readable};
  std::memcpy(line_.data(), line.at, line.left());
  std::memset(line_.data() + line.left(), ' ', SIMDJSON_PADDING);
  return padded_string_view{line_.data(), line.left(), line.left() + SIMDJSON_PADDING};
}

std::string_view JsonReader::Memory::keep(std::string_view text) {
  char* const at = strings_.data() + used_;
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  used_ += text.size();
  return {at, text.size()};
}

Fault JsonReader::Memory::read(const Cursor& line, JsonFields& fields) {
  const padded_string_view text = padded(line);
  const Wrong wrong = read_line(text, fields);
  if (!wrong) return {};
  const auto before = static_cast<std::size_t>(token_ - text.data());
  return {*wrong, line.at + std::min(before, line.left())};
}

/// What is no JSON at all is bad as far as it was read; a string that never ends, at its end.
Wrong JsonReader::Memory::read_line(padded_string_view line, JsonFields& fields) {
  token_ = line.data() + line.size();
  ondemand::document document;
  if (parser_.iterate(line).get(document) != SUCCESS) return Reject::BadJson;
  token_ = line.data();
  const Wrong wrong = read_fields(document, fields);
  const char* reached = nullptr;
  if (wrong == Reject::BadJson && document.current_location().get(reached) == SUCCESS)
    token_ = std::max(token_, reached);
  return wrong;
}

Wrong JsonReader::Memory::read_fields(ondemand::document& document, JsonFields& fields) {
  ondemand::object object;
  if (document.get_object().get(object) != SUCCESS) return Reject::BadJson;
  for (auto each : object) {
    ondemand::field field;
    if (std::move(each).get(field) != SUCCESS) return Reject::BadJson;
    if (const Wrong wrong = read_field(field, fields)) return wrong;
  }
  // Nothing may follow the object.
  return document.current_location().error() == OUT_OF_BOUNDS ? Wrong{} : Reject::BadJson;
}

Wrong JsonReader::Memory::read_field(ondemand::field& field, JsonFields& fields) {
  std::string_view key;
  look_at(field);
  if (field.unescaped_key().get(key) != SUCCESS) return Reject::BadJson;
  ondemand::value& value = field.value();
  std::string_view text;
  if (key == "name") {
    const Wrong wrong = read_text(value, text);
    return wrong ? wrong : fields.name(text);
  }
  if (key == "kind") {
    const Wrong wrong = read_text(value, text);
    return wrong ? wrong : fields.kind(text);
  }
  if (key == "rate") {
    const Wrong wrong = read_decimal(value, text);
    return wrong ? wrong : fields.rate(text);
  }
  if (key == "ts") {
    const Wrong wrong = read_decimal(value, text);
    return wrong ? wrong : fields.time(text);
  }
  if (key == "value") {
    const Wrong wrong = fields.begin_values();
    return wrong ? wrong : read_value(value, fields);
  }
  if (key == "values") return read_values(value, fields);
  if (key == "tags") return read_tags(value, fields);
  fields.unknown();
  return check_other(value, 0);
}

Wrong JsonReader::Memory::read_text(ondemand::value& value, std::string_view& text) {
  look_at(value);
  ondemand::json_type type{};
  if (value.type().get(type) != SUCCESS) return Reject::BadJson;
  if (type != ondemand::json_type::string) return Reject::BadField;
  if (value.get_string().get(text) != SUCCESS) return Reject::BadJson;
  if (has_nul(text)) return Reject::BadUtf8;
  text = keep(text);
  return std::nullopt;
}

Wrong JsonReader::Memory::read_decimal(ondemand::value& value, std::string_view& text) {
  look_at(value);
  ondemand::json_type type{};
  if (value.type().get(type) != SUCCESS) return Reject::BadJson;
  if (type != ondemand::json_type::number) return Reject::BadField;
  text = token_of(value);
  return is_number(text) ? Wrong{} : Reject::BadJson;
}

Wrong JsonReader::Memory::read_value(ondemand::value& value, JsonFields& fields) {
  look_at(value);
  ondemand::json_type type{};
  std::string_view text;
  if (value.type().get(type) != SUCCESS) return Reject::BadJson;
  if (type == ondemand::json_type::string) {
    const Wrong wrong = read_text(value, text);
    return wrong ? wrong : fields.text(text);
  }
  if (const Wrong wrong = read_decimal(value, text)) return wrong;
  const Number number = parse_number(text);
  const Wrong wrong = wrong_of(number.is);
  return wrong ? wrong : fields.number(number.value);
}

Wrong JsonReader::Memory::read_values(ondemand::value& value, JsonFields& fields) {
  look_at(value);
  if (const Wrong wrong = fields.begin_values()) return wrong;
  ondemand::json_type type{};
  ondemand::array array;
  if (value.type().get(type) != SUCCESS) return Reject::BadJson;
  if (type != ondemand::json_type::array) return Reject::BadField;
  if (value.get_array().get(array) != SUCCESS) return Reject::BadJson;
  for (auto each : array) {
    ondemand::value one;
    if (each.get(one) != SUCCESS) return Reject::BadJson;
    if (const Wrong wrong = read_value(one, fields)) return wrong;
  }
  return std::nullopt;
}

Wrong JsonReader::Memory::read_tags(ondemand::value& value, JsonFields& fields) {
  look_at(value);
  if (const Wrong wrong = fields.begin_tags()) return wrong;
  ondemand::json_type type{};
  ondemand::object object;
  if (value.type().get(type) != SUCCESS) return Reject::BadJson;
  if (type != ondemand::json_type::object) return Reject::BadField;
  if (value.get_object().get(object) != SUCCESS) return Reject::BadJson;
  const std::size_t began = used_;
  for (auto each : object) {
    ondemand::field field;
    std::string_view key;
    std::string_view text;
    if (std::move(each).get(field) != SUCCESS) return Reject::BadJson;
    look_at(field);
    const char* const tag = token_;
    if (field.unescaped_key().get(key) != SUCCESS) return Reject::BadJson;
    if (has_nul(key)) return Reject::BadUtf8;
    key = keep(key);
    keep({"\0", 1});
    if (const Wrong wrong = read_text(field.value(), text)) return wrong;
    keep({"\0", 1});
    const Wrong wrong = fields.tag(key, text);
    if (!wrong) continue;
    token_ = tag;
    return wrong;
  }
  fields.set_tags({strings_.data() + began, used_ - began}, model::TagStyle::Nul);
  return std::nullopt;
}

/// A field that is none of ours: good JSON all the same.
Wrong JsonReader::Memory::check_other(ondemand::value& value, int depth) {
  look_at(value);
  if (depth == kDepthMax) return Reject::BadJson;
  ondemand::json_type type{};
  if (value.type().get(type) != SUCCESS) return Reject::BadJson;
  const auto good = [](bool is_good) { return is_good ? Wrong{} : Reject::BadJson; };
  switch (type) {
    case ondemand::json_type::object:
      return check_object(value, depth);
    case ondemand::json_type::array:
      break;
    case ondemand::json_type::number:
      return good(is_number(token_of(value)));
    case ondemand::json_type::string: {
      std::string_view text;
      return good(value.get_string().get(text) == SUCCESS);
    }
    case ondemand::json_type::boolean: {
      const std::string_view token = token_of(value);
      return good(token == "true" || token == "false");
    }
    case ondemand::json_type::null:
      return good(token_of(value) == "null");
  }
  ondemand::array array;
  if (value.get_array().get(array) != SUCCESS) return Reject::BadJson;
  for (auto each : array) {
    ondemand::value one;
    if (each.get(one) != SUCCESS) return Reject::BadJson;
    if (const Wrong wrong = check_other(one, depth + 1)) return wrong;
  }
  return std::nullopt;
}

Wrong JsonReader::Memory::check_object(ondemand::value& value, int depth) {
  ondemand::object object;
  if (value.get_object().get(object) != SUCCESS) return Reject::BadJson;
  for (auto each : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(each).get(field) != SUCCESS) return Reject::BadJson;
    look_at(field);
    if (field.unescaped_key().get(key) != SUCCESS) return Reject::BadJson;
    if (const Wrong wrong = check_other(field.value(), depth + 1)) return wrong;
  }
  return std::nullopt;
}

JsonReader::JsonReader() = default;
JsonReader::~JsonReader() = default;

bool JsonReader::has_room(std::size_t bytes) const {
  return memory_ == nullptr || memory_->has_room(bytes);
}

void JsonReader::forget() {
  if (memory_) memory_->forget();
}

Fault JsonReader::read(const Cursor& line, JsonFields& fields) {
  if (!memory_) memory_ = std::make_unique<Memory>();
  return memory_->read(line, fields);
}

}  // namespace ingest::codec
