// `telltale export`: recorded history as CSV or JSON lines, every reading, however many there are.
#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/each_reading.h"
#include "cli/json_writer.h"
#include "cli/site_words.h"
#include "cli/window.h"
#include "cli/words_for_people.h"
#include "core/settings.h"
#include "core/wildcard.h"

namespace telltale::cli {
namespace {

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv(const std::string& asset, const std::string& signal, const stores::HistoryPoint& p) {
  return to_rfc3339(p.time) + "," + csv_cell(asset) + "," + csv_cell(signal) + "," + exact(p.value) + "," + csv_cell(to_text(p.quality)) +
         (p.anomaly ? ",1" : ",0");
}

Json json(const std::string& asset, const std::string& signal, const stores::HistoryPoint& p) {
  return Json()
      .add("time", to_rfc3339(p.time))
      .add("asset", asset)
      .add("signal", signal)
      .add("value", p.value)
      .add("quality", to_text(p.quality))
      .add("anomaly", p.anomaly);
}

class Export {
 public:
  Export(const Call& call, const stores::Reader& reader, bool as_json) : call_(call), reader_(reader), as_json_(as_json) {}

  Result<void> signal(const std::string& asset, const std::string& signal, const stores::Window& window) {
    const auto n = each_reading(reader_, asset, signal, window, [&](const stores::HistoryPoint& p) -> Result<void> {
      call_.console.line(as_json_ ? json(asset, signal, p).text() : csv(asset, signal, p));
      if (!call_.console.wrote_all()) return failed(ErrorKind::storage, "the output could not be written", "is the disk full?");
      return {};
    });
    rows_ += n.value_or(0);
    return n ? Result<void>{} : std::unexpected(n.error());
  }
  std::size_t rows() const { return rows_; }

 private:
  const Call& call_;
  const stores::Reader& reader_;
  const bool as_json_;
  std::size_t rows_ = 0;
};

bool wanted(const std::vector<std::string>& patterns, std::string_view name) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& p) { return wildcard_match(p, name); });
}

int run_export(Call& call) {
  const std::string format = call.console.json ? "json" : call.text("--format", "csv");
  if (format != "csv" && format != "json") return call.fail(status::usage, "--format takes csv or json, not '" + format + "'");
  const auto window = window_of(call);
  if (!window) return call.fail(status::usage, window.error().message, window.error().hint);
  int exit = status::ok;
  const auto directory = data_directory_of(call, 0, exit);
  if (!directory) return exit;
  const auto reader = stores::open_local_read_only(*directory);
  if (!reader) return call.fail(reader.error());
  const auto signals = (*reader)->signals();
  if (!signals) return call.fail(signals.error());
  const auto assets = call.texts("--asset"), names = call.texts("--signal");
  Export rows(call, **reader, format == "json");
  if (format == "csv") call.console.line("time,asset,signal,value,quality,anomaly");
  std::size_t n = 0;
  Progress progress(call.console, "exporting " + *directory, "signals", signals->size());
  for (const auto& [asset, signal] : *signals) {
    progress.at(n++);
    if (!wanted(assets, asset) || !wanted(names, signal)) continue;
    if (auto done = rows.signal(asset, signal, *window); !done) return call.fail(done.error());
  }
  if (call.console.json) call.console.line(Json().add("status", "ok").add("readings", rows.rows()).text());
  if (rows.rows() == 0) call.console.say("no readings in that window");
  return status::ok;
}

}  // namespace

Command export_history() {
  return {
      .word = "export",
      .about = "Writes recorded history as CSV or JSON lines, every reading",
      .examples = {"telltale export > history.csv", "telltale export --asset COMP-001 --last 24h --format json > day.jsonl",
                   "telltale export site.yaml --signal 'temp*' --from 2026-01-01 --to 2026-02-01 | gzip > january.csv.gz"},
      .arguments = "[SITE.yaml]",
      .least_words = 0,
      .most_words = 1,
      .options = with_site_options(with_window({{"--asset", "NAME", "of these assets only; * stands for anything", OptionKind::texts},
                                                {"--signal", "NAME", "these signals only; * stands for anything", OptionKind::texts},
                                                {"--format", "FORMAT", "csv or json (lines)", OptionKind::text},
                                                data_option()})),
      .notes =
          "It reads the data directory without writing, also beside a running engine. Values have every digit that they need,\n"
          "times are UTC to the nanosecond, signal by signal, oldest first.\n",
      .run = run_export,
  };
}

}  // namespace telltale::cli
