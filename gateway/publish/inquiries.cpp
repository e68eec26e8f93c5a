#include "gateway/publish/inquiries.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "gateway/publish/range_json.h"

namespace gateway::publish {

using ingest::WallTime;
using ingest::query::RangeAnswerPtr;

bool Inquiries::has(std::uint64_t id) const {
  return std::any_of(inquiries_.begin(), inquiries_.end(),
                     [id](const Inquiry& one) { return one.id == id; }) ||
         lookups_.has(id);
}

std::size_t Inquiries::ranges() const {
  const auto count = std::count_if(inquiries_.begin(), inquiries_.end(),
                                   [](const Inquiry& one) { return !one.fill; });
  return static_cast<std::size_t>(count);
}

void Inquiries::post(Inquiry& inquiry, std::vector<ToHub>& to_hub) {
  inquiry.state = State::Asked;
  inquiry.ticket = ++tickets_;
  to_hub.emplace_back(Ask{who_, inquiry.ticket, inquiry.ask, bounds_, party_});
}

void Inquiries::ask(std::uint64_t id, ingest::query::RangeAsk ask, std::vector<ToHub>& to_hub) {
  inquiries_.push_back({.id = id, .ask = std::move(ask), .page = nullptr, .fill = {}});
  post(inquiries_.back(), to_hub);
}

void Inquiries::await(std::uint64_t id, const ingest::query::Query& query, ingest::Millis history) {
  inquiries_.push_back(
      {.id = id, .ask = {query, {}, {}, {}, ""}, .page = nullptr, .fill = Fill{history, 0, {}}});
}

void Inquiries::moved(std::uint64_t id, ChannelId ch) {
  for (Inquiry& one : inquiries_)
    if (one.id == id && one.fill) one.fill->ch = ch;
}

void Inquiries::joined(const Join& join, std::vector<ToHub>& to_hub) {
  if (join.brings == Join::Brings::Missed) {
    std::erase_if(inquiries_, [&](const Inquiry& one) {
      return one.id == join.id && one.fill && one.state == State::Awaited;
    });
    return;
  }
  for (Inquiry& one : inquiries_) {
    if (!one.fill || one.fill->ch != join.ch) continue;
    fill_up_to(one, join.window_end - one.ask.query.slide, to_hub);
  }
}

void Inquiries::fill_up_to(Inquiry& inquiry, WallTime until, std::vector<ToHub>& to_hub) {
  inquiry.fill->until = std::max(inquiry.fill->until, until);
  if (inquiry.state == State::Awaited) {
    inquiry.ask.start = std::max(until - inquiry.fill->history, WallTime{});
    inquiry.ask.end = std::max(until, WallTime{});
    post(inquiry, to_hub);
  } else if (inquiry.state == State::Idle) {
    go_on(inquiry, to_hub);
  }
}

std::vector<std::uint64_t> Inquiries::ids() const {
  std::vector<std::uint64_t> all = lookups_.ids();
  for (const Inquiry& inquiry : inquiries_)
    all.push_back(inquiry.id);
  return all;
}

bool Inquiries::holds(ChannelId ch) const {
  return std::any_of(inquiries_.begin(), inquiries_.end(), [ch](const Inquiry& one) {
    return one.fill && one.fill->ch == ch && one.state != State::Awaited;
  });
}

void Inquiries::finish(ChannelId ch) {
  std::erase_if(inquiries_, [ch](const Inquiry& one) {
    return one.fill && one.fill->ch == ch && one.state == State::Idle;
  });
}

std::optional<Inquiries::Refused> Inquiries::answered(const Answered& answered) {
  const auto found = std::find_if(inquiries_.begin(), inquiries_.end(), [&](const Inquiry& one) {
    return one.state == State::Asked && one.ticket == answered.ticket;
  });
  if (found == inquiries_.end()) return std::nullopt;
  const auto* page = std::get_if<RangeAnswerPtr>(&answered.answer);
  if (page == nullptr || *page == nullptr || !**page) {
    Refused refused{found->id, {}};
    if (page != nullptr && *page != nullptr) refused.fault = (*page)->error();
    inquiries_.erase(found);
    return refused;
  }
  found->page = make_frame(range_text(found->id, found->ask.query, ***page));
  found->ask.cursor = (**page)->next;
  found->state = State::Told;
  return std::nullopt;
}

void Inquiries::due(std::vector<FramePtr>& out, std::size_t frames_max) const {
  for (const Inquiry& one : inquiries_)
    if (one.page != nullptr && out.size() < frames_max) out.push_back(one.page);
}

std::size_t Inquiries::sent(std::size_t frames, std::vector<ToHub>& to_hub) {
  std::size_t pages = 0;
  for (Inquiry& one : inquiries_) {
    if (one.page == nullptr || pages == frames) continue;
    ++pages;
    one.page = nullptr;
    go_on(one, to_hub);
  }
  std::erase_if(inquiries_,
                [](const Inquiry& one) { return !one.fill && one.state == State::Idle; });
  return pages;
}

/// The next page; or what came after the last one, when the state that waits is a newer one.
void Inquiries::go_on(Inquiry& inquiry, std::vector<ToHub>& to_hub) {
  if (!inquiry.ask.cursor.empty()) return post(inquiry, to_hub);
  if (inquiry.fill && inquiry.fill->until > inquiry.ask.end) {
    inquiry.ask.start = inquiry.ask.end;
    inquiry.ask.end = inquiry.fill->until;
    return post(inquiry, to_hub);
  }
  inquiry.state = State::Idle;
}

void Inquiries::drop(std::uint64_t id, std::vector<ToHub>& to_hub) {
  for (const Inquiry& one : inquiries_)
    if (one.id == id && one.state == State::Asked) to_hub.emplace_back(Forget{who_, one.ticket});
  std::erase_if(inquiries_, [id](const Inquiry& one) { return one.id == id; });
  lookups_.drop(id, to_hub);
}

void Inquiries::drop_all(std::vector<ToHub>& to_hub) {
  for (const Inquiry& one : inquiries_)
    if (one.state == State::Asked) to_hub.emplace_back(Forget{who_, one.ticket});
  inquiries_.clear();
  lookups_.drop_all(to_hub);
}

}  // namespace gateway::publish
