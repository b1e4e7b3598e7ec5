// Reads one file, splits it by asset, lets the engine judge it and gathers what a reader should know.
#include "cli/judged_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "cli/words_for_people.h"
#include "decoders/input_file.h"

namespace telltale::cli {
namespace {

using decoders::Cell;
using decoders::ClockKind;
using decoders::ColumnKind;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

TimeWords words_for(const decoders::Table& source) {
  TimeWords words;
  if (source.clock.kind == ClockKind::row_number) words.kind = TimeWords::Kind::rows;
  if (source.clock.kind == ClockKind::counter) words.kind = TimeWords::Kind::seconds;
  if (source.time.empty()) return words;
  const auto [first, last] = std::ranges::minmax(source.time);
  words.one_day = to_date_clock(first).substr(0, 10) == to_date_clock(last).substr(0, 10);
  return words;
}

std::string why_not(const decoders::Column& c) {
  switch (c.kind) {
    case ColumnKind::counter: return "only counts up";
    case ColumnKind::index: return "numbers the rows";
    case ColumnKind::constant: return "constant";
    case ColumnKind::text: return "text";
    case ColumnKind::empty: return "empty";
    case ColumnKind::ignored: return "ignored";
    default: return "";
  }
}

bool is_bad(Cell c) { return c == Cell::bad || c == Cell::text; }

/// Rows of one asset (or all), with the columns that can be judged.
JudgedTable table_of(const decoders::Table& source, const std::string& name, std::optional<std::uint32_t> asset) {
  JudgedTable out;
  out.name = name;
  out.words = words_for(source);
  for (std::size_t r = 0; r < source.rows(); ++r) {
    if (asset && source.asset_of_row[r] != *asset) continue;
    out.rows.push_back(r);
    out.lines.push_back(source.lines[r]);
    out.table.time.push_back(source.time[r]);
    out.table.judged.push_back(source.usable[r]);
  }
  for (const decoders::Column* c : source.signals()) {
    engine::TableColumn column{.name = c->name, .unit = c->unit};
    bool any = false, any_bad = false;
    for (const std::size_t r : out.rows) {
      column.values.push_back(source.usable[r] ? c->values[r] : nothing);
      column.bad.push_back(is_bad(c->cells[r]));
      any = any || !std::isnan(column.values.back());
      any_bad = any_bad || column.bad.back();
    }
    if (!any_bad) column.bad.clear();
    if (any || !asset) out.table.columns.push_back(std::move(column));
  }
  for (const decoders::Column& c : source.columns)
    if (const std::string why = why_not(c); !why.empty()) out.left_out.push_back({c.name, why});
  return out;
}

Nanoseconds usual_distance(const JudgedTable& t) {
  std::vector<std::int64_t> distances;
  for (std::size_t k = 1; k < t.table.time.size(); ++k)
    if (const auto d = (t.table.time[k] - t.table.time[k - 1]).count(); d > 0) distances.push_back(d);
  if (distances.empty()) return {};
  std::ranges::nth_element(distances, distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2));
  return Nanoseconds{distances[distances.size() / 2]};
}

void note_times(JudgedTable& t, bool is_long) {
  std::size_t repeated = 0, backwards = 0, gaps = 0;
  Nanoseconds longest{};
  for (std::size_t k = 1; k < t.table.time.size(); ++k) {
    if (!t.table.judged[k]) continue;
    const auto d = t.table.time[k] - t.table.time[k - 1];
    repeated += d.count() == 0;
    backwards += d.count() < 0;
    if (t.period.count() == 0 || d <= 5 * t.period) continue;
    ++gaps;
    longest = std::max(longest, d);
  }
  if (gaps > 0) t.notes.push_back(counted(gaps, "gap", "gaps") + ", the longest " + t.words.length(longest));
  if (repeated > 0 && !is_long) t.notes.push_back(counted(repeated, "row repeats", "rows repeat") + " the time before");
  if (backwards > 0) t.notes.push_back(counted(backwards, "time runs", "times run") + " backwards");
}

void note_source(JudgedTable& t, const decoders::Table& source) {
  if (source.rows() == 1) t.notes.push_back("one row: too few to judge");
  const auto unusable = static_cast<std::size_t>(std::ranges::count(source.usable, std::uint8_t{0}));
  if (unusable > 0) t.notes.push_back(counted(unusable, "row", "rows") + " without a readable time or with too few cells, passed over");
  for (const decoders::Column& c : source.columns) {
    if (c.kind != ColumnKind::signal || c.n_bad + c.n_text == 0) continue;
    t.notes.push_back(c.name + ": " + counted(c.n_bad + c.n_text, "cell is", "cells are") + " no number, taken as bad quality");
  }
  constexpr std::size_t shown = 3;
  for (std::size_t k = 0; k < std::min(source.notes.size(), shown); ++k)
    t.notes.push_back((source.notes[k].line ? "line " + std::to_string(source.notes[k].line) + ": " : "") + source.notes[k].text);
  if (source.n_notes > shown) t.notes.push_back(grouped(source.n_notes - shown) + " more oddities like these");
}

/// "marked spike: TP2 20, TP3 10": what validation said, by reason.
void note_marks(JudgedTable& t) {
  std::map<Reason, std::string> by_reason;
  for (const auto& m : t.result.marks) {
    std::string& list = by_reason[m.reason];
    list += (list.empty() ? "" : ", ") + t.table.columns[m.column].name + " " + grouped(m.count);
  }
  for (const auto& [reason, list] : by_reason) {
    const std::string quality = to_text(Quality(Grade::uncertain, static_cast<std::uint32_t>(reason)));  // "uncertain: spike"
    t.notes.push_back("readings marked " + quality.substr(quality.find(": ") + 2) + ": " + list);
  }
}

const decoders::Column* column_named(const decoders::Table& source, const std::string& name) {
  if (const auto* c = source.find(name)) return c;
  for (const decoders::Column& c : source.columns)
    if (!c.unit.empty() && name == c.name + " [" + c.unit + "]") return &c;
  return nullptr;
}

/// Rows that do not fulfil --when are neither judged nor learned.
Result<void> apply_when(JudgedTable& t, const decoders::Table& source, const Condition& when) {
  std::map<std::string, const decoders::Column*> columns;
  for (const std::string& name : when.columns()) {
    const auto* column = column_named(source, name);
    if (!column || column->values.empty()) {
      std::vector<std::string_view> known;
      for (const decoders::Column& c : source.columns) known.push_back(c.name);
      const auto near = did_you_mean(name, known);
      return failed(ErrorKind::config, "--when: there is no column of numbers '" + name + "' in " + t.name,
                    near.empty() ? "telltale detect FILE names the columns" : "did you mean '" + std::string(near) + "'?");
    }
    columns[name] = column;
  }
  std::size_t passed = 0;
  for (std::size_t k = 0; k < t.rows.size(); ++k) {
    const bool counts = when.holds([&](const std::string& name) { return columns.at(name)->values[t.rows[k]]; });
    passed += t.table.judged[k] && !counts;
    t.table.judged[k] = t.table.judged[k] && counts;
  }
  t.notes.push_back("--when leaves out " + counted(passed, "row", "rows"));
  return {};
}

/// How well a column tells whether the machine runs: by its name, then by how evenly it divides the rows.
double tells_running(const engine::TableColumn& column, double share_at_rest) {
  std::string name = column.name;
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool named = std::ranges::any_of(std::array{"current", "speed", "rpm", "power", "flow", "load"},
                                         [&](const char* word) { return name.contains(word); });
  return (named ? 1.0 : 0.0) + std::min(share_at_rest, 1 - share_at_rest);
}

void suggest_when(JudgedTable& t) {
  double best = 0;
  for (const auto& c : t.table.columns) {
    const auto limit = level_above_zero(c.values);
    if (!limit) continue;
    const auto rests = std::ranges::count_if(c.values, [&](double v) { return std::fabs(v) <= *limit; });
    const double share = static_cast<double>(rests) / static_cast<double>(c.values.size());
    if (tells_running(c, share) <= best) continue;
    best = tells_running(c, share);
    t.suggestion = c.name + " rests near 0 in " + rounded(100 * share, 2) + " % of the rows. Running rows only: --when '" + c.name + " > " +
                   rounded(*limit, 3) + "'";
  }
}

Result<Time> moment_in(const std::string& text, const decoders::Table& source, const std::string& zone_note) {
  const bool counts = source.clock.kind == ClockKind::counter || source.clock.kind == ClockKind::row_number;
  if (counts) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc{} && end == text.data() + text.size()) return time_from_ns(std::llround(seconds * 1e9));
    return failed(ErrorKind::config, "--baseline: '" + text + "' is no number of seconds", "this file has no dates, it counts");
  }
  const auto parsed = parse_iso_time(text);
  if (!parsed) return failed(ErrorKind::config, "--baseline: '" + text + "' is no time", "write it as 2026-01-01T00:00:00Z" + zone_note);
  return parsed->time;
}

/// --baseline ROWS, FROM..TO or FILE. `other` keeps the table of a FILE alive.
Result<engine::Baseline> baseline_of(const std::string& text, const decoders::Table& source, const JudgeOptions& options,
                                     std::unique_ptr<JudgedTable>& other) {
  engine::Baseline baseline;
  if (text.empty()) return baseline;
  if (std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    baseline.kind = engine::Baseline::Kind::rows;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), baseline.rows);
    if (error != std::errc{} || baseline.rows == 0) return failed(ErrorKind::config, "--baseline: '" + text + "' is no number of rows");
    return baseline;
  }
  std::error_code ignored;
  if (const std::size_t dots = text.find(".."); dots != std::string::npos && !std::filesystem::exists(text, ignored)) {
    const auto from = moment_in(text.substr(0, dots), source, ""), to = moment_in(text.substr(dots + 2), source, "");
    if (!from) return std::unexpected(from.error());
    if (!to) return std::unexpected(to.error());
    if (*to <= *from) return failed(ErrorKind::config, "--baseline: '" + text + "' ends before it begins");
    baseline = {.kind = engine::Baseline::Kind::span, .from = *from, .to = *to};
    return baseline;
  }
  auto bytes = decoders::read_input(text);
  if (!bytes) return failed(bytes.error().kind, "--baseline: " + bytes.error().message, "it takes a number of rows, FROM..TO or a file");
  auto read = decoders::read_table(std::move(*bytes), options.reading);
  if (!read) return failed(read.error().kind, "--baseline: " + text + ": " + read.error().message, read.error().hint);
  other = std::make_unique<JudgedTable>(table_of(*read, text, std::nullopt));
  if (options.when)
    if (auto applied = apply_when(*other, *read, *options.when); !applied) return std::unexpected(applied.error());
  baseline = {.kind = engine::Baseline::Kind::table, .table = &other->table};
  return baseline;
}

std::string baseline_words(const JudgedTable& t, const engine::OfflineOptions& options, const std::string& given) {
  if (options.classic) return "each row against the " + grouped(options.window) + " before it";
  if (options.baseline.kind == engine::Baseline::Kind::table) return given;
  if (t.result.baseline_rows == 0) return "";
  if (options.baseline.kind == engine::Baseline::Kind::rows) return "the first " + counted(t.result.baseline_rows, "row", "rows");
  const auto first = std::ranges::min(t.table.time);
  if (t.result.baseline_from <= first + t.period)
    return "the first " + t.words.length(t.result.baseline_to - t.result.baseline_from + t.period);
  return t.words.full(t.result.baseline_from) + " to " + t.words.until(t.result.baseline_from, t.result.baseline_to);
}

/// Why the engine never came to judge a column.
std::string why_not_warm(const std::vector<double>& values) {
  std::set<double> levels;
  for (const double v : values) {
    if (std::isfinite(v)) levels.insert(v);
    if (levels.size() > 2) return "too few readings that move";
  }
  return levels.size() == 2 ? "a switch" : "too few readings that move";
}

/// Judges one asset's rows and writes its verdicts into the rows of the file.
Result<void> judge(JudgedTable& t, const decoders::Table& source, const JudgeOptions& options, JudgedFile& file) {
  t.period = usual_distance(t);
  note_source(t, source);
  note_times(t, source.is_long);
  if (options.when) {
    if (auto applied = apply_when(t, source, *options.when); !applied) return applied;
  } else {
    suggest_when(t);
  }
  if (t.table.columns.empty() || t.table.time.empty()) {
    t.result.score.assign(t.table.time.size(), 0);
    t.result.event.assign(t.table.time.size(), 0);
    return {};
  }
  std::unique_ptr<JudgedTable> other;
  engine::OfflineOptions judging = options.judging;
  const auto baseline = baseline_of(options.baseline, source, options, other);
  if (!baseline) return std::unexpected(baseline.error());
  judging.baseline = *baseline;
  if (options.progress) judging.progress = [&](std::size_t done) { options.progress(done, t.table.time.size()); };
  auto result = engine::judge_table(t.table, judging);
  if (!result) return failed(result.error().kind, t.name + ": " + result.error().message, result.error().hint);
  t.result = std::move(*result);
  for (const std::size_t c : t.result.not_judged) t.left_out.push_back({t.table.columns[c].name, why_not_warm(t.table.columns[c].values)});
  t.baseline = baseline_words(t, judging, options.baseline);
  note_marks(t);
  for (std::size_t k = 0; k < t.rows.size(); ++k) {
    file.score[t.rows[k]] = t.result.score[k];
    file.event[t.rows[k]] = t.result.event[k];
  }
  return {};
}

/// Whose rows these are, for a site's limits: --asset, else an asset of the file's name, else the only one of the site.
Result<std::string> asset_for(const std::string& path, const JudgeOptions& options) {
  if (!options.asset.empty()) return options.asset;
  const std::string stem = std::filesystem::path(decoders::without_packing(path)).stem().string();
  if (!options.judging.site) return stem.empty() ? "file" : stem;
  const auto& plant = *options.judging.site->plant;
  if (plant.find(stem)) return stem;
  if (plant.assets().size() == 1) return plant.assets()[0].id;
  std::string known;
  for (const auto& a : plant.assets()) known += (known.empty() ? "" : ", ") + a.id;
  return failed(ErrorKind::config, path + ": which asset of the site is it?",
                "say --asset with one of: " + (known.empty() ? "(the site declares none)" : known));
}

}  // namespace

std::vector<std::string> JudgedTable::judged_columns() const {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (is_judged(c))
      names.push_back(table.columns[c].unit.empty() ? table.columns[c].name : table.columns[c].name + " [" + table.columns[c].unit + "]");
  return names;
}

bool JudgedTable::is_judged(std::size_t column) const { return !std::ranges::contains(result.not_judged, column); }

std::size_t JudgedFile::n_anomalies() const {
  return std::accumulate(tables.begin(), tables.end(), std::size_t{0},
                         [](std::size_t n, const JudgedTable& t) { return n + t.result.anomalies.size(); });
}

Result<JudgedFile> judge_file(const std::string& path, const JudgeOptions& options) {
  auto bytes = decoders::read_input(path);
  if (!bytes) return std::unexpected(bytes.error());
  const auto source = decoders::read_table(std::move(*bytes), options.reading);
  if (!source) return failed(source.error().kind, path + ": " + source.error().message, source.error().hint);
  JudgedFile file{.path = path, .name = path == "-" ? "standard input" : std::filesystem::path(path).filename().string()};
  file.time_header = source->clock.column.empty() ? "row" : source->clock.column;
  for (std::size_t r = 0; r < source->rows(); ++r)
    file.time_texts.push_back(source->clock.kind == ClockKind::row_number ? std::to_string(r + 1) : std::string(source->time_texts[r]));
  file.score.assign(source->rows(), 0);
  file.event.assign(source->rows(), 0);
  if (source->assets.empty()) {
    const auto asset = asset_for(path, options);
    if (!asset) return std::unexpected(asset.error());
    file.tables.push_back(table_of(*source, file.name, std::nullopt));
    file.tables.back().table.asset = *asset;
  }
  for (std::uint32_t a = 0; a < source->assets.size(); ++a) {
    file.tables.push_back(table_of(*source, file.name + (source->assets.size() > 1 ? ", " + source->assets[a] : ""), a));
    file.tables.back().table.asset = source->assets[a];
  }
  for (JudgedTable& t : file.tables)
    if (auto judged = judge(t, *source, options, file); !judged) return std::unexpected(judged.error());
  return file;
}

}  // namespace telltale::cli
