#include "gateway/publish/message.h"

#include "gateway/publish/json_text.h"

namespace gateway::publish {
namespace {

void append_rates(std::string& out, std::span<const ingest::Millis> rates) {
  out += '[';
  for (const ingest::Millis rate : rates) {
    if (out.back() != '[') out += ',';
    append_integer(out, rate.count());
  }
  out += ']';
}

void append_fields(std::string& out, const ingest::query::Query& query) {
  out += R"(,"fields":[)";
  for (const ingest::query::Field& field : ingest::query::fields(query)) {
    if (out.back() != '[') out += ',';
    append_json_string(out, field.name);
  }
  out += R"(],"by":[)";
  for (const std::string& tag : query.by) {
    if (out.back() != '[') out += ',';
    append_json_string(out, tag);
  }
  out += ']';
}

}  // namespace

std::string welcome_text(const Welcome& welcome) {
  std::string out = R"({"t":"welcome","v":1,"epoch":)";
  append_json_string(out, welcome.epoch);
  out += R"(,"session":)";
  append_json_string(out, welcome.session);
  out += R"(,"now":)";
  append_integer(out, ingest::to_ms(welcome.now));
  out += R"(,"rates":)";
  append_rates(out, welcome.rates);
  out += R"(,"limits":{"subs":)";
  append_unsigned(out, welcome.subs_max);
  out += R"(,"message":)";
  append_unsigned(out, welcome.message_bytes_max);
  out += "}}";
  return out;
}

std::string_view start_name(Start start) {
  switch (start) {
    case Start::New:
      return "new";
    case Start::Replay:
      return "resumed";
    case Start::EpochChanged:
      return "epoch_changed";
    case Start::TooOld:
      return "too_old";
    case Start::QueryChanged:
      return "query_changed";
    case Start::RateChanged:
      return "rate_changed";
    case Start::Slow:
      return "slow";
  }
  return "new";
}

std::string subd_text(const Subd& subd) {
  std::string out = R"({"t":"subd","id":)";
  append_unsigned(out, subd.id);
  out += R"(,"ch":)";
  append_unsigned(out, subd.ch);
  out += R"(,"epoch":)";
  append_json_string(out, subd.epoch);
  out +=
      subd.start == Start::Replay ? R"(,"mode":"replay","why":)" : R"(,"mode":"snapshot","why":)";
  append_json_string(out, start_name(subd.start));
  out += R"(,"rate":)";
  append_integer(out, subd.rate.count());
  out += R"(,"window":)";
  append_integer(out, subd.query.window.count());
  out += R"(,"slide":)";
  append_integer(out, subd.query.slide.count());
  append_fields(out, subd.query);
  out += '}';
  return out;
}

std::string gap_text(const Gap& gap) {
  std::string out = R"({"t":"gap","ch":)";
  append_unsigned(out, gap.ch);
  out += R"(,"from":)";
  append_unsigned(out, gap.from);
  out += R"(,"to":)";
  append_unsigned(out, gap.to);
  out += R"(,"why":"slow","next":"snap"})";
  return out;
}

std::string err_text(std::optional<std::uint64_t> id, const ingest::query::Fault& fault) {
  std::string out = R"({"t":"err")";
  if (id) {
    out += R"(,"id":)";
    append_unsigned(out, *id);
  }
  out += R"(,"code":)";
  append_json_string(out, ingest::query::code_name(fault.code));
  out += R"(,"n":)";
  append_unsigned(out, static_cast<std::uint64_t>(fault.code));
  out += R"(,"msg":)";
  append_json_string(out, fault.msg);
  out += fault.retry ? R"(,"retry":true})" : R"(,"retry":false})";
  return out;
}

std::string unsubd_text(std::uint64_t id, std::optional<ingest::query::Code> code) {
  std::string out = R"({"t":"unsubd","id":)";
  append_unsigned(out, id);
  if (code) {
    out += R"(,"code":)";
    append_json_string(out, ingest::query::code_name(*code));
  }
  out += '}';
  return out;
}

std::string paused_text(std::uint64_t id, std::string_view why) {
  std::string out = R"({"t":"paused","id":)";
  append_unsigned(out, id);
  out += R"(,"why":)";
  append_json_string(out, why);
  out += '}';
  return out;
}

std::string meta_text(std::uint64_t id, std::string_view what, std::string_view members) {
  std::string out = R"({"t":"meta","id":)";
  append_unsigned(out, id);
  out += R"(,"what":)";
  append_json_string(out, what);
  out += ',';
  out += members;
  out += '}';
  return out;
}

std::string expiring_text(ingest::Millis in) {
  std::string out = R"({"t":"expiring","in":)";
  append_integer(out, in.count());
  out += '}';
  return out;
}

std::string hb_text(ingest::WallTime now) {
  std::string out = R"({"t":"hb","now":)";
  append_integer(out, ingest::to_ms(now));
  out += '}';
  return out;
}

std::string pong_text(std::int64_t n) {
  std::string out = R"({"t":"pong","n":)";
  append_integer(out, n);
  out += '}';
  return out;
}

std::string bye_text(std::string_view why, ingest::Millis after_min, ingest::Millis after_max) {
  std::string out = R"({"t":"bye","why":)";
  append_json_string(out, why);
  out += R"(,"after":[)";
  append_integer(out, after_min.count());
  out += ',';
  append_integer(out, after_max.count());
  out += "]}";
  return out;
}

}  // namespace gateway::publish
