// CSV: a recorded history as a live feed. Resumable: a restart goes on with the row after the last one that is on disk, under the same keys.

#include <cstdio>
#include <filesystem>
#include <limits>

#include "core/log.h"
#include "decoders/input_file.h"
#include "decoders/table_rows.h"
#include "sources/pace.h"
#include "sources/source.h"

namespace telltale::sources {
namespace {
constexpr std::size_t readings_per_batch = 2000;

/// FNV-1a over the whole content: a replay goes on only in the file in which it began.
std::uint64_t fingerprint(std::string_view bytes) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (unsigned char c : bytes) h = (h ^ c) * 0x100000001b3u;
  return h;
}

/// Where a replay stands. `shift` is fixed when it begins, so that a row gets the same time however often the engine restarts.
struct Progress {
  std::uint64_t file = 0;  // fingerprint
  Time start{};            // when the first row was shown
  Nanoseconds shift{0};    // event time = time in the file + shift
  std::size_t next = 0;    // row

  static std::optional<Progress> parse(const Position& text) {
    unsigned long long file = 0, next = 0;
    long long start = 0, shift = 0;
    if (std::sscanf(text.c_str(), "1 %llx %lld %lld %llu", &file, &start, &shift, &next) != 4) return std::nullopt;
    return Progress{file, time_from_ns(start), Nanoseconds{shift}, next};
  }
  Position text() const {
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(file));
    return "1 " + std::string(hex) + " " + std::to_string(ns_of(start)) + " " + std::to_string(shift.count()) + " " + std::to_string(next);
  }
};

struct CsvOptions {
  std::string file, asset;
  double speed = 1;  // 0: as fast as the engine takes it
  bool shift_to_now = true;
  decoders::TableOptions table;
};

class Csv final : public Source {
 public:
  Csv(CsvOptions options, decoders::Mapping mapping, SourceContext context)
      : options_(std::move(options)), mapping_(std::move(mapping)), context_(std::move(context)), pace_(context_.clock) {}

  Result<void> open(const Position& from, std::stop_token stop) override {
    pace_.begin(std::move(stop));
    if (auto loaded = load(); !loaded) return loaded;
    if (from.empty()) return begin();
    const auto saved = Progress::parse(from);
    if (!saved)
      return failed(ErrorKind::config, "the saved position '" + from + "' is none of a CSV replay",
                    "give the source another name to begin anew");
    if (saved->file != progress_.file || saved->next > table_.rows())
      return failed(ErrorKind::config,
                    options_.file + " is not the file in which the replay began (row " + std::to_string(saved->next) + " was next)",
                    "put that file back, or give the source another name to begin anew");
    progress_ = *saved;
    plan();
    return {};
  }

  Result<void> read(Batch& batch, Deadline until) override {
    if (progress_.next == table_.rows()) return failed(ErrorKind::closed, options_.file + " has been read to its end");
    if (!pace_.wait(due_[progress_.next], until)) return {};
    const Time now = pace_.now();
    batch.arrival = now;
    for (; batch.n_items < readings_per_batch && progress_.next < table_.rows() && due_[progress_.next] <= now; ++progress_.next)
      rows_->add(progress_.next, table_.time[progress_.next] + progress_.shift, rows_->marks(), batch);
    batch.position = progress_.text();
    return {};
  }

  Result<void> settle(BatchId, std::span<const Verdict>) override { return {}; }
  std::size_t max_unsettled() const override { return 4; }

 private:
  Result<void> load() {
    if (rows_) return {};
    auto bytes = decoders::read_input(options_.file);
    if (!bytes) return failed(ErrorKind::config, bytes.error().message, bytes.error().hint);
    progress_.file = fingerprint(*bytes);
    auto table = decoders::read_table(std::move(*bytes), options_.table);
    if (!table) return failed(ErrorKind::config, options_.file + ": " + table.error().message, table.error().hint);
    table_ = std::move(*table);
    for (const decoders::TableNote& note : table_.notes)
      log(LogLevel::info, "source", context_.name, "odd in the file", {{"line", std::to_string(note.line)}, {"what", note.text}});
    rows_ =
        std::make_unique<decoders::TableRows>(table_, mapping_, context_.plant, context_.names, decoders::DecoderLimits{}, options_.asset);
    return {};
  }

  Result<void> begin() {
    const bool calendar = table_.clock.kind == decoders::ClockKind::calendar || table_.clock.kind == decoders::ClockKind::epoch;
    if (!options_.shift_to_now && !calendar)
      return failed(ErrorKind::config, options_.file + " has no dates, so its original times are none",
                    "set shift: now, or name the time column");
    progress_.start = std::chrono::floor<std::chrono::milliseconds>(pace_.now());
    progress_.next = 0;
    plan();
    if (options_.shift_to_now && !due_.empty()) progress_.shift = shift_to_now();
    return {};
  }

  /// When each row is shown: at the pace of its time in the file; a step back there waits for nothing.
  void plan() {
    due_.assign(table_.rows(), progress_.start);
    if (options_.speed == 0 || due_.empty()) return;
    Time latest = table_.time.front();
    for (std::size_t row = 0; row < due_.size(); ++row) {
      latest = std::max(latest, table_.time[row]);
      due_[row] = progress_.start + at_speed(latest - table_.time.front());
    }
  }
  Nanoseconds at_speed(Nanoseconds d) const {
    return Nanoseconds{static_cast<std::int64_t>(static_cast<double>(d.count()) / options_.speed)};
  }

  /// One shift for all rows: the largest with which none is shown before its own time. At speed 1 the first row is now; faster, the
  /// last row is at its own time when it is shown.
  Nanoseconds shift_to_now() const {
    Nanoseconds shift = Nanoseconds::max();
    for (std::size_t row = 0; row < due_.size(); ++row)
      if (table_.usable[row]) shift = std::min(shift, due_[row] - table_.time[row]);
    return shift == Nanoseconds::max() ? Nanoseconds{0} : shift;
  }

  const CsvOptions options_;
  const decoders::Mapping mapping_;
  const SourceContext context_;
  Pace pace_;
  decoders::Table table_;
  std::unique_ptr<decoders::TableRows> rows_;
  std::vector<Time> due_;  // [rows]
  Progress progress_;
};

/// A history is one machine's unless a column says otherwise: the mapping's, else the one that the file is named after.
std::string asset_of(const std::string& file, const decoders::Mapping& mapping) {
  for (const std::string& place : mapping.asset)
    if (place.starts_with('=')) return place.substr(1);
  return std::filesystem::path(decoders::without_packing(file)).stem().string();
}

Result<std::unique_ptr<Source>> make(const Settings& s, SourceContext context) {
  CsvOptions options{.file = s.text("file"), .speed = s.number("speed"), .shift_to_now = s.text("shift") == "now"};
  const auto text = [&](std::string_view name) { return s.has(name) ? s.text(name) : std::string(); };
  options.table = {
      .time_column = text("time_column"), .time_format = text("time_format"), .zone = context.zone, .ignore = s.texts("ignore")};
  auto mapping = context.find_mapping();
  if (!mapping) return std::unexpected(mapping.error());
  options.asset = s.has("asset") ? s.text("asset") : asset_of(options.file, *mapping);
  return std::make_unique<Csv>(std::move(options), std::move(*mapping), std::move(context));
}
}  // namespace

SourcePart csv() {
  return {
      .name = "csv",
      .about = "Replays a recorded CSV history as a live feed, resumable to the row.",
      .fields =
          {
              Field::required_text("file", "the table: .csv, also packed as .xz, .zst or .gz; wide or long, any separator"),
              Field::optional_text("asset", "whose history it is, where no column says so (default: the file's name)"),
              Field("speed", 1.0, "", "1: as recorded; 60: an hour in a minute; 0: as fast as the engine takes it").between(0, 1e9),
              Field::choice("shift", {"now", "none"}, "now",
                            "now: times are moved so that the history seems to happen now; none: as recorded"),
              Field::optional_text("time_column", "its name, where it is not found by itself"),
              Field::optional_text("time_format", "dmy, mdy, ymd, s, ms, us, ns, counter or a pattern such as %d.%m.%Y %H:%M:%S"),
              Field::texts("ignore", "columns that are no signals"),
          },
      .make = make,
  };
}

}  // namespace telltale::sources
