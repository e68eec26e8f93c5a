#include "ingest/query/discovery.h"

#include <tuple>

#include "ingest/model/sample.h"

namespace ingest::query {
namespace {

constexpr char kEscape = '\\';
constexpr char kNulWritten = '0';

Fault bad_field(std::string msg) {
  return {Code::ProtoBadField, std::move(msg), false};
}

}  // namespace

std::optional<Fault> fault_of(const SeriesAsk& ask) {
  if (ask.limit == 0 || ask.limit > kSeriesListMax)
    return bad_field("limit is not an integer from 1 to " + std::to_string(kSeriesListMax));
  if (ask.metric.size() > model::kNameBytesMax)
    return Fault{Code::QueryBadMetric, "metric: a name or glob longer than 255 bytes", false};
  if (!ask.after.empty() && !read_place(ask.after))
    return bad_field("after: want `next` of the answer before");
  return std::nullopt;
}

std::string_view SeriesPlace::name() const {
  return std::string_view{bytes}.substr(0, bytes.find('\0'));
}

bool SeriesPlace::is_before(const model::SeriesKey& key) const {
  return std::tuple{name(), kind, std::string_view{bytes}} <
         std::tuple{key.name(), key.kind(), key.bytes()};
}

std::string place_text(const model::SeriesKey& key) {
  std::string text{model::kind_name(key.kind())};
  text += '@';
  for (const char c : key.bytes()) {
    if (c == '\0' || c == kEscape) text += kEscape;
    text += c == '\0' ? kNulWritten : c;
  }
  return text;
}

std::optional<SeriesPlace> read_place(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  SeriesPlace place;
  bool known = false;
  for (const auto kind :
       {model::Kind::Counter, model::Kind::Gauge, model::Kind::Timer, model::Kind::Set}) {
    if (model::kind_name(kind) != text.substr(0, at)) continue;
    place.kind = kind;
    known = true;
  }
  if (!known) return std::nullopt;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    const bool escaped = text[i] == kEscape;
    if (escaped && ++i == text.size()) return std::nullopt;
    place.bytes += escaped && text[i] == kNulWritten ? '\0' : text[i];
  }
  return place;
}

}  // namespace ingest::query
