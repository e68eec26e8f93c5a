#pragma once
// The fields of a command, read one by one out of its JSON: each a value in its range, or the fault
// that names the field. For command.cpp and ask_command.cpp alone. Stateless.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/publish/command.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"

namespace gateway::publish {

template <class T>
using Field = ingest::Result<T, ingest::query::Fault>;

ingest::Failure<ingest::query::Fault> command_fault(ingest::query::Code code, std::string msg);
/// 6004.
ingest::Failure<ingest::query::Fault> bad_field(std::string msg);

/// Null when there is none.
const nlohmann::json* field(const nlohmann::json& body, const char* name);
/// A whole number in 0..max, or nothing.
std::optional<std::uint64_t> whole(const nlohmann::json* value, std::int64_t max = kNumberMax);

Field<std::uint64_t> read_id(const nlohmann::json& body);
/// Above zero; nothing where there is no such field.
Field<std::optional<ingest::Millis>> read_duration(const nlohmann::json& body, const char* name);
/// Ms since 1970; nothing where there is no such field.
Field<std::optional<ingest::WallTime>> read_time(const nlohmann::json& body, const char* name);
/// Empty where there is no such field.
Field<std::string> read_text(const nlohmann::json& body, const char* name, std::size_t bytes_max);
Field<ingest::query::Query> read_query(const nlohmann::json& body, const CommandLimits& limits);

/// Nesting of arrays and objects, looked at before parsing: what reads the value may recurse.
bool is_deeper_than(std::string_view text, std::size_t depth_max);
/// A list of `sub` bodies. 3001 where there are more than a connection may have.
Field<SubBodies> read_subs(const nlohmann::json& list, const CommandLimits& limits);

// ---- what is asked once: ask_command.cpp ----

Field<Command> read_range(const nlohmann::json& body, const CommandLimits& limits);
Field<Command> read_meta(const nlohmann::json& body, const CommandLimits& limits);

}  // namespace gateway::publish
