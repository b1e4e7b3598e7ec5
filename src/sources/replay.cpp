// A recorded table as a live feed: which row is shown when, under which time, and where a replay stands.
#include "sources/replay.h"

#include <algorithm>
#include <cstdio>

#include "decoders/input_file.h"

namespace telltale::sources {
namespace {
/// FNV-1a over the whole content: a replay goes on only in the file in which it began.
std::uint64_t fingerprint(std::string_view bytes) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (unsigned char c : bytes) h = (h ^ c) * 0x100000001b3u;
  return h;
}

bool has_dates(const decoders::TableClock& clock) {
  return clock.kind == decoders::ClockKind::calendar || clock.kind == decoders::ClockKind::epoch;
}
}  // namespace

std::optional<ReplayPosition> ReplayPosition::parse(const Position& text) {
  unsigned long long file = 0, next = 0;
  long long start = 0, shift = 0;
  if (std::sscanf(text.c_str(), "1 %llx %lld %lld %llu", &file, &start, &shift, &next) != 4) return std::nullopt;
  return ReplayPosition{file, time_from_ns(start), Nanoseconds{shift}, next};
}

Position ReplayPosition::text() const {
  char hex[17];
  std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(file));
  return "1 " + std::string(hex) + " " + std::to_string(ns_of(start)) + " " + std::to_string(shift.count()) + " " + std::to_string(next);
}

Replay::Replay(std::string path, std::uint64_t file, decoders::Table table, const ReplayOptions& options)
    : path_(std::move(path)), options_(options), table_(std::make_unique<const decoders::Table>(std::move(table))),
      position_{.file = file} {}

Result<Replay> Replay::read(const std::string& path, const decoders::TableOptions& table_options, const ReplayOptions& options) {
  auto bytes = decoders::read_input(path);
  if (!bytes)
    return failed(bytes.error().kind == ErrorKind::closed ? ErrorKind::closed : ErrorKind::config, bytes.error().message,
                  bytes.error().hint);
  const std::uint64_t file = fingerprint(*bytes);
  auto table = decoders::read_table(std::move(*bytes), table_options);
  if (!table) return failed(ErrorKind::config, path + ": " + table.error().message, table.error().hint);
  if (!options.shift_to_now && !has_dates(table->clock))
    return failed(ErrorKind::config, path + " has no dates, so its original times are none", "shift it to now, or name the time column");
  return Replay(path, file, std::move(*table), options);
}

void Replay::begin(Time now) {
  position_.start = std::chrono::floor<std::chrono::milliseconds>(now);
  position_.next = 0;
  plan();
  if (options_.shift_to_now) position_.shift = shift_to_now();
}

Result<void> Replay::go_on(const Position& from) {
  const auto saved = ReplayPosition::parse(from);
  if (!saved)
    return failed(ErrorKind::config, "the saved position '" + from + "' is none of a replay",
                  "begin anew: under another name, or without it");
  if (saved->file != position_.file || saved->next > table_->rows())
    return failed(ErrorKind::config,
                  path_ + " is not the file in which the replay began (row " + std::to_string(saved->next + 1) + " was next)",
                  "put that file back, or begin anew: under another name, or without the saved position");
  position_ = *saved;
  plan();
  return {};
}

/// When each row is shown: at the pace of its time in the file; a step back there waits for nothing.
void Replay::plan() {
  due_.assign(table_->rows(), position_.start);
  if (options_.speed == 0 || due_.empty()) return;
  Time latest = table_->time.front();
  for (std::size_t row = 0; row < due_.size(); ++row) {
    latest = std::max(latest, table_->time[row]);
    const auto recorded = static_cast<double>((latest - table_->time.front()).count());
    due_[row] = position_.start + Nanoseconds{static_cast<std::int64_t>(recorded / options_.speed)};
  }
}

/// One shift for all rows: the largest with which none is shown before its own time. At speed 1 the first row is now; faster, the
/// last row is at its own time when it is shown.
Nanoseconds Replay::shift_to_now() const {
  std::optional<Nanoseconds> shift;
  for (std::size_t row = 0; row < due_.size(); ++row) {
    if (!table_->usable[row]) continue;
    const Nanoseconds of_row = due_[row] - table_->time[row];
    shift = shift ? std::min(*shift, of_row) : of_row;
  }
  return shift.value_or(Nanoseconds{0});
}

}  // namespace telltale::sources
