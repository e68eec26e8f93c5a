#include "gateway/publish/subscriptions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gateway::publish {
namespace {

using ingest::query::Code;

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16);
  std::string text;
  text.append(digits.data(), written.ptr);
  return text;
}

Refusal duplicate_id(std::uint64_t id) {
  return {id, {Code::SubDuplicateId, "id: a subscription or a question has it already", false}};
}

Refusal unknown_id(std::uint64_t id) {
  return {id, {Code::SubUnknownId, "id: no subscription has it", false}};
}

/// Tells each of the subscriptions of one hello how many come behind it.
void count_following(std::vector<ToHub>& mail, std::size_t begin) {
  std::uint32_t following = 0;
  for (std::size_t at = mail.size(); at > begin; --at) {
    if (auto* subscribe = std::get_if<Subscribe>(&mail[at - 1])) subscribe->following = following++;
  }
}

}  // namespace

bool Subscriptions::must_rest(Desk& desk, ingest::MonoTime now) {
  const bool rested = std::exchange(
      rests_, !close_ && commands_.is_spent(desk.rules.commands_per_second, now, kCommandsAtOnce));
  if (rests_ && !rested) ++desk.commands_deferred;
  return rests_;
}

void Subscriptions::receive(std::string_view text, Desk& desk, Now now) {
  if (close_) return;
  ++desk.commands;
  commands_.spend(1, desk.rules.commands_per_second, now.mono);
  auto parsed = parse_command(text, desk.rules.commands);
  if (!parsed) return refuse(parsed.error(), desk, now);
  const bool opens = std::holds_alternative<Hello>(*parsed) || std::holds_alternative<Sub>(*parsed);
  if (phase_ == Phase::AwaitingHello && !opens) {
    return refuse({{}, {Code::ProtoBadOrder, "t: hello or sub comes first", false}}, desk, now);
  }
  if (is_crowded(desk, now)) return;
  if (is_stranger() && !std::holds_alternative<Hello>(*parsed)) {
    return turn_away({Code::AuthRequired, "reading needs a token: hello.token", false},
                     CloseCode::AuthRequired, desk, now);
  }
  std::visit([&](auto& command) { obey(command, desk, now); }, *parsed);
}

void Subscriptions::obey(Hello& hello, Desk& desk, Now now) {
  if (phase_ == Phase::Live) {
    return refuse({{}, {Code::ProtoBadOrder, "t: hello comes once, first", false}}, desk, now);
  }
  if (identity_ != nullptr && !hello.token.empty() && !show(hello.token, desk, now)) return;
  if (is_stranger()) {
    return turn_away({Code::AuthRequired, "reading needs a token: hello.token", false},
                     CloseCode::AuthRequired, desk, now);
  }
  const std::string session = hex(session_);
  const std::vector<ingest::Millis> rates = rate_tiers(desk.rules.tick);
  const CommandLimits& limits = desk.rules.commands;
  say(make_frame(welcome_text(
      {desk.rules.epoch, session, now.wall, rates, limits.subs_max, limits.text_bytes_max})));
  open(std::move(hello.subs), desk, now);
}

void Subscriptions::open(SubBodies&& subs, Desk& desk, Now now) {
  phase_ = Phase::Live;
  if (is_crowded(desk, now)) return;
  const std::size_t begin = desk.to_hub.size();
  for (auto& body : subs) {
    if (close_) break;
    auto* sub = std::get_if<Sub>(&body);
    const std::optional<Refusal> refusal =
        sub == nullptr ? std::get<Refusal>(body) : subscribe(*sub, desk);
    if (refusal) refuse(*refusal, desk, now);
  }
  count_following(desk.to_hub, begin);
}

void Subscriptions::obey(Sub& sub, Desk& desk, Now now) {
  phase_ = Phase::Live;
  if (const auto refusal = subscribe(sub, desk)) refuse(*refusal, desk, now);
}

std::optional<Refusal> Subscriptions::subscribe(Sub& sub, Desk& desk) {
  if (is_taken(sub.id)) return duplicate_id(sub.id);
  const std::size_t subs_max = desk.rules.commands.subs_max;
  if (subs_.size() >= subs_max) {
    const std::string msg = "limits.subs: a connection may have " + std::to_string(subs_max);
    return Refusal{sub.id, {Code::LimitSubs, msg, true}};  // once it gives up another
  }
  if (identity_ != nullptr && !identity_->add_sub()) {
    return Refusal{
        sub.id,
        {Code::LimitSubs,
         "subs: all connections of this token have limits.subs_per_identity together", true}};
  }
  // What this connection reads already it cannot replay: the channel's numbers would repeat.
  if (sub.from && cursors_.find(sub.from->ch) != nullptr) sub.from.reset();
  restrict(sub.query);
  subs_.push_back({sub.id, 0, ++tickets_, Mod::Pause::No});
  if (sub.history) {
    inquiries().see(bounds(), party());
    inquiries().await(sub.id, sub.query, *sub.history);
  }
  desk.to_hub.emplace_back(Subscribe{who_, sub.id, std::move(sub.query), sub.rate,
                                     std::move(sub.from), tickets_, 0, bounds(), party()});
  return std::nullopt;
}

void Subscriptions::obey(Mod& mod, Desk& desk, Now now) {
  Entry* entry = find(mod.id);
  if (entry == nullptr) return refuse(unknown_id(mod.id), desk, now);
  if (mod.rate) desk.to_hub.emplace_back(Retune{who_, mod.id, *mod.rate});
  if (mod.pause) set_pause(*entry, *mod.pause, desk);
}

void Subscriptions::set_pause(Entry& entry, Mod::Pause pause, Desk& desk) {
  entry.paused = pause;
  if (pause == Mod::Pause::Yes) say(make_frame(paused_text(entry.id, kWhyAsked)));
  Cursor* cursor = cursors_.find(entry.ch);
  if (cursor == nullptr) return;  // joined() looks again
  if (is_paused(entry.ch)) return cursor->pause();
  wake(*cursor, desk);
}

/// Frames go on, with a snapshot.
void Subscriptions::wake(Cursor& cursor, Desk& desk) {
  if (cursor.state() != Cursor::State::Paused) return;
  cursor.await();
  desk.to_hub.emplace_back(WantSnapshot{who_, cursor.ch()});
}

/// A `range` that is not told to its end yet ends by it as well.
void Subscriptions::obey(Unsub& unsub, Desk& desk, Now now) {
  if (!is_taken(unsub.id)) return refuse(unknown_id(unsub.id), desk, now);
  if (find(unsub.id) != nullptr) desk.to_hub.emplace_back(Unsubscribe{who_, unsub.id});
  forget(unsub.id, desk);
  say(make_frame(unsubd_text(unsub.id)));
}

/// Whatever it names: that the page runs is what counts.
void Subscriptions::obey(Seen& /*seen*/, Desk& desk, Now now) {
  const bool was_stopped = credit_.is_stopped();
  credit_.seen(now.mono);
  if (!was_stopped) return;
  for (Cursor& cursor : cursors_.all())
    if (!is_paused(cursor.ch())) wake(cursor, desk);
}

void Subscriptions::obey(Ping& ping, Desk& /*desk*/, Now /*now*/) {
  say(make_frame(pong_text(ping.n)));
}

void Subscriptions::obey(Range& range, Desk& desk, Now now) {
  if (is_taken(range.id)) return refuse(duplicate_id(range.id), desk, now);
  if (inquiries().ranges() >= Inquiries::kRangesMax) {
    const std::string msg =
        "range: a connection may ask " + std::to_string(Inquiries::kRangesMax) + " at once";
    return refuse({range.id, {Code::LimitRange, msg, true}}, desk, now);
  }
  restrict(range.ask.query);
  range.ask.end = range.end.value_or(now.wall);
  inquiries().see(bounds(), party());
  inquiries().ask(range.id, std::move(range.ask), desk.to_hub);
}

/// Whoever sees everything hears at once what every worker knows, so that its id is free again.
void Subscriptions::obey(Meta& meta, Desk& desk, Now now) {
  if (is_taken(meta.id)) return refuse(duplicate_id(meta.id), desk, now);
  const bool looked_up = std::holds_alternative<ingest::query::SeriesAsk>(meta.what);
  if (looked_up || !allowed().empty()) return look_up(meta, desk, now);
  static const ingest::query::Catalogue kEmpty;
  const auto members =
      catalogue_text(meta.what, desk.catalogue == nullptr ? kEmpty : *desk.catalogue);
  if (!members) return refuse({meta.id, members.error()}, desk, now);
  say(make_frame(meta_text(meta.id, what_name(meta.what), *members)));
}

void Subscriptions::told(Tell tell, Desk& desk, Now now) {
  if (tell.verdict == Verdict::Note) return say(std::move(tell.frame));
  Entry* entry = find(tell.id);
  if (entry == nullptr || entry->ticket != tell.ticket) return;  // left, and the hub will know
  say_of_each(std::move(tell.frame), desk);
  if (tell.verdict == Verdict::Refused || tell.verdict == Verdict::NotNow) {
    forget(tell.id, desk);
    if (tell.verdict == Verdict::Refused) count_error(now);
    return;
  }
  if (credit_.is_stopped() && entry->paused == Mod::Pause::No)
    say_of_each(make_frame(paused_text(tell.id, kWhyUnseen)), desk);
  const ChannelId before = std::exchange(entry->ch, tell.ch);
  cursors_.open(tell.ch);
  if (inquiries_ != nullptr) inquiries_->moved(tell.id, tell.ch);
  if (before != tell.ch) detach(before, desk);
}

void Subscriptions::joined(Join join, Desk& desk) {
  Cursor* cursor = cursors_.find(join.ch);
  if (cursor == nullptr) return;
  desk.replicas.open(join.ch, join.next).add_reader(who_);
  if (is_paused(join.ch)) return cursor->pause();
  if (inquiries_ != nullptr) inquiries_->joined(join, desk.to_hub);
  if (cursor->state() == Cursor::State::Paused) cursor->await();  // an id that is not has come
  if (join.brings == Join::Brings::Missed && cursor->state() == Cursor::State::Reading) {
    // Another id reads the channel since: what went by would come twice. The newest state instead.
    desk.to_hub.emplace_back(WantSnapshot{who_, join.ch});
    return hold_for_history();
  }
  cursor->join(std::move(join));
  hold_for_history();
}

/// A subscription whose past cannot be told is over, as one that is refused at once.
void Subscriptions::answered(const Answered& answered, Desk& desk, Now now) {
  if (std::holds_alternative<ingest::query::DiscoveredPtr>(answered.answer))
    return looked_up(answered, desk, now);
  if (inquiries_ == nullptr) return;
  const auto refused = inquiries_->answered(answered);
  if (!refused) return;
  if (find(refused->id) != nullptr) desk.to_hub.emplace_back(Unsubscribe{who_, refused->id});
  forget(refused->id, desk);
  refuse({refused->id, refused->fault}, desk, now);
}

void Subscriptions::say(FramePtr control) {
  push(std::move(control), kControlMax);
}

/// Two for each subscription may come in a single turn, before the connection can write.
void Subscriptions::say_of_each(FramePtr control, const Desk& desk) {
  push(std::move(control), kControlMax + 2 * desk.rules.commands.subs_max);
}

void Subscriptions::push(FramePtr control, std::size_t control_max) {
  if (control_.size() >= control_max) return close(CloseCode::Slow);
  control_.push_back(std::move(control));
}

void Subscriptions::hello_overdue() {
  if (phase_ == Phase::AwaitingHello) close(CloseCode::HelloTimeout);
}

void Subscriptions::leave(Desk& desk) {
  if (!desk.laggards.empty()) desk.laggards.left(who_);
  for (const Entry& entry : subs_)
    desk.to_hub.emplace_back(Unsubscribe{who_, entry.id});
  for (const Cursor& cursor : cursors_.all())
    desk.replicas.remove_reader(cursor.ch(), who_);
  if (inquiries_ != nullptr) inquiries_->drop_all(desk.to_hub);
  if (identity_ != nullptr) identity_->drop_subs(subs_.size());
  subs_.clear();
  cursors_.clear();
}

void Subscriptions::refuse(const Refusal& refusal, Desk& desk, Now now) {
  desk.refusals.add(refusal.fault.code);
  say(make_frame(err_text(refusal.id, refusal.fault)));
  if (refusal.fault.code == Code::ProtoVersion) close(CloseCode::BadProtocol);
  // Who gives up what has just been answered, or refused, could not know it.
  const bool crossed = refusal.fault.code == Code::SubUnknownId;
  if (!refusal.fault.retry && !crossed) count_error(now);
}

void Subscriptions::count_error(Now now) {
  if (errors_ == nullptr) errors_ = std::make_unique<Burst<kErrorsMax>>();
  if (errors_->add(now.mono, kErrorsWithin)) close(CloseCode::TooManyErrors);
}

void Subscriptions::close(CloseCode code) {
  if (!close_) close_ = code;
}

void Subscriptions::forget(std::uint64_t id, Desk& desk) {
  if (inquiries_ != nullptr) {
    inquiries_->drop(id, desk.to_hub);
    hold_for_history();
  }
  const auto found =
      std::find_if(subs_.begin(), subs_.end(), [id](const Entry& entry) { return entry.id == id; });
  if (found == subs_.end()) return;
  const ChannelId ch = found->ch;
  if (identity_ != nullptr) identity_->drop_subs(1);
  subs_.erase(found);
  detach(ch, desk);
}

void Subscriptions::detach(ChannelId ch, Desk& desk) {
  Cursor* cursor = cursors_.find(ch);
  if (cursor == nullptr) return;
  const bool read =
      std::any_of(subs_.begin(), subs_.end(), [ch](const Entry& entry) { return entry.ch == ch; });
  if (read && is_paused(ch)) return cursor->pause();  // those that are left want no frames
  if (read) return;
  cursors_.close(ch);
  desk.replicas.remove_reader(ch, who_);
}

bool Subscriptions::is_paused(ChannelId ch) const {
  return credit_.is_stopped() || std::all_of(subs_.begin(), subs_.end(), [ch](const Entry& entry) {
           return entry.ch != ch || entry.paused == Mod::Pause::Yes;
         });
}

bool Subscriptions::is_taken(std::uint64_t id) const {
  const bool reads =
      std::any_of(subs_.begin(), subs_.end(), [id](const Entry& entry) { return entry.id == id; });
  return reads || (inquiries_ != nullptr && inquiries_->has(id));
}

ChannelId Subscriptions::channel_of(std::uint64_t id) const {
  for (const Entry& entry : subs_)
    if (entry.id == id) return entry.ch;
  return 0;
}

Inquiries& Subscriptions::inquiries() {
  if (inquiries_ == nullptr) inquiries_ = std::make_unique<Inquiries>(who_);
  return *inquiries_;
}

Subscriptions::Entry* Subscriptions::find(std::uint64_t id) {
  for (Entry& entry : subs_) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

}  // namespace gateway::publish
