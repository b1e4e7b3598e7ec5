// What `detect` prints about a file, for people and as JSON.
#include "cli/detect_text.h"

#include <algorithm>

#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

constexpr std::size_t listed_at_first = 20;

std::string joined(const std::vector<std::string>& parts, std::string_view between = ", ") {
  std::string text;
  for (const auto& p : parts) text += (text.empty() ? "" : std::string(between)) + p;
  return text;
}

/// The first ten names, and how many more.
std::string shortened(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 10;
  if (names.size() <= shown + 2) return joined(names);
  return joined({names.begin(), names.begin() + shown}) + " and " + grouped(names.size() - shown) + " more";
}

std::string head(const JudgedTable& t) {
  std::string line = t.name + ": " + counted(t.table.time.size(), "row", "rows");
  if (t.table.time.empty()) return line;
  const auto [first, last] = std::ranges::minmax(t.table.time);
  if (t.period.count() > 0 && t.words.kind != TimeWords::Kind::rows) line += ", " + t.words.length(t.period) + " apart";
  if (t.words.kind == TimeWords::Kind::rows) return line + ", no time column";
  return line + ", " + t.words.full(first) + " to " + t.words.until(first, last);
}

/// "Unnamed: 0 (numbers the rows); LPS, MPG (constant)": columns with one reason stand together.
std::string not_judged(const std::vector<LeftOut>& left_out) {
  std::vector<std::pair<std::string, std::vector<std::string>>> by_reason;
  for (const LeftOut& l : left_out) {
    auto at = std::ranges::find(by_reason, l.why, &std::pair<std::string, std::vector<std::string>>::first);
    if (at == by_reason.end()) at = by_reason.insert(by_reason.end(), {l.why, {}});
    at->second.push_back(l.column);
  }
  std::vector<std::string> parts;
  for (const auto& [why, columns] : by_reason) parts.push_back(shortened(columns) + " (" + why + ")");
  return joined(parts, "; ");
}

std::string tally(const JudgedTable& t) {
  return counted(t.result.anomalies.size(), "anomaly", "anomalies") + " (" + fixed(t.result.expected_by_chance, 1) +
         " expected by chance; a rolling 3-sigma rule would flag " + counted(t.result.rolling_3_sigma_rows, "row", "rows") + ")";
}

void print_anomalies(const Console& console, const JudgedTable& t, std::size_t n) {
  std::size_t width_time = 0, width_length = 0;
  std::vector<std::string> lengths;
  for (std::size_t k = 0; k < n; ++k) {
    const auto& a = t.result.anomalies[k];
    lengths.push_back(duration_words(t, a) + (a.open ? ", open" : ""));
    width_time = std::max(width_time, t.words.moment(a.from).size());
    width_length = std::max(width_length, lengths.back().size());
  }
  const std::size_t width_number = std::to_string(n).size();
  for (std::size_t k = 0; k < n; ++k) {
    const auto& a = t.result.anomalies[k];
    std::string number = std::to_string(k + 1), moment = t.words.moment(a.from);
    number.insert(0, 2 + width_number - number.size(), ' ');
    moment.resize(width_time, ' ');
    lengths[k].resize(width_length, ' ');
    console.line(number + "  " + moment + "  " + lengths[k] + "  " + console.painted(Paint::bold, a.cause));
  }
  if (t.result.anomalies.size() > n) console.line("  and " + grouped(t.result.anomalies.size() - n) + " more: --all");
}

void print_table(const Console& console, const JudgedTable& t, bool all) {
  console.line(console.painted(Paint::bold, head(t)));
  const auto judged = t.judged_columns();
  console.line("Judged: " + (judged.empty() ? "nothing" : shortened(judged)) + "." +
               (t.baseline.empty() ? "" : "  Baseline: " + t.baseline));
  if (!t.left_out.empty()) console.line("Not judged: " + not_judged(t.left_out));
  for (const auto& note : t.notes) console.line("Note: " + note);
  if (!t.suggestion.empty()) console.line("Hint: " + t.suggestion);
  if (judged.empty()) return;
  console.line(tally(t));
  print_anomalies(console, t, all ? t.result.anomalies.size() : std::min(t.result.anomalies.size(), listed_at_first));
}

std::string moment_json(const JudgedTable& t, Time moment) {
  if (t.words.kind == TimeWords::Kind::calendar) return json_string(to_rfc3339(moment));
  return json_number(static_cast<double>(ns_of(moment)) / 1e9);
}

Json anomaly_json(const JudgedTable& t, const engine::OfflineAnomaly& a) {
  const auto& column = t.table.columns[a.column];
  return Json()
      .raw("from", moment_json(t, a.from))
      .raw("to", moment_json(t, a.to))
      .add("open", a.open)
      .add("line", t.lines[a.first_row])
      .add("rows", a.last_row - a.first_row + 1)
      .add("signal", column.name)
      .add("unit", column.unit)
      .add("rule", a.rule)
      .add("value", a.value)
      .add("low", a.low)
      .add("high", a.high)
      .add("score", a.score)
      .add("doubtful", a.doubtful)
      .add("cause", a.cause);
}

Json table_json(const JudgedTable& t) {
  Json out;
  out.add("asset", t.table.asset).add("rows", t.table.time.size());
  if (!t.table.time.empty()) {
    const auto [first, last] = std::ranges::minmax(t.table.time);
    out.raw("from", moment_json(t, first)).raw("to", moment_json(t, last));
  }
  out.add("period_s", static_cast<double>(t.period.count()) / 1e9).add("judged", t.judged_columns());
  std::vector<Json> left_out, anomalies;
  for (const auto& l : t.left_out) left_out.push_back(Json().add("column", l.column).add("why", l.why));
  for (const auto& a : t.result.anomalies) anomalies.push_back(anomaly_json(t, a));
  return out.add("not_judged", left_out)
      .add("baseline", t.baseline)
      .add("notes", t.notes)
      .add("hint", t.suggestion)
      .add("rows_judged", t.result.rows_judged)
      .add("expected_by_chance", t.result.expected_by_chance)
      .add("rolling_3_sigma_rows", t.result.rolling_3_sigma_rows)
      .add("anomalies", anomalies);
}

}  // namespace

void print_file(const Console& console, const JudgedFile& file, bool all) {
  for (std::size_t k = 0; k < file.tables.size(); ++k) {
    if (k > 0) console.line("");
    print_table(console, file.tables[k], all);
  }
}

Json json_of(const JudgedFile& file) {
  std::vector<Json> tables;
  for (const JudgedTable& t : file.tables) tables.push_back(table_json(t));
  return Json().add("file", file.path).add("tables", tables);
}

}  // namespace telltale::cli
