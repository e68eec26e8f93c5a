#include "gateway/exposition/book.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace gateway::exposition {

using ingest::model::Kind;
using ingest::query::ExpositionPart;
using ingest::query::ExpositionRow;

namespace {

constexpr std::string_view kTotal = "_total";

std::string_view kind_word(Kind kind) {
  switch (kind) {
    case Kind::Counter:
      return "_events";
    case Kind::Gauge:
      return "_value";
    case Kind::Timer:
      return "_timer";
    case Kind::Set:
      return "_members";
  }
  return "";
}

/// What is tried one after the other: the name itself, the name with its kind, and that numbered.
std::string name_of_attempt(const Mapped& mapped, Kind kind, int attempt) {
  if (attempt == 0) return mapped.name;
  std::string beside = mapped.name + std::string{kind_word(kind)};
  if (attempt > 1) beside += '_' + std::to_string(attempt);
  return beside;
}

std::string labels_text(const std::vector<std::pair<std::string, std::string>>& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name + "=\"";
    append_quoted(text, value);
    text += '"';
  }
  return text;
}

/// Samples that were taken at a rate count in fractions.
double whole(double count) {
  return std::floor(count + 0.5);
}

void add_label(std::string& labels, std::string_view name, std::string_view value) {
  if (!labels.empty()) labels += ',';
  labels.append(name).append("=\"");
  append_quoted(labels, value);
  labels += '"';
}

}  // namespace

// ---- a table ----

void Book::reserve(const std::set<std::string, std::less<>>& names) {
  for (const std::string& name : names) {
    if (!reserved_.insert(name).second || !names_.contains(name)) continue;
    mapping_.reset();  // a series has it: all are named anew
  }
}

void Book::take(ingest::query::ExpositionTablePtr table, const MappingPtr& mapping) {
  table_ = std::move(table);
  if (mapping_ != mapping) {
    entries_.clear();
    families_.clear();
    names_.clear();
    mapping_ = mapping;
  }
  for (auto& [name, family] : families_)
    family.rows.clear();
  counts_.series = counts_.silent = counts_.dropped = counts_.above_limit = 0;
  for (const ExpositionPart& part : table_->parts)
    for (const ExpositionRow& row : part.rows)
      take_row(part, row);
  for (Entry& entry : entries_)
    if (!std::exchange(entry.seen, false) && entry.known) leave(entry);
  counts_.families = families_.size();
}

void Book::take_row(const ExpositionPart& part, const ExpositionRow& row) {
  if (row.series >= entries_.size()) entries_.resize(row.series + std::size_t{1});
  Entry& entry = entries_[row.series];
  entry.seen = true;
  const bool is_same = entry.known && entry.generation == row.generation &&
                       (entry.dropped || entry.type == type_of(row));
  if (!is_same) {
    if (entry.known) leave(entry);
    enter(entry, SeriesView::of(row.kind, part.key(row)), row);
  }
  if (entry.dropped) {
    ++counts_.dropped;
  } else if (table_->made - row.last_seen >= entry.ttl) {
    ++counts_.silent;
  } else if (counts_.series >= series_max_) {
    ++counts_.above_limit;
  } else {
    ++counts_.series;
    entry.family->rows.push_back({&part, &row});
  }
}

Book::Type Book::type_of(const ExpositionRow& row) {
  switch (row.kind) {
    case Kind::Counter:
      return Type::Counter;
    case Kind::Gauge:
    case Kind::Set:
      return Type::Gauge;
    case Kind::Timer:
      return row.shape->is_histogram() ? Type::Histogram : Type::Summary;
  }
  return Type::Gauge;
}

// ---- names ----

void Book::enter(Entry& entry, const SeriesView& series, const ExpositionRow& row) {
  entry = {.known = true,
           .seen = true,
           .generation = row.generation,
           .type = type_of(row),
           .labels = {}};
  const std::optional<Mapped> mapped = mapping_->map(series);
  entry.dropped = !mapped;
  if (!mapped) return;
  Family& family = family_for(*mapped, entry.type, series.kind);
  entry.family = &family;
  entry.scale = mapped->scale;
  entry.ttl = mapped->ttl;
  entry.labels = labels_text(mapped->labels);
  const auto is_alone = [&] {
    entry.labels_hash = std::hash<std::string>{}(entry.labels);
    return family.labels.insert(entry.labels_hash).second;
  };
  if (is_alone()) return;
  ++counts_.label_clashes;
  add_label(entry.labels, "weir_metric", series.name);
  note(std::string{series.name} + " has the name and labels of another series of " + family.name +
       ", so it is labelled weir_metric");
  if (is_alone()) return;
  add_label(entry.labels, "weir_series", std::to_string(row.series));
  is_alone();
}

/// A family of that name without rows. OpenMetrics says `_total` itself, so there a counter's name
/// is without it.
Book::Family Book::wanted(const Mapped& mapped, Type type, const std::string& name) {
  Family family{
      .name = name, .text_name = name, .help = mapped.help, .type = type, .labels = {}, .rows = {}};
  if (type != Type::Counter) return family;
  if (mapped.name_of == Mapped::NameOf::Metric) family.text_name += kTotal;
  if (name.ends_with(kTotal)) family.name.resize(name.size() - kTotal.size());
  return family;
}

/// The family of that name and type; where another has the name, one beside it.
Book::Family& Book::family_for(const Mapped& mapped, Type type, Kind kind) {
  for (int attempt = 0;; ++attempt) {
    Family family = wanted(mapped, type, name_of_attempt(mapped, kind, attempt));
    if (const auto found = families_.find(family.name); found != families_.end()) {
      if (found->second.type == type && found->second.text_name == family.text_name)
        return found->second;
      continue;
    }
    if (!is_free(family)) continue;
    if (attempt > 0) {
      ++counts_.name_clashes;
      note("the name " + mapped.name + " is taken, so " + mapped.help + ", is " + family.text_name);
    }
    Family& added = families_.try_emplace(family.name, std::move(family)).first->second;
    for (std::string& each : names_of(added))
      names_.emplace(std::move(each), &added);
    return added;
  }
}

/// What nobody else may be called beside it, in either format.
std::vector<std::string> Book::names_of(const Family& family) {
  std::vector<std::string> names{family.name};
  const auto add = [&](std::string_view end) { names.push_back(family.name + std::string{end}); };
  if (family.type == Type::Counter) {
    add("_total");
    add("_created");
    if (family.text_name != names[0] && family.text_name != names[1])
      names.push_back(family.text_name);
  }
  if (family.type == Type::Summary || family.type == Type::Histogram) {
    add("_sum");
    add("_count");
    add("_created");
  }
  if (family.type == Type::Histogram) add("_bucket");
  return names;
}

bool Book::is_free(const Family& family) const {
  return std::ranges::none_of(names_of(family), [&](const std::string& name) {
    return names_.contains(name) || reserved_.contains(name);
  });
}

void Book::leave(Entry& entry) {
  if (Family* const family = entry.family; family != nullptr) {
    family->labels.erase(entry.labels_hash);
    if (family->labels.empty()) {
      for (const std::string& name : names_of(*family))
        names_.erase(name);
      families_.erase(families_.find(family->name));
    }
  }
  entry = {};
}

// ---- a page ----

void Book::print(Format format, std::string& out) const {
  for (const auto& [name, family] : families_)
    if (!family.rows.empty()) print_family(family, format, out);
}

void Book::print_family(const Family& family, Format format, std::string& out) const {
  constexpr std::array<std::string_view, 4> kTypes{"counter", "gauge", "summary", "histogram"};
  const std::string& name = format == Format::OpenMetrics ? family.name : family.text_name;
  out.append("# HELP ").append(name) += ' ';
  append_help(out, family.help, format);
  out.append("\n# TYPE ").append(name) += ' ';
  out.append(kTypes[static_cast<std::size_t>(family.type)]) += '\n';
  const std::string_view unit = unit_of(family.name);
  if (format == Format::OpenMetrics && !unit.empty())
    out.append("# UNIT ").append(name).append(" ").append(unit) += '\n';
  for (const Row& row : family.rows)
    print_row(family, row, format, out);
}

void Book::print_row(const Family& family, const Row& of, Format format, std::string& out) const {
  const Entry& entry = entries_[of.row->series];
  SeriesLines lines{out, format == Format::OpenMetrics ? family.name : family.text_name,
                    entry.labels, format};
  const double value = of.row->value * entry.scale;
  switch (family.type) {
    case Type::Counter:
      return lines.add(format == Format::OpenMetrics ? kTotal : "", value);
    case Type::Gauge:
      return lines.add("", value);
    case Type::Summary:
      print_quantiles(of, entry.scale, lines);
      break;
    case Type::Histogram:
      print_buckets(of, lines);
      break;
  }
  lines.add("_sum", value);
  lines.add("_count", whole(of.row->count));
}

void Book::print_quantiles(const Row& of, double scale, SeriesLines& lines) {
  const auto& quantiles = of.row->shape->quantiles;
  for (std::size_t i = 0; i < quantiles.size(); ++i)
    lines.add("", "quantile", quantiles[i], of.numbers()[i] * scale);
}

/// Their bounds are scaled already, where values are.
void Book::print_buckets(const Row& of, SeriesLines& lines) {
  const ingest::query::TimerShape& shape = *of.row->shape;
  const auto& shown = shape.shown_bounds.empty() ? shape.bounds : shape.shown_bounds;
  for (std::size_t i = 0; i < shown.size(); ++i)
    lines.add("_bucket", "le", shown[i], whole(of.numbers()[i]));
  lines.add("_bucket", "le", std::numeric_limits<double>::infinity(), whole(of.row->count));
}

}  // namespace gateway::exposition
