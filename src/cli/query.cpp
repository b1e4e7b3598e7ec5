// `telltale query`: recorded history as a table, CSV or JSON lines, from a data directory or a running engine.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/history_rows.h"
#include "cli/json_writer.h"
#include "cli/window.h"
#include "cli/words_for_people.h"
#include "core/settings.h"

namespace telltale::cli {
namespace {

Result<std::unique_ptr<History>> open_history(const Call& call) {
  const std::string directory = call.text("--data", "telltale-data");
  std::error_code ignored;
  const bool named = call.has("--data");
  if (!named && (call.has("--url") || !std::filesystem::is_directory(directory, ignored))) return history_of_engine(url_of(call));
  auto reader = stores::open_local_read_only(directory);
  if (!reader) return std::unexpected(reader.error());
  return history_in_directory(std::move(*reader));
}

int list_signals(const Call& call, const History& history) {
  const auto signals = history.signals();
  if (!signals) return call.fail(signals.error());
  if (!call.console.json && signals->empty()) call.console.line("No history yet.");
  std::string asset;
  for (const auto& s : *signals) {
    if (call.console.json) {
      Json row = Json().add("asset", s.asset).add("signal", s.signal).add("unit", s.unit).add("readings", s.count);
      call.console.line(row.raw("newest", s.newest ? json_string(to_rfc3339(*s.newest)) : "null").text());
      continue;
    }
    if (asset != s.asset) call.console.line(call.console.painted(Paint::bold, asset = s.asset));
    std::string name = s.unit.empty() ? s.signal : s.signal + " [" + s.unit + "]";
    if (name.size() < 34) name.resize(34, ' ');
    call.console.line("  " + name + "  " + counted(s.count, "reading", "readings") +
                      (s.newest ? ", newest " + to_date_clock(*s.newest) + " UTC" : ""));
  }
  if (call.console.json) call.console.line(Json().add("status", "ok").add("signals", signals->size()).text());
  return status::ok;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// One way of writing rows. `thinned`: rows stand for several readings, so their extremes are shown too.
class Writer {
 public:
  Writer(const Console& console, std::string format, bool thinned) : console_(console), format_(std::move(format)), thinned_(thinned) {}

  void head() const {
    if (format_ == "csv")
      console_.line(thinned_ ? "time,asset,signal,first,min,max,last,count,quality" : "time,asset,signal,value,quality");
    if (format_ == "table")
      console_.line(console_.painted(Paint::bold, thinned_ ? "time                      first        min        max       last  count"
                                                           : "time                      value"));
  }

  void row(const HistoryRow& r) const {
    if (format_ == "json")
      console_.line(json(r).text());
    else
      console_.line(format_ == "csv" ? csv(r) : table(r));
  }

 private:
  Json json(const HistoryRow& r) const {
    Json out = Json().add("time", to_rfc3339(r.time)).add("asset", r.asset).add("signal", r.signal);
    if (thinned_)
      out.add("first", r.value).add("min", r.min).add("max", r.max).add("last", r.last).add("count", r.count);
    else
      out.add("value", r.value);
    out.add("quality", to_text(r.quality));
    if (r.anomaly) out.add("anomaly", true);
    return out;
  }
  std::string csv(const HistoryRow& r) const {
    const std::string begin = to_rfc3339(r.time) + "," + csv_cell(r.asset) + "," + csv_cell(r.signal) + ",";
    const std::string values =
        thinned_ ? exact(r.value) + "," + exact(r.min) + "," + exact(r.max) + "," + exact(r.last) + "," + std::to_string(r.count)
                 : exact(r.value);
    return begin + values + "," + csv_cell(to_text(r.quality));
  }
  std::string table(const HistoryRow& r) const {
    const auto column = [](const std::string& text, std::size_t width) {
      return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
    };
    std::string time = to_rfc3339(r.time), line;
    if (time.size() < 20) time.resize(20, ' ');
    for (const double v : thinned_ ? std::vector{r.value, r.min, r.max, r.last} : std::vector{r.value}) line += column(rounded(v, 6), 11);
    if (thinned_) line += column(grouped(r.count), 7);
    if (!r.quality.good()) line += "  " + to_text(r.quality);
    return time + line + (r.anomaly ? "  " + console_.painted(Paint::warning, "anomaly") : "");
  }
  const Console& console_;
  const std::string format_;
  const bool thinned_;
};

/// The signals of `asset` that were asked for, or all of them.
Result<std::vector<std::string>> wanted_signals(const Call& call, const History& history, const std::string& asset) {
  const auto known = history.signals();
  if (!known) return std::unexpected(known.error());
  std::vector<std::string> all;
  std::vector<std::string_view> assets;
  for (const auto& s : *known) {
    if (s.asset == asset) all.push_back(s.signal);
    assets.push_back(s.asset);
  }
  const auto hint = [](std::string_view near) {
    return near.empty() ? "telltale query lists what there is" : "did you mean '" + std::string(near) + "'?";
  };
  if (all.empty()) return failed(ErrorKind::closed, "there is no history of an asset '" + asset + "'", hint(did_you_mean(asset, assets)));
  const std::vector<std::string> named(call.words.begin() + 1, call.words.end());
  for (const std::string& signal : named)
    if (!std::ranges::contains(all, signal))
      return failed(ErrorKind::closed, "'" + asset + "' has no history of '" + signal + "'",
                    hint(did_you_mean(signal, {all.begin(), all.end()})));
  return named.empty() ? all : named;
}

int status_for(const Error& error) { return error.kind == ErrorKind::closed ? status::not_found : status_of(error.kind); }

int run_query(Call& call) {
  const std::string format = call.console.json ? "json" : call.text("--format", call.console.out_is_terminal() ? "table" : "csv");
  if (format != "table" && format != "csv" && format != "json")
    return call.fail(status::usage, "--format takes table, csv or json, not '" + format + "'");
  const auto window = window_of(call);
  if (!window) return call.fail(status::usage, window.error().message, window.error().hint);
  const auto history = open_history(call);
  if (!history) return call.fail(status_for(history.error()), history.error().message, history.error().hint);
  if (call.words.empty()) return list_signals(call, **history);
  const auto signals = wanted_signals(call, **history, call.words[0]);
  if (!signals) return call.fail(status_for(signals.error()), signals.error().message, signals.error().hint);
  const std::size_t limit = call.count("--limit", 1000);
  std::vector<HistoryRow> rows;
  for (const std::string& signal : *signals) {
    auto some = (*history)->rows(call.words[0], signal, *window, limit);
    if (!some) return call.fail(status_for(some.error()), some.error().message, some.error().hint);
    rows.insert(rows.end(), std::make_move_iterator(some->begin()), std::make_move_iterator(some->end()));
  }
  const bool thinned = std::ranges::any_of(rows, [](const HistoryRow& r) { return r.count > 1; });
  const Writer writer(call.console, format, thinned);
  std::string signal;
  if (format == "csv") writer.head();
  for (const HistoryRow& r : rows) {
    if (format == "table" && signal != r.signal) {
      call.console.line((signal.empty() ? "" : "\n") + r.asset + " " + r.signal);
      writer.head();
    }
    signal = r.signal;
    writer.row(r);
  }
  if (format == "json") call.console.line(Json().add("status", "ok").add("rows", rows.size()).text());
  if (rows.empty()) call.console.say("no readings in that window");
  if (thinned)
    call.console.say("thinned to at most " + grouped(limit) +
                     " rows a signal, extremes kept; every reading: a narrower --from and --to, or --data DIR");
  return status::ok;
}

}  // namespace

Command query() {
  return {
      .word = "query",
      .about = "Shows recorded history as a table, CSV or JSON lines",
      .examples = {"telltale query", "telltale query COMP-001 vibration --last 10min",
                   "telltale query COMP-001 --from 2026-01-01 --to 2026-01-02 --format csv > day.csv",
                   "telltale query P-101 flow --data /var/lib/telltale --json"},
      .arguments = "[ASSET [SIGNAL...]]",
      .least_words = 0,
      .most_words = 1000,
      .options =
          with_window({{"--limit", "N", "at most so many rows a signal, the newest (1000)", OptionKind::count},
                       {"--format", "FORMAT", "table (on a terminal), csv (else) or json (lines)", OptionKind::text},
                       {"--data", "DIR", "read this data directory, without writing; also beside a running engine", OptionKind::text},
                       url_option()}),
      .notes = "Without an asset it lists assets and signals. It reads ./telltale-data where that exists, else it asks a running engine.\n",
      .run = run_query,
  };
}

}  // namespace telltale::cli
