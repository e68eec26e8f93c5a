#include "gateway/publish/update_json.h"

#include <array>

#include "gateway/publish/json_text.h"

namespace gateway::publish {
namespace {

void append_head(std::string& out, std::string_view type, ChannelId ch, Sequence s) {
  out += R"({"t":")";
  out += type;
  out += R"(","ch":)";
  append_unsigned(out, ch);
  out += R"(,"s":)";
  append_unsigned(out, s);
}

void append_window(std::string& out, const ingest::query::Window& window) {
  out += R"(,"w":[)";
  append_integer(out, ingest::to_ms(window.start));
  out += ',';
  append_integer(out, ingest::to_ms(window.end));
  out += ']';
}

void append_indexes(std::string& out, std::string_view name, std::span<const RowIndex> rows) {
  out += name;
  out += '[';
  for (const RowIndex row : rows) {
    append_unsigned(out, row);
    out += ',';
  }
  if (!rows.empty()) out.pop_back();
  out += ']';
}

void append_keys(std::string& out, std::string_view name, std::span<const RowIndex> rows,
                 std::span<const std::string> keys) {
  out += name;
  out += '[';
  for (const RowIndex row : rows) {
    out += keys[row];
    out += ',';
  }
  if (!rows.empty()) out.pop_back();
  out += ']';
}

void append_columns(std::string& out, std::span<const RowIndex> rows, const Cells& cells) {
  out += R"(,"c":[)";
  for (std::size_t field = 0; field < cells.fields; ++field) {
    out += '[';
    for (const RowIndex row : rows) {
      out += cells.text(row, field);
      out += ',';
    }
    if (!rows.empty()) out.pop_back();
    out += "],";
  }
  if (cells.fields > 0) out.pop_back();
  out += ']';
}

/// "m":{"stale":[3],"overflow":[1]}: which of these rows have a mark; nothing where none has.
void append_marks(std::string& out, std::span<const RowIndex> rows, const Cells& cells) {
  struct Named {
    ingest::query::Marks mark;
    std::string_view name;
  };
  constexpr std::array kNamed{Named{ingest::query::kStale, R"("stale":)"},
                              Named{ingest::query::kOverflowed, R"("overflow":)"}};
  const std::size_t begin = out.size();
  for (const Named& named : kNamed) {
    const std::size_t before = out.size();
    for (const RowIndex row : rows) {
      if ((cells.mark(row) & named.mark) == 0) continue;
      if (out.size() == before) (out += named.name) += '[';
      append_unsigned(out, row);
      out += ',';
    }
    if (out.size() == before) continue;
    out.back() = ']';
    out += ',';
  }
  if (out.size() == begin) return;
  out.insert(begin, R"(,"m":{)");
  out.back() = '}';
}

/// Rows 0..n-1 in one part need no "i".
bool is_counted(const SnapMessage& message) {
  if (message.of > 1 || message.rows.size() != message.n) return false;
  return message.rows.empty() || message.rows.back() + std::size_t{1} == message.n;
}

}  // namespace

void append_snap(const SnapMessage& message, std::string& out) {
  append_head(out, "snap", message.ch, message.s);
  if (message.rebase == SnapMessage::Rebase::Yes) out += R"(,"rebase":1)";
  if (message.of > 1) {
    out += R"(,"part":[)";
    append_unsigned(out, message.part);
    out += ',';
    append_unsigned(out, message.of);
    out += ']';
  }
  append_window(out, message.window);
  out += R"(,"n":)";
  append_unsigned(out, message.n);
  if (!is_counted(message)) append_indexes(out, R"(,"i":)", message.rows);
  append_keys(out, R"(,"k":)", message.rows, message.keys);
  append_columns(out, message.rows, message.cells);
  append_marks(out, message.rows, message.cells);
  out += '}';
}

void append_update(const UpdateMessage& message, std::string& out) {
  append_head(out, "u", message.ch, message.s);
  append_window(out, message.window);
  out += R"(,"n":)";
  append_unsigned(out, message.n);
  if (!message.removed.empty()) append_indexes(out, R"(,"x":)", message.removed);
  if (!message.added.empty()) {
    append_indexes(out, R"(,"d":{"i":)", message.added);
    append_keys(out, R"(,"k":)", message.added, message.keys);
    out += '}';
  }
  append_indexes(out, R"(,"i":)", message.rows);
  append_columns(out, message.rows, message.cells);
  append_marks(out, message.rows, message.cells);
  out += '}';
}

void append_correction(const CorrectionMessage& message, std::string& out) {
  append_head(out, "u", message.ch, message.s);
  append_window(out, message.window);
  if (message.last == CorrectionMessage::Last::Yes) {
    out += R"(,"f":1)";
  } else {
    out += R"(,"rev":)";
    append_unsigned(out, message.rev);
  }
  append_indexes(out, R"(,"i":)", message.rows);
  append_columns(out, message.rows, message.cells);
  append_marks(out, message.rows, message.cells);
  out += '}';
}

}  // namespace gateway::publish
