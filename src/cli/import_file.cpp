// One file of recorded history, batch by batch.
#include "cli/import_file.h"

#include <charconv>
#include <filesystem>

#include "core/fault.h"
#include "decoders/input_file.h"
#include "stores/crc32c.h"

namespace telltale::cli {
namespace {

constexpr std::size_t readings_per_entry = 50'000;
constexpr std::size_t entries_between_tidying = 20;  // a million readings
constexpr auto future_allowed = std::chrono::minutes(5);

/// Of the unpacked content: an import goes on only in the file in which it began.
std::uint64_t fingerprint_of(std::string_view bytes) {
  return static_cast<std::uint64_t>(stores::crc32c(bytes)) << 32 | static_cast<std::uint32_t>(bytes.size());
}

/// "FINGERPRINT ROW"; nullopt: another file's, or none.
std::optional<std::size_t> row_of(const Position& text, std::uint64_t fingerprint) {
  std::uint64_t file = 0;
  std::size_t row = 0;
  const char *const begin = text.data(), *const end = begin + text.size();
  const auto first = std::from_chars(begin, end, file, 16);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ' ' || file != fingerprint) return std::nullopt;
  if (std::from_chars(first.ptr + 1, end, row).ec != std::errc()) return std::nullopt;
  return row;
}

std::string asset_for(const std::string& path, const ImportOptions& options) {
  if (!options.asset.empty()) return options.asset;
  for (const std::string& place : options.mapping.asset)
    if (place.starts_with('=')) return place.substr(1);
  return std::filesystem::path(decoders::without_packing(path)).stem().string();
}

}  // namespace

Result<std::unique_ptr<ImportFile>> ImportFile::read(const std::string& path, const ImportOptions& options, ImportPlace& place,
                                                     const Position& from) {
  auto bytes = decoders::read_input(path);
  if (!bytes) return std::unexpected(bytes.error());
  const std::uint64_t fingerprint = fingerprint_of(*bytes);
  decoders::TableOptions table_options = options.table;
  table_options.sparse = true;
  auto table = decoders::read_table(std::move(*bytes), table_options);
  if (!table) return failed(ErrorKind::config, path + ": " + table.error().message, table.error().hint);
  if (table->clock.kind != decoders::ClockKind::calendar && table->clock.kind != decoders::ClockKind::epoch) {
    return failed(
        ErrorKind::config, path + " has no dates: its rows have no place in history",
        "name the column of times (--time-col, --time-format); `telltale replay --shift-to-now` plays such a file as if it happened now");
  }
  std::unique_ptr<ImportFile> file(new ImportFile(path, fingerprint, std::move(*table), options, place));
  file->row_ = std::min(row_of(from, fingerprint).value_or(0), file->rows());
  return file;
}

ImportFile::ImportFile(std::string path, std::uint64_t fingerprint, decoders::Table table, const ImportOptions& options, ImportPlace& place)
    : path_(std::move(path)), fingerprint_(fingerprint), table_(std::move(table)), place_(place),
      rows_(table_, options.mapping, place.plant, place.names, decoders::DecoderLimits{}, asset_for(path_, options)) {}

Position ImportFile::position() const {
  char text[48];
  char* to = std::to_chars(text, std::end(text), fingerprint_, 16).ptr;
  *to++ = ' ';
  return {text, std::to_chars(to, std::end(text), row_).ptr};
}

Result<void> ImportFile::bring_in(const std::function<void(std::size_t)>& progress, const std::function<bool()>& stop) {
  std::size_t entries = 0;
  while (row_ < rows() && !stop()) {
    collect();
    refuse_future();
    if (auto made = make_entry(); !made) return made;
    if (auto stored = store_entry(); !stored) return stored;
    progress(row_);
    if (++entries % entries_between_tidying == 0) {
      if (auto tidied = place_.store.projection().tidy(0); !tidied) return tidied;
    }
  }
  return {};
}

void ImportFile::collect() {
  batch_.clear();
  const Quality marks = rows_.marks();
  for (; row_ < rows() && batch_.n_items < readings_per_entry; ++row_) rows_.add(row_, table_.time[row_], marks, batch_);
}

/// What lies ahead of the clock is no history; it would stand for the newest value until then.
void ImportFile::refuse_future() {
  const Time latest = place_.clock.now() + future_allowed;
  std::erase_if(batch_.readings, [&](const Reading& r) {
    if (r.time <= latest) return false;
    batch_.reject(r.item, DeadLetterReason::future, "'" + to_rfc3339(r.time) + "' lies in the future", "");
    return true;
  });
}

Result<void> ImportFile::make_entry() {
  if (auto checked = place_.keys.check(batch_.readings, fate_); !checked) return checked;
  entry_ = Entry{};
  entry_.kind = EntryKind::imported;
  entry_.sequence = std::max(place_.store.journal().last(), place_.store.projection().applied()) + 1;
  entry_.arrival = place_.clock.now();
  entry_.source = source(path_);
  entry_.position = position();
  entry_.readings.reserve(batch_.readings.size());
  for (std::size_t k = 0; k < batch_.readings.size(); ++k) {
    const Reading& r = batch_.readings[k];
    if (fate_[k] == KeyFate::fresh)
      entry_.readings.push_back({r.signal, r.time, r.value, r.quality, false, r.quality});
    else if (fate_[k] == KeyFate::conflict)
      entry_.conflicts.push_back({r.signal, r.time, r.value, r.quality});
    else
      ++entry_.counts.duplicate;
  }
  entry_.texts = std::move(batch_.texts);
  entry_.rejected = std::move(batch_.rejected);
  entry_.counts.stored = entry_.readings.size();
  entry_.counts.conflict = entry_.conflicts.size();
  entry_.counts.dead_letter = entry_.rejected.size();
  entry_.counts.received = entry_.counts.stored + entry_.counts.conflict + entry_.counts.dead_letter + entry_.counts.duplicate;
  return {};
}

Result<void> ImportFile::store_entry() {
  crash_point("import.before_append");
  if (auto appended = place_.store.journal().append({&entry_, 1}); !appended) return appended;
  crash_point("import.after_append");
  if (auto applied = place_.store.projection().apply({&entry_, 1}); !applied) return applied;
  crash_point("import.after_apply");
  counts_ += entry_.counts;
  return {};
}

}  // namespace telltale::cli
