#include "gateway/publish/bookmark.h"

#include <charconv>
#include <optional>

#include "gateway/publish/json_text.h"
#include "gateway/publish/subscriptions.h"

namespace gateway::publish {
namespace {

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

void Bookmark::pass(FramePlace place, const Subscriptions& subscriptions) {
  if (place.ch == 0) return;
  for (Entry& entry : entries_)
    if (subscriptions.channel_of(entry.id) == place.ch) entry.at = place;
}

/// A place in a channel that the subscription has left is none.
void Bookmark::write(std::string_view epoch, const Subscriptions& subscriptions,
                     std::string& out) const {
  out += epoch;
  char before = ';';
  for (const Entry& entry : entries_) {
    const bool stands = subscriptions.channel_of(entry.id) == entry.at.ch;
    out += before;
    append_unsigned(out, stands ? entry.at.ch : 0);
    out += '.';
    append_unsigned(out, stands ? entry.at.s : 0);
    before = ',';
  }
}

std::vector<ResumePoint> read_bookmark(std::string_view text) {
  constexpr std::size_t kPlacesMax = 1'024;
  const std::size_t semicolon = text.find(';');
  if (semicolon == std::string_view::npos) return {};
  const std::string epoch{text.substr(0, semicolon)};
  text.remove_prefix(semicolon);
  std::vector<ResumePoint> places;
  for (char before = ';'; take(text, before) && places.size() < kPlacesMax; before = ',') {
    ResumePoint place{epoch, 0, 0};
    if (!take_number(text, place.ch) || !take(text, '.') || !take_number(text, place.s)) return {};
    places.push_back(std::move(place));
  }
  return text.empty() ? places : std::vector<ResumePoint>{};
}

}  // namespace gateway::publish
