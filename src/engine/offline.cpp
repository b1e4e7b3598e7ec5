// Judges a table: its columns become the signals of one asset and pass through a lane, row by row.
#include "engine/offline.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "engine/defaults.h"
#include "engine/site_lane.h"
#include "features/student_t.h"

namespace telltale::engine {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t classic_window_of_comparison = 30;

// ---------------------------------------------------------------- the site of a table

ConfiguredDetector detector(std::string_view part_name, const std::map<std::string, std::string>& settings,
                            const std::map<std::string, std::string>& common) {
  const auto parts = detectors::detector_parts();
  const auto part = std::ranges::find(parts, part_name, &detectors::DetectorPart::name);
  return {std::string(part_name), &*part, Settings::of(part->fields, settings), Settings::of(detector_fields(), common)};
}

std::string exact(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", x);
  return text;
}

std::size_t rows_to_judge(const Table& t) {
  return t.judged.empty() ? t.time.size() : static_cast<std::size_t>(std::ranges::count_if(t.judged, [](auto j) { return j != 0; }));
}

/// 15 % of the rows, but no more than a running engine waits for: a long file is judged exactly as the engine would.
std::size_t automatic_warm_up(const Table& t) { return std::clamp<std::size_t>(rows_to_judge(t) * 15 / 100, 30, 600); }

/// At most two values: how far off one of them lies is no question for statistics.
bool is_switch(const TableColumn& c) {
  double one = unknown, other = unknown;
  for (const double x : c.values) {
    if (std::isnan(x) || x == one || x == other) continue;
    if (!std::isnan(other)) return false;
    (std::isnan(one) ? one : other) = x;
  }
  return true;
}

/// The plant with what the table's header says of columns that nobody declared.
std::shared_ptr<const machines::Plant> plant_with(const machines::Plant& plant, const Table& table) {
  std::vector<machines::Asset> assets = plant.assets();
  auto own = std::ranges::find(assets, table.asset, &machines::Asset::id);
  if (own == assets.end()) own = assets.insert(assets.end(), {.id = table.asset, .area = {}, .type = machines::generic_type(), .own = {}});
  for (const TableColumn& c : table.columns) {
    if (plant.signal(table.asset, c.name)) continue;
    machines::SignalType type;
    type.name = type.label = c.name;
    type.unit = c.unit;
    if (is_switch(c)) type.role = machines::SignalRole::digital;
    own->own.push_back(std::move(type));
  }
  return std::make_shared<const machines::Plant>(plant.site(), std::move(assets));
}

std::shared_ptr<const Site> site_for(const Table& table, const OfflineOptions& options) {
  auto site = std::make_shared<Site>();
  if (options.site && !options.classic) *site = *options.site;
  site->plant = plant_with(site->plant ? *site->plant : machines::Plant(), table);
  if (options.classic) {
    site->detectors = {detector("zscore", {{"mode", "classic"}, {"window", std::to_string(options.window)}}, {})};
  } else if (!options.site) {
    site->validators = default_validators();
    site->detectors = {detector(
        "baseline", {},
        {{"false_alarm_probability", exact(options.false_alarm_probability)}, {"warm_up", std::to_string(automatic_warm_up(table))}})};
  }
  return site;
}

// ---------------------------------------------------------------- rows on their way

/// Feeds rows and gathers what became of them.
class Run {
 public:
  Run(const Table& table, const OfflineOptions& options, OfflineResult& result) : table_(table), options_(options), result_(result) {
    const std::size_t n = table.time.size();
    result_.score.assign(n, 0);
    result_.event.assign(n, 0);
    find_repeated_times();
    first_scored_.assign(table.columns.size(), n);
    last_reading_.assign(table.columns.size(), 0);
    if (options.with_bands) result_.bands.assign(table.columns.size(), {std::vector<double>(n, unknown), std::vector<double>(n, unknown)});
  }

  Result<void> open() {
    auto lane = make_site_lane(site_for(table_, options_), names_);
    if (!lane) return std::unexpected(lane.error());
    lane_ = std::move(*lane);
    const AssetId asset = names_.asset(table_.asset);
    for (const TableColumn& c : table_.columns) {
      signals_.push_back(*names_.signal(asset, c.name));
      column_of_.emplace(signals_.back(), signals_.size() - 1);
    }
    return {};
  }

  /// Learns rows of a table, however long ago they were: shifted so that they end just before `before`.
  void teach(const Table& other, const std::vector<std::size_t>& rows, Time before) {
    lane_->teach(true);
    const Nanoseconds shift = before - other.time[rows.back()] - std::chrono::seconds(1);
    for (const std::size_t row : rows) {
      begin_part(other.time[row] + shift);
      for (const TableColumn& c : other.columns) {
        if (const auto signal = names_.find(table_.asset, c.name); signal && column_of_.contains(*signal)) add(c, row, *signal);
      }
      lane_->process(part_, made_);
    }
    lane_->teach(false);
  }

  void judge(std::size_t row, bool taught) {
    if (options_.with_bands && !taught) keep_bands(row);
    begin_part(options_.classic ? Time{Nanoseconds{static_cast<std::int64_t>(row) * 1'000'000'000}}
                                : table_.time[row]);  // classic: file order is all
    for (std::size_t c = 0; c < signals_.size(); ++c) {
      if (!stands_already(c, row)) add(table_.columns[c], row, signals_[c]);
    }
    lane_->teach(taught);
    lane_->process(part_, made_);
    keep(row);
  }

  void finish() {
    for (OfflineAnomaly& a : result_.anomalies) a.open = a.last_row == last_reading_[a.column];
    for (std::size_t c = 0; c < first_scored_.size(); ++c) {
      if (first_scored_[c] == table_.time.size()) result_.not_judged.push_back(c);
    }
    for (const auto& [key, mark] : marks_) result_.marks.push_back(mark);
    std::ranges::stable_sort(result_.anomalies, {}, [](const OfflineAnomaly& a) { return std::pair(a.first_row, a.column); });
  }

  /// The first row of which anything was judged.
  std::size_t judged_from() const { return std::ranges::min(first_scored_); }

 private:
  void begin_part(Time time) {
    part_.sequence += 1;
    part_.tick = std::max(part_.tick, time);
    part_.readings.clear();
    time_ = time;
  }
  void add(const TableColumn& c, std::size_t row, SignalId signal) {
    if (std::isnan(c.values[row])) return;
    const bool bad = !c.bad.empty() && c.bad[row] != 0;
    part_.readings.push_back(
        {signal, 0, time_, c.values[row], bad ? Quality(Grade::bad, static_cast<std::uint32_t>(Reason::source)) : Quality()});
  }

  /// What admission does in a running engine: a key stands once. The first reading under it counts, another value is marked and passed over.
  bool stands_already(std::size_t c, std::size_t row) {
    if (options_.classic) return false;  // in the seeds' rules every row counts, in file order
    const auto same_time = rows_at_.find(ns_of(table_.time[row]));
    if (same_time == rows_at_.end()) return false;
    const std::vector<double>& values = table_.columns[c].values;
    for (const std::size_t earlier : same_time->second) {
      if (earlier >= row) break;
      if (std::isnan(values[earlier]) || (!table_.judged.empty() && table_.judged[earlier] == 0)) continue;
      if (!std::isnan(values[row]) && values[row] != values[earlier]) {
        keep_marks(c, row, Quality(Grade::uncertain, static_cast<std::uint32_t>(Reason::conflict)));
      }
      return true;
    }
    return false;
  }

  /// Rows by time, of times that stand more than once.
  void find_repeated_times() {
    if (std::ranges::adjacent_find(table_.time, std::greater_equal{}) == table_.time.end()) return;  // strictly ascending: none
    for (std::size_t row = 0; row < table_.time.size(); ++row) rows_at_[ns_of(table_.time[row])].push_back(row);
    std::erase_if(rows_at_, [](const auto& one) { return one.second.size() < 2; });
  }

  void keep_bands(std::size_t row) {
    for (std::size_t c = 0; c < signals_.size(); ++c) {
      const auto view = lane_->view(signals_[c]);
      result_.bands[c].low[row] = view.low.value_or(unknown);
      result_.bands[c].high[row] = view.high.value_or(unknown);
    }
  }

  void keep(std::size_t row) {
    double highest = 0;
    for (std::size_t k = 0; k < part_.readings.size(); ++k) {
      const std::size_t c = column_of_.at(part_.readings[k].signal);
      last_reading_[c] = row;
      keep_marks(c, row, made_.quality[k]);
      highest = std::max(highest, made_.score[k]);
      if (made_.score[k] > 0) {
        first_scored_[c] = std::min(first_scored_[c], row);
        ++readings_judged;
      }
      if (made_.standing[k]) prolong(c, row);
    }
    result_.score[row] = highest;
    result_.rows_judged += highest > 0 ? 1 : 0;
    for (const Finding& f : made_.findings) {
      if (f.signal != no_signal) keep_finding(f, row);
    }
  }

  void keep_finding(const Finding& f, std::size_t row) {
    const std::size_t c = column_of_.at(f.signal);
    auto [at, is_new] = newest_.try_emplace({c, f.rule}, result_.anomalies.size());
    if (f.begins || is_new) {
      at->second = result_.anomalies.size();
      result_.anomalies.push_back(
          {.first_row = row, .from = table_.time[row], .column = c, .rule = f.rule, .low = {}, .high = {}, .cause = {}});
      result_.event[row] = 1;
    }
    OfflineAnomaly& a = result_.anomalies[at->second];
    a.last_row = row;
    a.to = table_.time[row];
    if (f.score <= a.score) return;
    a.score = f.score;
    a.value = f.value;
    a.low = f.low;
    a.high = f.high;
    a.doubtful = f.doubtful;
    a.cause = f.cause;
  }

  void prolong(std::size_t column, std::size_t row) {
    for (const auto& [key, index] : newest_) {
      if (key.first != column) continue;
      result_.anomalies[index].last_row = row;
      result_.anomalies[index].to = table_.time[row];
    }
  }

  void keep_marks(std::size_t column, std::size_t row, Quality q) {
    for (std::uint32_t left = q.reasons(); left != 0; left &= left - 1) {
      const std::uint32_t bit = left & -left;
      const auto at = marks_.try_emplace({column, bit}, OfflineMark{column, static_cast<Reason>(bit), 0, row}).first;
      ++at->second.count;
    }
  }

 public:
  std::size_t readings_judged = 0;

 private:
  const Table& table_;
  const OfflineOptions& options_;
  OfflineResult& result_;
  Names names_;
  std::unique_ptr<SiteLane> lane_;
  std::unordered_map<std::int64_t, std::vector<std::size_t>> rows_at_;
  std::vector<SignalId> signals_;  // [columns]
  std::map<SignalId, std::size_t> column_of_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> newest_;  // (column, rule) -> its newest anomaly
  std::map<std::pair<std::size_t, std::uint32_t>, OfflineMark> marks_;
  std::vector<std::size_t> first_scored_, last_reading_;  // [columns]
  LanePart part_;
  LaneResult made_;
  Time time_{};
};

// ---------------------------------------------------------------- what comes in

Result<void> check(const Table& t) {
  const auto wrong = [](std::string message) { return failed(ErrorKind::config, std::move(message)); };
  if (t.columns.empty()) return wrong("the table has no column that could be judged");
  if (!t.judged.empty() && t.judged.size() != t.time.size()) return wrong("the mask of rows to judge is not as long as the table");
  std::set<std::string_view> names;
  for (const TableColumn& c : t.columns) {
    if (c.values.size() != t.time.size() || (!c.bad.empty() && c.bad.size() != t.time.size()))
      return wrong("column '" + c.name + "' is not as long as the table");
    if (!names.insert(c.name).second) return wrong("two columns are called '" + c.name + "'");
  }
  return {};
}

bool judged(const Table& t, std::size_t row) { return t.judged.empty() || t.judged[row] != 0; }

/// Which rows of the table itself are its baseline.
std::vector<std::uint8_t> baseline_rows(const Table& t, const Baseline& b) {
  std::vector<std::uint8_t> in(t.time.size(), 0);
  std::size_t taken = 0;
  for (std::size_t row = 0; row < t.time.size(); ++row) {
    if (!judged(t, row)) continue;
    if (b.kind == Baseline::Kind::rows) in[row] = taken < b.rows;
    if (b.kind == Baseline::Kind::span) in[row] = t.time[row] >= b.from && t.time[row] < b.to;
    taken += in[row];
  }
  return in;
}

std::vector<std::size_t> marked(const std::vector<std::uint8_t>& mask) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < mask.size(); ++row) {
    if (mask[row]) rows.push_back(row);
  }
  return rows;
}

std::vector<std::size_t> all_judged(const Table& t) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < t.time.size(); ++row) {
    if (judged(t, row)) rows.push_back(row);
  }
  return rows;
}

Result<void> learn_baseline(const Table& table, const Baseline& b, const std::vector<std::uint8_t>& own, Run& run, OfflineResult& result) {
  if (b.kind == Baseline::Kind::automatic) return {};
  const bool other = b.kind == Baseline::Kind::table;
  const auto rows = other ? all_judged(*b.table) : marked(own);
  if (rows.empty()) {
    const std::string where =
        b.kind == Baseline::Kind::span ? "no row lies between " + to_rfc3339(b.from) + " and " + to_rfc3339(b.to) : "it has no row";
    return failed(ErrorKind::config, "the baseline is empty: " + where, "give rows, a span of time or a file that hold healthy running");
  }
  const Table& source = other ? *b.table : table;
  result.baseline_rows = rows.size();
  const auto [first, last] = std::ranges::minmax_element(rows, {}, [&](std::size_t r) { return source.time[r]; });
  result.baseline_from = source.time[*first];
  result.baseline_to = source.time[*last];
  const auto judged_rows = all_judged(table);
  const bool leads = !other && rows.front() == judged_rows.front();  // then its rows teach when their turn comes
  if (!leads && !judged_rows.empty()) run.teach(source, rows, std::ranges::min(table.time));
  return {};
}

/// How often healthy, independent, normal data exceed |x - m| > 3 s with the population deviation of W rows: a t of W - 1 degrees of freedom.
double classic_probability(std::size_t window) {
  const double w = static_cast<double>(window);
  return window < 2 ? 0 : features::student_t_tail(3 * std::sqrt((w - 1) / (w + 1)), w - 1);
}

}  // namespace

Result<OfflineResult> judge_table(const Table& table, const OfflineOptions& options) {
  if (auto usable = check(table); !usable) return std::unexpected(usable.error());
  OfflineResult result;
  Run run(table, options, result);
  if (auto opened = run.open(); !opened) return std::unexpected(opened.error());
  const Baseline baseline = options.classic ? Baseline{} : options.baseline;
  const auto own = baseline_rows(table, baseline);
  if (auto learned = learn_baseline(table, baseline, own, run, result); !learned) return std::unexpected(learned.error());

  for (std::size_t row = 0; row < table.time.size(); ++row) {
    if (judged(table, row)) run.judge(row, own[row] != 0);
    if (options.progress && row % 4096 == 4095) options.progress(row + 1);
  }
  run.finish();
  if (options.progress) options.progress(table.time.size());

  if (baseline.kind == Baseline::Kind::automatic && run.judged_from() > 0 && run.judged_from() < table.time.size()) {
    result.baseline_rows = run.judged_from();
    result.baseline_from = table.time.front();
    result.baseline_to = table.time[run.judged_from() - 1];
  }
  const bool is_comparison = options.classic && options.window == classic_window_of_comparison;
  result.expected_by_chance = options.classic ? classic_probability(options.window) * static_cast<double>(run.readings_judged)
                                              : options.false_alarm_probability * static_cast<double>(result.rows_judged);
  const auto flagged = [](const OfflineResult& r) {
    return static_cast<std::size_t>(std::ranges::count_if(r.score, [](double s) { return s >= 0.5; }));
  };
  if (is_comparison) {
    result.rolling_3_sigma_rows = flagged(result);
  } else {
    OfflineOptions classic;
    classic.classic = true;
    const auto compared = judge_table(table, classic);
    if (compared) result.rolling_3_sigma_rows = flagged(*compared);
  }
  return result;
}

}  // namespace telltale::engine
