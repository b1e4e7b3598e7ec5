// CSV: a recorded history as a live feed. Resumable: a restart goes on with the row after the last one that is on disk, under the same keys.

#include <filesystem>
#include <optional>

#include "core/log.h"
#include "decoders/input_file.h"
#include "decoders/table_rows.h"
#include "sources/pace.h"
#include "sources/replay.h"
#include "sources/source.h"

namespace telltale::sources {
namespace {
constexpr std::size_t readings_per_batch = 2000;

struct CsvOptions {
  std::string file, asset;
  decoders::TableOptions table;
  ReplayOptions replay;
};

class Csv final : public Source {
 public:
  Csv(CsvOptions options, decoders::Mapping mapping, SourceContext context)
      : options_(std::move(options)), mapping_(std::move(mapping)), context_(std::move(context)), pace_(context_.clock) {}

  Result<void> open(const Position& from, std::stop_token stop) override {
    pace_.begin(std::move(stop));
    if (auto loaded = load(); !loaded) return loaded;
    if (!from.empty()) return replay_->go_on(from);
    replay_->begin(pace_.now());
    return {};
  }

  Result<void> read(Batch& batch, Deadline until) override {
    if (replay_->at_end()) return failed(ErrorKind::closed, options_.file + " has been read to its end");
    if (!pace_.wait(replay_->due(), until)) return {};
    const Time now = pace_.now();
    batch.arrival = now;
    for (; batch.n_items < readings_per_batch && !replay_->at_end() && replay_->due() <= now; replay_->next())
      rows_->add(replay_->row(), replay_->event_time(), rows_->marks(), batch);
    batch.position = replay_->position().text();
    return {};
  }

  Result<void> settle(BatchId, std::span<const Verdict>) override { return {}; }
  std::size_t max_unsettled() const override { return 4; }

 private:
  Result<void> load() {
    if (replay_) return {};
    auto replay = Replay::read(options_.file, options_.table, options_.replay);
    if (!replay) return failed(ErrorKind::config, replay.error().message, replay.error().hint);  // also when the file is not there
    replay_ = std::move(*replay);
    for (const decoders::TableNote& note : replay_->table().notes)
      log(LogLevel::info, "source", context_.name, "odd in the file", {{"line", std::to_string(note.line)}, {"what", note.text}});
    rows_.emplace(replay_->table(), mapping_, context_.plant, context_.names, decoders::DecoderLimits{.new_signals_at_any_rate = true},
                  options_.asset);
    return {};
  }

  const CsvOptions options_;
  const decoders::Mapping mapping_;
  const SourceContext context_;
  Pace pace_;
  std::optional<Replay> replay_;
  std::optional<decoders::TableRows> rows_;
};

/// A history is one machine's unless a column says otherwise: the mapping's, else the one that the file is named after.
std::string asset_of(const std::string& file, const decoders::Mapping& mapping) {
  for (const std::string& place : mapping.asset)
    if (place.starts_with('=')) return place.substr(1);
  return std::filesystem::path(decoders::without_packing(file)).stem().string();
}

Result<std::unique_ptr<Source>> make(const Settings& s, SourceContext context) {
  CsvOptions options{.file = s.text("file"), .replay = {.speed = s.number("speed"), .shift_to_now = s.text("shift") == "now"}};
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
      .ends = true,
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
