// `telltale detect`: anomalies with causes in recorded history, without any configuration.
#include <filesystem>

#include "cli/command.h"
#include "cli/detect_rows.h"
#include "cli/detect_text.h"
#include "cli/report.h"
#include "cli/site_words.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

Result<JudgeOptions> options_of(const Call& call) {
  JudgeOptions options;
  options.reading.ignore = call.texts("--ignore");
  options.reading.time_column = call.text("--time-col");
  options.reading.time_format = call.text("--time-format");
  options.reading.asset_column = call.text("--asset-col");
  options.reading.zone = call.text("--zone");
  options.asset = call.text("--asset");
  options.baseline = call.text("--baseline");
  options.judging.with_bands = call.has("--report");
  const std::string mode = call.text("--mode", "default");
  if (mode != "classic" && mode != "default") return failed(ErrorKind::config, "--mode takes classic or default, not '" + mode + "'");
  options.judging.classic = mode == "classic";
  options.judging.window = call.count("--window", 30);
  if (call.has("--window") && !options.judging.classic)
    return failed(ErrorKind::config, "--window belongs to --mode classic", "the default finds its own limits");
  if (call.has("--baseline") && options.judging.classic)
    return failed(ErrorKind::config, "--baseline has no meaning with --mode classic", "the classic rule knows only the rows before");
  if (options.judging.window < 10)
    return failed(ErrorKind::config, "--window is at least 10 rows, not " + std::to_string(options.judging.window));
  if (call.has("--when")) {
    auto when = Condition::parse(call.text("--when"));
    if (!when) return std::unexpected(when.error());
    options.when = std::move(*when);
  }
  return options;
}

/// One call of detect: its options, its places, what it has found so far.
class Detection {
 public:
  Detection(Call& call, JudgeOptions options, std::vector<std::string> names)
      : call_(call), options_(std::move(options)), names_(std::move(names)) {}

  int run() {
    for (std::size_t k = 0; k < call_.words.size(); ++k) {
      const int of_this = one(k);
      if (exit_ == status::ok) exit_ = of_this;
    }
    if (judged_ > 0 && call_.has("--report")) write_report();
    close();
    if (exit_ == status::ok && anomalies_ > 0 && call_.has("--fail-on-findings")) return status::findings;
    return exit_;
  }

 private:
  int one(std::size_t k) {
    const std::string& path = call_.words[k];
    Progress progress(call_.console, "judging " + path, "rows");
    options_.progress = [&](std::size_t done, std::size_t rows) {
      progress.expect(rows);
      progress.at(done);
    };
    auto file = judge_file(path, options_);
    if (!file) return fail(path, file.error());
    ++judged_;
    anomalies_ += file->n_anomalies();
    if (call_.has("--out"))
      if (auto written = write_rows(*file, call_.text("--out"), names_[k]); !written) return fail(path, written.error());
    if (call_.console.json)
      call_.console.line(json_of(*file).add("status", "ok").text());
    else if (!call_.console.quiet)
      print(*file);
    if (call_.has("--report"))
      for (auto& t : file->tables) reported_.push_back(std::move(t));
    return status::ok;
  }

  void print(const JudgedFile& file) {
    if (judged_ > 1) call_.console.line("");
    print_file(call_.console, file, call_.has("--all"));
  }

  int fail(const std::string& path, const Error& error) {
    const int status = error.kind == ErrorKind::closed   ? status::not_found
                       : error.kind == ErrorKind::config ? status::failure
                                                         : status_of(error.kind);
    call_.console.flush();
    call_.console.error("telltale detect: " + error.message);
    if (!error.hint.empty()) call_.console.error("  " + error.hint);
    if (call_.console.json)
      call_.console.line(Json()
                             .add("file", path)
                             .add("status", "failed")
                             .add("exit", status)
                             .add("message", error.message)
                             .add("hint", error.hint)
                             .text());
    return status;
  }

  void write_report() {
    const std::string path = call_.text("--report");
    if (auto written = write_whole(path, report_page(reported_)); !written) {
      const int status = fail(path, written.error());
      if (exit_ == status::ok) exit_ = status;
    }
  }

  /// The last line: what else can be done with the same files.
  void close() {
    const Console& console = call_.console;
    if (console.json) {
      console.line(Json()
                       .add("status", exit_ == status::ok ? "ok" : "failed")
                       .add("exit", exit_)
                       .add("files", call_.words.size())
                       .add("judged", judged_)
                       .add("anomalies", anomalies_)
                       .text());
      return;
    }
    if (judged_ == 0 || console.quiet) return;
    if (call_.words.size() > 1)
      console.line("\n" + counted(call_.words.size(), "file", "files") + ", " + counted(anomalies_, "anomaly", "anomalies"));
    std::string hints;
    if (!call_.has("--report")) hints += "Picture: --report F.html   ";
    if (!call_.has("--out")) hints += "Rows: --out DIR   ";
    console.line(console.painted(Paint::dim, hints + "Live: telltale init " + call_.words[0]));
    if (call_.has("--report")) console.line("Report: " + call_.text("--report"));
    if (call_.has("--out")) console.line("Rows: " + call_.text("--out"));
  }

  Call& call_;
  JudgeOptions options_;
  const std::vector<std::string> names_;  // below --out, one per file
  std::vector<JudgedTable> reported_;
  std::size_t judged_ = 0, anomalies_ = 0;
  int exit_ = status::ok;
};

int run_detect(Call& call) {
  auto options = options_of(call);
  if (!options) return call.fail(status::usage, options.error().message, options.error().hint);
  if (call.has("--site")) {
    int exit = status::ok;
    options->judging.site = site_of(call, call.text("--site"), exit);
    if (!options->judging.site) return exit;
  }
  std::error_code none;
  for (const std::string& path : call.words)
    if (call.has("--report") && std::filesystem::equivalent(call.text("--report"), path, none))
      return call.fail(status::usage, "--report: '" + path + "' is an input", "choose another name: an input is never overwritten");
  std::vector<std::string> names;
  if (call.has("--out")) {
    auto below = names_below(call.words);
    if (!below) return call.fail(status::usage, below.error().message, below.error().hint);
    names = std::move(*below);
  }
  return Detection(call, std::move(*options), std::move(names)).run();
}

}  // namespace

Command detect() {
  return {
      .word = "detect",
      .about = "Finds anomalies in recorded history, with causes, without configuration",
      .examples = {"telltale detect pump.csv", "telltale detect pump.csv --report pump.html",
                   "telltale detect january/*.csv.xz --baseline december.csv --out verdicts",
                   "telltale detect pump.csv --when 'motor current > 1' --ignore batch"},
      .arguments = "FILE...",
      .least_words = 1,
      .most_words = 100'000,
      .options =
          {
              {"--baseline", "ROWS|FROM..TO|FILE", "what normal looks like: the first rows, a span of time, or another file",
               OptionKind::text},
              {"--when", "'COL > 1'", "judge only rows for which this holds (> >= < <= = !=, and, or)", OptionKind::text},
              {"--ignore", "COL,..", "columns that are not to be judged", OptionKind::texts},
              {"--time-col", "COL", "the column that holds the time", OptionKind::text},
              {"--time-format", "FORMAT", "dmy, mdy, ymd, s, ms, us, ns, counter, or a pattern such as '%d.%m.%Y %H:%M:%S'",
               OptionKind::text},
              {"--zone", "ZONE", "the zone of times that say none: +02:00, Europe/Berlin; else UTC", OptionKind::text},
              {"--site", "SITE.yaml", "judge by this site's limits and detectors", OptionKind::text},
              {"--asset", "NAME", "which asset of the site the rows are", OptionKind::text},
              {"--asset-col", "COL", "the column that names the asset of each row", OptionKind::text},
              {"--report", "F.html", "one page with pictures, to look at and to mail", OptionKind::text},
              {"--out", "DIR", "for each file its rows with time, score (from 0.5: abnormal) and event (1: an anomaly begins)",
               OptionKind::text},
              {"--all", {}, "list every anomaly, not only the first 20 of a file"},
              {"--fail-on-findings", {}, "end with status 4 when there is an anomaly"},
              {"--mode", "classic", "the plain rolling rule |x - mean| > 3 deviations, to compare with", OptionKind::text},
              {"--window", "N", "rows of the classic rule (30)", OptionKind::count},
          },
      .notes =
          "Files are CSV in any usual dress: , ; tab or | between the cells, decimal comma, lines before the header, units as `flow "
          "[l/min]`,\n"
          "UTF-8 or UTF-16, wide or long (time, signal, value), plain or packed as .xz, .zst, .gz; - is standard input.\n"
          "Exit status: 0 also with anomalies, 1 a file could not be judged, 3 no such file, 4 anomalies with --fail-on-findings.\n",
      .run = run_detect,
  };
}

}  // namespace telltale::cli
