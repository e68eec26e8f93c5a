#pragma once
// The hot messages `snap` and `u` as JSON text (DESIGN section 6). Columns: `c` is [field][row].
// Stateless; on the hub's thread. Appends to `out`, so that one buffer serves all channels.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "gateway/publish/mail.h"
#include "gateway/publish/row_table.h"
#include "ingest/query/update.h"

namespace gateway::publish {

/// {"t":"snap","ch":17,"s":48211,"w":[1764000000000,1764000010000],"n":3,"i":[0,1,4],
///  "k":[["/a"],["/b"],["/c"]],"c":[[812,90,401],[12.1,8.8,14.02]]}
struct SnapMessage {
  enum class Rebase : std::uint8_t { No, Yes };
  ChannelId ch = 0;
  Sequence s = 0;
  Rebase rebase = Rebase::No;
  std::size_t part = 1;  // from 1
  std::size_t of = 1;
  ingest::query::Window window;
  std::size_t n = 0;               // live rows, of all parts
  std::span<const RowIndex> rows;  // of this part, ascending; "i" is left out for 0..n-1
  Cells cells;
  std::span<const std::string> keys;  // by index
};
void append_snap(const SnapMessage& message, std::string& out);

/// {"t":"u","ch":17,"s":48213,"w":[1764000002000,1764000012000],"n":3,"x":[2],
///  "d":{"i":[3],"k":[["/d"]]},"i":[1,3],"c":[[91,7],[8.8,3.1]]}
struct UpdateMessage {
  ChannelId ch = 0;
  Sequence s = 0;
  ingest::query::Window window;
  std::size_t n = 0;  // live rows after applying
  std::span<const RowIndex> removed;
  std::span<const RowIndex> added;  // each of them also in rows
  std::span<const RowIndex> rows;   // ascending
  Cells cells;
  std::span<const std::string> keys;
};
void append_update(const UpdateMessage& message, std::string& out);

/// {"t":"u","ch":17,"s":48214,"w":[1764000001000,1764000011000],"f":1,"i":[0],"c":[[831],[12.2]]}
struct CorrectionMessage {
  enum class Last : std::uint8_t { No, Yes };  // Yes: "f":1, no: "rev"
  ChannelId ch = 0;
  Sequence s = 0;
  ingest::query::Window window;
  Last last = Last::No;
  std::uint32_t rev = 1;
  std::span<const RowIndex> rows;  // ascending
  Cells cells;
};
void append_correction(const CorrectionMessage& message, std::string& out);

}  // namespace gateway::publish
