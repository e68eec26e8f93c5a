#include "gateway/cli/subscription.h"

#include <array>
#include <nlohmann/json.hpp>

namespace gateway::cli {
namespace {

using ingest::Failure;
using nlohmann::json;

std::string_view trim(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return text;
}

json list_of(std::string_view text) {
  json list = json::array();
  for (;;) {
    const std::size_t comma = text.find(',');
    list.push_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

/// UTF-8 or not: what is no text is replaced, and the server then says that it knows no such name.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The word operators, which stand between blanks.
std::optional<json> parse_words(std::string_view text) {
  constexpr std::string_view kExists = " exists";
  if (text.ends_with(kExists)) {
    text.remove_suffix(kExists.size());
    return json::array({trim(text), "exists"});
  }
  for (const std::string_view op : {" nin ", " in "}) {
    const std::size_t at = text.find(op);
    if (at == std::string_view::npos) continue;
    return json::array({trim(text.substr(0, at)), trim(op), list_of(text.substr(at + op.size()))});
  }
  return std::nullopt;
}

/// As it stands in a query: for values with commas, blanks or signs in them.
std::optional<json> parse_matcher(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  json matcher = json::parse(text, nullptr, false);
  if (!matcher.is_array() || matcher.empty()) return std::nullopt;
  return matcher;
}

json query_of(const Subscription& wanted) {
  json query{{"metric", wanted.metric}};
  if (!wanted.stats.empty()) query["stats"] = wanted.stats;
  if (!wanted.by.empty()) query["by"] = wanted.by;
  for (const std::string& matcher : wanted.where)
    query["where"].push_back(json::parse(matcher, nullptr, false));
  if (!wanted.window.empty()) query["window"] = wanted.window;
  if (!wanted.slide.empty()) query["slide"] = wanted.slide;
  if (!wanted.without.empty()) query["without"] = wanted.without;
  for (const auto& [name, expression] : wanted.derive)
    query["derive"][name] = expression;
  if (wanted.err) query["err"] = true;
  if (!wanted.order.empty()) query["order"] = wanted.order;
  if (wanted.limit > 0) query["limit"] = wanted.limit;
  return query;
}

}  // namespace

ingest::Result<std::string, std::string> parse_where(std::string_view text) {
  if (const auto matcher = parse_matcher(text)) return text_of(*matcher);
  const std::size_t sign = text.find_first_of("=!");
  const auto words = sign == std::string_view::npos ? parse_words(trim(text)) : std::nullopt;
  if (words) return text_of(*words);
  for (const std::string_view op : {"!=", "=~", "!~", "="}) {
    if (sign == std::string_view::npos || text.substr(sign, op.size()) != op) continue;
    const std::string_view tag = trim(text.substr(0, sign));
    if (tag.empty()) break;
    return text_of(json::array({tag, op, text.substr(sign + op.size())}));
  }
  return Failure{"\"" + std::string{text} +
                 "\" is no matcher; write region=eu, env!=test, host=~web-[0-9]+, host!~db.*, "
                 "'env in prod,stage' or 'canary exists'"};
}

std::string query_text(const Subscription& wanted) {
  return text_of(query_of(wanted));
}

std::string hello_text(const Subscription& wanted, std::string_view version,
                       const std::optional<LiveTable::Position>& from) {
  json sub{{"t", "sub"}, {"id", Subscription::kId}, {"q", query_of(wanted)}};
  if (!wanted.rate.empty()) sub["rate"] = wanted.rate;
  if (from) sub["from"] = {{"epoch", from->epoch}, {"ch", from->ch}, {"s", from->s}};
  const json hello{{"t", "hello"},
                   {"v", 1},
                   {"sdk", "weir-tail/" + std::string{version}},
                   {"subs", json::array({sub})}};
  return text_of(hello);
}

std::string websocket_url(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kSchemes{
      {{"http://", "ws://"}, {"https://", "wss://"}}};
  std::string url{text};
  for (const auto& [theirs, ours] : kSchemes) {
    if (url.starts_with(theirs)) url.replace(0, theirs.size(), ours);
  }
  if (url.find("://") == std::string::npos) url.insert(0, "ws://");
  const std::size_t host = url.find("://") + 3;
  if (url.starts_with("ws+unix://")) {
    return url.find(':', host) == std::string::npos ? url + ":/v1/ws" : url;
  }
  if (!url.starts_with("ws://") && !url.starts_with("wss://")) return url;  // a person sees why
  const std::size_t path = url.find_first_of("/?", host);
  if (path == std::string::npos) return url + "/v1/ws";
  if (url.substr(path) == "/") return url.replace(path, 1, "/v1/ws");
  return url;
}

}  // namespace gateway::cli
