#include "gateway/publish/row_table.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "gateway/publish/json_text.h"
#include "ingest/base/check.h"

namespace gateway::publish {
namespace {

using ingest::query::Revision;
using ingest::query::RowAdded;
using ingest::query::RowSlot;
using ingest::query::Update;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

std::string key_text(const std::vector<std::string>& key) {
  std::string text = "[";
  for (const std::string& value : key) {
    if (text.size() > 1) text += ',';
    append_json_string(text, value);
  }
  text += ']';
  return text;
}

std::size_t bytes_of(const RowTable::Earlier& earlier) {
  return sizeof(earlier) + earlier.values.size() * sizeof(double) + earlier.sheet.bytes() +
         earlier.touched.size() * sizeof(Version);
}

}  // namespace

RowTable::RowTable(const ingest::query::Query& query, Caps caps) : caps_(caps), sheet_(query) {
  for (const ingest::query::Field& field : ingest::query::fields(query))
    digits_.push_back(digits_of(field));
  fields_ = digits_.size();
  CHECK(fields_ > 0);
}

void RowTable::keep(Corrections corrections) {
  corrections_ = corrections;
  if (corrections == Corrections::None) {
    earlier_.clear();
    earlier_bytes_ = 0;
  }
}

void RowTable::apply(const Update& update) {
  CHECK(update.values.size() == update.rows.size() * fields_);
  if (update.revision == Revision::Newest) return apply_newest(update);
  if (update.window == window_) {  // said before the window moved: the table is that window
    write(update, {values_, sheet_, touched_});
    return;
  }
  for (Earlier& earlier : earlier_) {
    if (earlier.window == update.window) return apply_earlier(update, earlier);
  }
}

void RowTable::apply_newest(const Update& update) {
  if (ready_ && update.window.start > window_.start) put_away();
  window_ = update.window;
  ready_ = true;
  for (const RowSlot slot : update.removed)
    remove(slot);
  for (const RowAdded& row : update.added)
    add(row);
  write(update, {values_, sheet_, touched_});
}

void RowTable::apply_earlier(const Update& update, Earlier& earlier) {
  earlier.values.resize(values_.size(), kNothing);
  earlier.sheet.resize(sheet_.rows());
  earlier.touched.resize(touched_.size(), 0);
  if (write(update, {earlier.values, earlier.sheet, earlier.touched})) {
    earlier.changed = version_ + 1;
  }
  count(earlier);
  if (update.revision == Revision::Final) earlier.final_at = version_ + 1;
  earlier.rev = std::max(earlier.rev, update.rev) + 1;
}

bool RowTable::write(const Update& update, Slate slate) {
  bool any = false;
  for (std::size_t row = 0; row < update.rows.size(); ++row) {
    const RowIndex index = index_of(update.rows[row]);
    if (index == kNone) continue;
    any |= write_row(update, row, index, slate);
  }
  return any;
}

bool RowTable::write_row(const Update& update, std::size_t row, RowIndex index, Slate slate) {
  bool changed = !update.marks.empty() && slate.sheet.mark(index, update.marks[row]);
  for (std::size_t field = 0; field < fields_; ++field) {
    const double value = update.values[row * fields_ + field];
    if (field == slate.sheet.list_field()) {
      changed |= slate.sheet.set_list(index, list_text(update.lists, value));
      continue;
    }
    double& last = slate.values[std::size_t{index} * fields_ + field];
    if (std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(last)) continue;
    last = value;
    changed |= slate.sheet.set(index, field, number_text(value, digits_[field]));
  }
  if (changed) slate.touched[index] = version_ + 1;
  return changed;
}

/// The window moved: what was said of the one before is kept until its last word.
void RowTable::put_away() {
  if (corrections_ == Corrections::None) return;
  Earlier earlier;
  earlier.window = window_;
  earlier.values = values_;
  earlier.sheet = sheet_;
  earlier.touched = touched_;
  earlier.changed =
      touched_.empty() ? Version{0} : *std::max_element(touched_.begin(), touched_.end());
  count(earlier_.emplace_back(std::move(earlier)));
  while (earlier_bytes_ > caps_.earlier_bytes_max || earlier_.size() > caps_.earlier_windows_max) {
    drop_oldest();
    ++corrections_dropped_;
  }
}

/// After each change: what is taken from the sum later is what was added.
void RowTable::count(Earlier& earlier) {
  earlier_bytes_ -= earlier.counted;
  earlier.counted = bytes_of(earlier);
  earlier_bytes_ += earlier.counted;
}

void RowTable::drop_oldest() {
  CHECK(!earlier_.empty());
  earlier_bytes_ -= earlier_.front().counted;
  earlier_.pop_front();
}

void RowTable::settle(Version said) {
  while (!earlier_.empty() && earlier_.front().final_at != 0 && earlier_.front().final_at <= said)
    drop_oldest();
}

void RowTable::remove(RowSlot slot) {
  const RowIndex index = index_of(slot);
  CHECK(index != kNone);
  index_by_slot_[slot] = kNone;
  alive_[index] = 0;
  touched_[index] = version_ + 1;
  --live_;
}

void RowTable::add(const RowAdded& row) {
  CHECK(row.slot < kSlotsMax);
  if (row.slot >= index_by_slot_.size()) index_by_slot_.resize(std::size_t{row.slot} + 1, kNone);
  CHECK(index_by_slot_[row.slot] == kNone);
  index_by_slot_[row.slot] = static_cast<RowIndex>(keys_.size());
  keys_.push_back(key_text(row.key));
  key_bytes_ += sizeof(std::string) + keys_.back().capacity();
  alive_.push_back(1);
  touched_.push_back(version_ + 1);
  values_.resize(values_.size() + fields_, kNothing);
  sheet_.resize(keys_.size());
  ++live_;
}

RowIndex RowTable::index_of(RowSlot slot) const {
  return slot < index_by_slot_.size() ? index_by_slot_[slot] : kNone;
}

/// Where each index goes when only live rows keep one.
std::vector<RowIndex> RowTable::renumber() {
  std::vector<RowIndex> moved(size(), kNone);
  RowIndex next = 0;
  for (std::size_t index = 0; index < size(); ++index) {
    if (alive_[index] != 0) moved[index] = next++;
  }
  for (RowIndex& index : index_by_slot_) {
    if (index != kNone) index = moved[index];
  }
  return moved;
}

void RowTable::rebase() {
  const std::vector<RowIndex> moved = renumber();
  publish::move_rows(keys_, moved, 1, live_);
  publish::move_rows(touched_, moved, 1, live_);
  publish::move_rows(values_, moved, fields_, live_);
  sheet_.move_rows(moved, live_);
  alive_.assign(live_, 1);
  key_bytes_ = 0;
  for (const std::string& key : keys_)
    key_bytes_ += sizeof(std::string) + key.capacity();
  for (Earlier& earlier : earlier_) {
    publish::move_rows(earlier.touched, moved, 1, live_);
    publish::move_rows(earlier.values, moved, fields_, live_);
    earlier.sheet.move_rows(moved, live_);
    count(earlier);
  }
}

std::size_t RowTable::bytes() const {
  return sizeof(*this) + earlier_bytes_ + key_bytes_ + alive_.capacity() +
         index_by_slot_.capacity() * sizeof(RowIndex) + touched_.capacity() * sizeof(Version) +
         values_.capacity() * sizeof(double) + sheet_.bytes();
}

}  // namespace gateway::publish
