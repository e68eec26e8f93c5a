#pragma once
// LiveTable: one subscription as its reader sees it: the table of its newest window, kept up to
// date by `subd`, `snap`, `u` and `gap` (gateway/publish/PROTOCOL.md). Pure; owned by `weir tail`.
// What breaks the protocol is said in a sentence, never guessed over.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ingest/base/result.h"

namespace gateway::cli {

/// What the columns of rows are called.
struct RowHead {
  const std::vector<std::string>& by;
  const std::vector<std::string>& fields;
};

class LiveTable {
 public:
  static constexpr std::size_t kRowsMax = 1'000'000;
  static constexpr std::size_t kPartsMax = 1'024;  // of one snapshot

  /// [start, end) in ms since 1970.
  struct Window {
    std::int64_t start = 0;
    std::int64_t end = 0;
    bool operator==(const Window&) const = default;
  };
  struct Row {
    std::vector<std::string> key;  // as by() names its parts; "" where the tag is absent
    nlohmann::json values;         // an array as long as fields(): numbers, null, bucket arrays
    bool stale = false;            // what an answer said of it; a live table does not say
    bool overflow = false;
  };
  /// What a message changed.
  struct Change {
    enum class Kind : std::uint8_t {
      Nothing,
      Table,       // the newest window: `rows` are all where it moved, else those that changed
      Correction,  // of an earlier window: `rows` have that window's values
      Gap,         // some frames were lost; a snapshot follows
    };
    Kind kind = Kind::Nothing;
    Window window;
    bool final = false;                // the last word on that window
    std::optional<std::uint64_t> rev;  // a restatement
    std::vector<Row> rows;
  };
  /// Where to go on after a reconnect.
  struct Position {
    std::string epoch;
    std::uint64_t ch = 0;
    std::uint64_t s = 0;
  };

  /// Any message of the server; those of other kinds and channels change nothing. After an error
  /// the table is to be asked for anew: forget().
  ingest::Result<Change, std::string> apply(const nlohmann::json& message);
  /// Keeps what is shown, and knows that it is not to be gone on from.
  void forget();

  /// The whole table is here.
  bool is_known() const { return known_; }
  const Window& window() const { return window_; }
  const std::vector<std::string>& by() const { return by_; }
  const std::vector<std::string>& fields() const { return fields_; }
  RowHead head() const { return {by_, fields_}; }
  const std::map<std::uint64_t, Row>& rows() const { return rows_; }
  std::optional<Position> position() const;
  /// How often there were gaps.
  std::uint64_t gaps() const { return gaps_; }

 private:
  using json = nlohmann::json;
  using Applied = ingest::Result<Change, std::string>;

  Applied subscribed(const json& message);
  Applied snap(const json& message);
  Applied whole_snap(const std::vector<json>& parts);
  bool add_part(const json& part);
  Applied update(const json& message);
  Applied correct(const json& message, Change change);
  bool remove_and_add(const json& message);
  Applied gap();

  std::string epoch_;
  std::optional<std::uint64_t> ch_;
  std::uint64_t s_ = 0;
  bool known_ = false;
  Window window_;
  std::vector<std::string> by_;
  std::vector<std::string> fields_;
  std::map<std::uint64_t, Row> rows_;
  std::vector<json> parts_;
  std::uint64_t gaps_ = 0;
};

}  // namespace gateway::cli
