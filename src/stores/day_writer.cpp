// Chunks of 4,096 readings; minutes as readings come, hours from minutes.
#include "stores/day_writer.h"

#include "core/fault.h"
#include "stores/bucket_grid.h"
#include "stores/chunk.h"

namespace telltale::stores {
namespace {
bool same_slice(Time a, Time b, BlockLevel level) { return floor_to(a, slice_of(level)) == floor_to(b, slice_of(level)); }
}  // namespace

Result<std::unique_ptr<DayWriter>> DayWriter::create(Disk& disk, const std::string& folder, const std::string& day, BlockHeader header) {
  auto made = std::make_unique<DayWriter>();
  const std::uint64_t first = header.number;
  for (std::uint64_t k = 0; k < files; ++k) {
    header.level = static_cast<BlockLevel>(k);
    header.number = first + k;
    auto writer = BlockWriter::create(disk, folder + "/" + BlockDirectory::name_in_job(day, header.level, header.number), header);
    if (!writer) return std::unexpected(writer.error());
    made->writers_[k] = std::move(*writer);
  }
  return made;
}

Result<void> DayWriter::add(std::string_view asset, std::string_view signal, std::span<const Sample> samples) {
  for (const Sample& s : samples) {
    if (minutes_.empty() || !same_slice(minutes_.back().first_time, s.time, BlockLevel::minute)) minutes_.emplace_back();
    minutes_.back().add(s);
    waiting_.push_back(s);
    if (waiting_.size() < most_samples_in_cold) continue;
    if (auto done = write_chunk_of(asset, signal, most_samples_in_cold); !done) return done;
  }
  return {};
}

Result<void> DayWriter::write_chunk_of(std::string_view asset, std::string_view signal, std::size_t count) {
  const std::span<const Sample> samples = std::span(waiting_).first(count);
  bytes_.clear();
  write_chunk(ChunkForm::cold, samples, bytes_);
  if (auto done = writers_[0]->add(asset, signal, bytes_, summary_of(samples)); !done) return done;
  waiting_.clear();
  return {};
}

Result<void> DayWriter::end_signal(std::string_view asset, std::string_view signal) {
  if (!waiting_.empty()) {
    if (auto done = write_chunk_of(asset, signal, waiting_.size()); !done) return done;
  }
  if (minutes_.empty()) return {};
  std::vector<Summary> hours;
  for (const Summary& minute : minutes_) {
    if (hours.empty() || !same_slice(hours.back().first_time, minute.first_time, BlockLevel::hour)) hours.emplace_back();
    hours.back().merge(minute);
  }
  if (auto done = writers_[1]->add_rollup(asset, signal, minutes_); !done) return done;
  if (auto done = writers_[2]->add_rollup(asset, signal, hours); !done) return done;
  minutes_.clear();
  return {};
}

Result<void> DayWriter::finish() {
  for (auto& writer : writers_) {
    if (auto done = writer->finish(); !done) return done;
    crash_point("job.after_level");
    writer.reset();
  }
  return {};
}

}  // namespace telltale::stores
