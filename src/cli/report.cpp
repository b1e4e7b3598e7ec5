// The report of `detect`: one page without any outside host, to look at, to print and to mail.
#include "cli/report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cli/html.h"
#include "cli/picture.h"
#include "cli/words_for_people.h"
#include "core/clock.h"
#include "core/release.h"

namespace telltale::cli {
namespace {

constexpr std::size_t max_pictures = 40;  // per table; the list has them all
constexpr std::size_t max_listed = 500;   // per table

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--page:#d9dce0;--card:#edeff1;--text:#1b1f24;--soft:#434a53;--line:#17365d;--rule:#6b727b;--band:#2f6da8;--mark:#b3131b}
@media (prefers-color-scheme:dark){:root{--page:#1e2227;--card:#2a2f36;--text:#e3e6ea;--soft:#a9b0b9;--line:#9cc3ee;--rule:#7c848e;--band:#6fa8dc;--mark:#ff6b6b}}
*{box-sizing:border-box}
body{margin:0;padding:24px 16px 48px;background:var(--page);color:var(--text);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:940px;margin:auto}
h1{font-size:24px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:19px;margin:32px 0 8px;overflow-wrap:anywhere}
h3{font-size:16px;margin:0 0 2px;overflow-wrap:anywhere}
p{margin:4px 0}
.soft,figcaption{color:var(--soft)}
.card{background:var(--card);border-radius:6px;padding:14px 16px;margin:12px 0;break-inside:avoid}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
.wide{overflow-x:auto}
th,td{text-align:left;padding:4px 12px 4px 0;vertical-align:top;border-bottom:1px solid color-mix(in srgb,var(--rule) 35%,transparent)}
th{color:var(--soft);font-weight:600}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap}
a{color:inherit}
figure{margin:0}
svg{display:block;width:100%;height:auto;margin:6px 0}
.line{fill:none;stroke:var(--line);stroke-width:1.4;stroke-linejoin:round;stroke-linecap:round}
.band{fill:var(--band);opacity:.2}
.grid{stroke:var(--rule);opacity:.25;fill:none}
.axis{stroke:var(--rule);fill:none}
.label{fill:var(--soft);font:12px system-ui,"Segoe UI",Roboto,Arial,sans-serif;font-variant-numeric:tabular-nums}
.shade{fill:var(--mark);opacity:.13}
.mark,.dot{fill:var(--mark)}
.key{display:inline-block;width:22px;height:10px;margin:0 5px 0 12px;vertical-align:baseline}
.key.l{border-bottom:2px solid var(--line);height:6px}
.key.b{background:var(--band);opacity:.35}
.key.m{width:0;height:0;border:6px solid transparent;border-top:10px solid var(--mark);border-bottom:0}
@media (max-width:640px){dl{grid-template-columns:1fr}dt{margin-top:6px}thead{display:none}
tr{display:block;padding:8px 0;border-bottom:1px solid color-mix(in srgb,var(--rule) 35%,transparent)}td{display:inline;border:0;padding:0 10px 0 0}td:last-child{display:block}}
@media print{:root{--page:#fff;--card:#fff;--text:#1b1f24;--soft:#434a53;--line:#17365d;--rule:#6b727b;--band:#2f6da8;--mark:#b3131b}
body{padding:0;font-size:11pt}.card{border:1px solid #c4c8cd}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)";

/// Rows of one column between two rows, ascending in time.
Picture picture_of(const JudgedTable& t, std::size_t column, std::size_t first, std::size_t last) {
  std::vector<std::size_t> rows(last - first + 1);
  std::iota(rows.begin(), rows.end(), first);
  std::ranges::stable_sort(rows, {}, [&](std::size_t r) { return t.table.time[r]; });
  Picture p;
  p.period = t.period;
  p.counter = t.words.kind != TimeWords::Kind::calendar;
  const auto& values = t.table.columns[column].values;
  const engine::OfflineBand* band = column < t.result.bands.size() ? &t.result.bands[column] : nullptr;
  for (const std::size_t r : rows) {
    p.time.push_back(t.table.time[r]);
    p.values.push_back(values[r]);
    if (!band || band->low.size() != values.size()) continue;
    p.low.push_back(band->low[r]);
    p.high.push_back(band->high[r]);
  }
  return p;
}

/// The row of an anomaly at which its value was the one that is told.
std::size_t peak_row(const JudgedTable& t, const engine::OfflineAnomaly& a) {
  const auto& values = t.table.columns[a.column].values;
  for (std::size_t r = a.first_row; r <= a.last_row; ++r)
    if (values[r] == a.value) return r;
  return a.first_row;
}

void mark(Picture& p, const JudgedTable& t, std::size_t column) {
  for (const auto& a : t.result.anomalies) {
    if (a.column != column || a.to < p.time.front() || a.from > p.time.back()) continue;
    p.anomalies.push_back({a.from, a.to, a.value, t.table.time[peak_row(t, a)]});
  }
}

/// Readings that left the expected range while an anomaly lasted.
void mark_outside(Picture& p) {
  if (p.low.size() != p.values.size()) return;
  for (std::size_t k = 0; k < p.values.size(); ++k) {
    const bool outside = p.values[k] < p.low[k] || p.values[k] > p.high[k];
    const auto during = [&](const Picture::Period& a) { return a.from <= p.time[k] && p.time[k] <= a.to; };
    p.bad.push_back(outside && std::ranges::any_of(p.anomalies, during));
  }
}

std::string signal_name(const JudgedTable& t, std::size_t column) {
  const auto& c = t.table.columns[column];
  return c.unit.empty() ? c.name : c.name + " [" + c.unit + "]";
}

std::string overview_picture(const JudgedTable& t, std::size_t column) {
  Picture p = picture_of(t, column, 0, t.table.time.size() - 1);
  mark(p, t, column);
  p.height = 170;
  const auto n = p.anomalies.size();
  p.description = signal_name(t, column) + " over the whole file, " + counted(n, "anomaly", "anomalies");
  return "<figure class=card><h3>" + html(signal_name(t, column)) + "</h3>" + svg(p) + "<figcaption>" + counted(n, "anomaly", "anomalies") +
         "</figcaption></figure>\n";
}

/// Context: twice its length on each side, at least 60 rows.
std::string anomaly_picture(const JudgedTable& t, const engine::OfflineAnomaly& a, std::size_t number, const std::string& id) {
  const std::size_t length = a.last_row - a.first_row + 1, context = std::max<std::size_t>(60, std::min<std::size_t>(2 * length, 20'000));
  const std::size_t first = a.first_row > context ? a.first_row - context : 0;
  const std::size_t last = std::min(a.last_row + context, t.table.time.size() - 1);
  Picture p = picture_of(t, a.column, first, last);
  mark(p, t, a.column);
  mark_outside(p);
  p.description = a.cause;
  return "<figure class=card id=" + id + std::to_string(number) + "><h3>" + std::to_string(number) + ". " + html(signal_name(t, a.column)) +
         ", " + html(t.words.full(a.from)) + "</h3>" + svg(p) + "<figcaption>" + html(a.cause) + ". Lasted " + html(duration_words(t, a)) +
         (a.open ? ", not over at the end of the file" : "") + ".</figcaption></figure>\n";
}

std::string facts(const JudgedTable& t) {
  const auto row = [](std::string_view term, const std::string& text) {
    return "<dt>" + std::string(term) + "</dt><dd>" + html(text) + "</dd>";
  };
  std::string judged, not_judged, noted;
  for (const auto& c : t.judged_columns()) judged += (judged.empty() ? "" : ", ") + c;
  for (const auto& l : t.left_out) not_judged += (not_judged.empty() ? "" : ", ") + l.column + " (" + l.why + ")";
  for (const auto& n : t.notes) noted += (noted.empty() ? "" : "; ") + n;
  std::string out = "<dl>";
  if (!t.table.time.empty()) {
    const auto [from, to] = std::ranges::minmax(t.table.time);
    out += row("Rows", grouped(t.table.time.size()) + (t.period.count() > 0 ? ", " + t.words.length(t.period) + " apart" : ""));
    out += row("Period", t.words.full(from) + " to " + t.words.until(from, to));
  }
  out += row("Judged", judged.empty() ? "nothing" : judged);
  if (!not_judged.empty()) out += row("Not judged", not_judged);
  if (!t.baseline.empty()) out += row("Baseline", t.baseline);
  out += row("Anomalies", grouped(t.result.anomalies.size()) + " (" + fixed(t.result.expected_by_chance, 1) +
                              " expected by chance; a rolling 3-sigma rule would flag " +
                              counted(t.result.rolling_3_sigma_rows, "row", "rows") + ")");
  if (!noted.empty()) out += row("Noted", noted);
  return out + "</dl>\n";
}

std::string list_of_anomalies(const JudgedTable& t, const std::string& id) {
  if (t.result.anomalies.empty()) return "<p>Nothing abnormal was found.</p>\n";
  std::string out = "<div class=wide><table><thead><tr><th>No.<th>Began<th>Lasted<th>Signal<th>Cause</tr></thead><tbody>\n";
  for (std::size_t k = 0; k < std::min(t.result.anomalies.size(), max_listed); ++k) {
    const auto& a = t.result.anomalies[k];
    const std::string number = std::to_string(k + 1);
    const std::string linked = k < max_pictures ? "<a href=\"#" + id + number + "\">" + number + "</a>" : number;
    out += "<tr><td class=n>" + linked + "<td class=n>" + html(t.words.full(a.from)) + "<td class=n>" + html(duration_words(t, a)) +
           (a.open ? ", open" : "") + "<td>" + html(t.table.columns[a.column].name) + "<td>" + html(a.cause) + "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (t.result.anomalies.size() > max_listed)
    out += "<p class=soft>The first " + grouped(max_listed) + " of " + grouped(t.result.anomalies.size()) +
           ". All: telltale detect --json or --out.</p>\n";
  return out;
}

std::string section(const JudgedTable& t, std::size_t index, bool alone) {
  const std::string id = "t" + std::to_string(index) + "-";
  std::string out = alone ? "" : "<h2>" + html(t.name) + "</h2>\n";
  out += "<div class=card>" + facts(t) + "</div>\n<div class=card>" + list_of_anomalies(t, id) + "</div>\n";
  const auto& anomalies = t.result.anomalies;
  if (!anomalies.empty()) {
    out += "<h2>" + std::string(alone ? "" : html(t.name) + ": ") + "anomalies in pictures</h2>\n";
    out +=
        "<p class=soft><span class=\"key l\"></span>measured<span class=\"key b\"></span>expected range<span class=\"key "
        "m\"></span>anomaly</p>\n";
    for (std::size_t k = 0; k < std::min(anomalies.size(), max_pictures); ++k) out += anomaly_picture(t, anomalies[k], k + 1, id);
    if (anomalies.size() > max_pictures)
      out += "<p class=soft>Pictures of the first " + std::to_string(max_pictures) + "; the list above names the others.</p>\n";
  }
  if (t.table.time.empty() || t.table.columns.empty()) return out;
  out += "<h2>" + std::string(alone ? "" : html(t.name) + ": ") + "every signal, whole file</h2>\n";
  for (std::size_t c = 0; c < t.table.columns.size(); ++c) out += overview_picture(t, c);
  return out;
}

}  // namespace

std::string report_page(std::span<const JudgedTable> tables) {
  std::size_t n = 0;
  for (const auto& t : tables) n += t.result.anomalies.size();
  const std::string what = tables.size() == 1 ? tables[0].name : counted(tables.size(), "table", "tables");
  const std::string title = what + ": " + counted(n, "anomaly", "anomalies");
  std::string out =
      "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width,initial-scale=1\">\n<title>" +
      html(title) + "</title>\n<style>" + std::string(style) + "</style></head>\n<body><main>\n<h1>" + html(title) +
      "</h1>\n<p class=soft>Telltale " + std::string(release()) + ", " + to_date_clock(Clock::system().now()) +
      " UTC. Times are UTC unless a file counts seconds or rows.</p>\n";
  for (std::size_t k = 0; k < tables.size(); ++k) out += section(tables[k], k, tables.size() == 1);
  return out + "</main></body></html>\n";
}

}  // namespace telltale::cli
