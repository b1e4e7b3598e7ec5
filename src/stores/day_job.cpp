// Which days there are, some days at a time through all signals, commit.
#include "stores/day_job.h"

#include <algorithm>
#include <iterator>

namespace telltale::stores {
namespace {
constexpr std::size_t days_at_once = 8;       // open files and their buffers are bounded, whatever span the readings have
constexpr std::size_t signals_to_look = 512;  // of one piece
constexpr std::size_t most_signals = 64, most_samples = 200'000;  // of one piece, but for one signal at least
}  // namespace

DayJob::DayJob(History& history, std::unique_ptr<ReadingSource> source, Sequence to, std::vector<std::uint64_t> replaces)
    : history_(history), source_(std::move(source)), to_(to), replaces_(std::move(replaces)), signals_(history.signals_in_order()) {}

DayJob::~DayJob() {
  writers_.clear();
  if (number_ != 0 && doing_ != Doing::over) (void)history_.blocks().drop_job(number_);
}

Result<bool> DayJob::step() {
  Result<void> done;
  switch (doing_) {
    case Doing::looking: done = look_for_days(); break;
    case Doing::writing: done = write_signals(); break;
    case Doing::finishing: done = finish_group(); break;
    case Doing::over: return false;
  }
  if (!done) return std::unexpected(done.error());
  return doing_ != Doing::over;
}

Result<void> DayJob::look_for_days() {
  const Names& names = history_.names();
  for (std::size_t n = 0; n < signals_to_look && next_signal_ < signals_.size(); ++n, ++next_signal_) {
    const SignalId signal = signals_[next_signal_];
    if (auto done = source_->days(names.asset_name(names.asset_of(signal)), names.signal_name(signal), days_); !done) return done;
  }
  if (next_signal_ < signals_.size()) return {};
  if (days_.empty()) {
    doing_ = Doing::over;
    return {};
  }
  return begin_group();
}

Result<void> DayJob::begin_group() {
  group_.clear();
  while (!days_.empty() && group_.size() < days_at_once) group_.push_back(days_.extract(days_.begin()).value());
  next_signal_ = 0;
  doing_ = Doing::writing;
  return {};
}

Result<void> DayJob::write_signals() {
  const Names& names = history_.names();
  samples_in_piece_ = 0;
  for (std::size_t n = 0; n < most_signals && samples_in_piece_ < most_samples && next_signal_ < signals_.size(); ++n, ++next_signal_) {
    const SignalId signal = signals_[next_signal_];
    if (auto done = write_signal(signal, names.asset_name(names.asset_of(signal)), names.signal_name(signal)); !done) return done;
  }
  if (next_signal_ == signals_.size()) doing_ = Doing::finishing;
  return {};
}

Result<void> DayJob::write_signal(SignalId id, std::string_view asset, std::string_view signal) {
  DayWriter* current = nullptr;
  Time begin{}, end{};
  const auto end_day = [&]() -> Result<void> { return current == nullptr ? Result<void>{} : current->end_signal(asset, signal); };
  const Time last = end_of_day(group_.back());
  const auto replaced = history_.replacements().within(id, group_.front(), last);
  std::vector<Sample> others;
  const auto take = [&](std::span<const Sample> samples) -> Result<void> {
    samples_in_piece_ += samples.size();
    if (!replaced.empty()) {
      others.assign(samples.begin(), samples.end());
      std::ranges::copy(replace(replaced, others), std::back_inserter(replaced_));
      samples = others;
    }
    while (!samples.empty()) {
      if (current == nullptr || samples.front().time >= end || samples.front().time < begin) {
        if (auto done = end_day(); !done) return done;
        begin = begin_of_day(samples.front().time);
        end = end_of_day(begin);
        const auto writer = writer_of(begin);
        if (!writer) return std::unexpected(writer.error());
        current = *writer;
      }
      const auto rest = std::ranges::lower_bound(samples, end, {}, &Sample::time);
      const auto some = samples.first(end == Time::max() ? samples.size() : static_cast<std::size_t>(rest - samples.begin()));
      if (auto done = current->add(asset, signal, some); !done) return done;
      samples = samples.subspan(some.size());
    }
    return {};
  };
  if (auto done = source_->read(asset, signal, group_.front(), last, take); !done) return done;
  return end_day();
}

Result<DayWriter*> DayJob::writer_of(Time day) {
  if (const auto at = writers_.find(day); at != writers_.end()) return at->second.get();
  BlockDirectory& blocks = history_.blocks();
  if (number_ == 0) {
    number_ = blocks.next_number();
    auto folder = blocks.begin_job(number_);
    if (!folder) return std::unexpected(folder.error());
    folder_ = std::move(*folder);
  }
  BlockHeader header{.number = blocks.next_number(), .to = to_, .replaces = replaces_};
  for (std::uint64_t k = 1; k < DayWriter::files; ++k) (void)blocks.next_number();
  auto writer = DayWriter::create(history_.disk(), folder_, day_of(day), header);
  if (!writer) return std::unexpected(writer.error());
  return writers_.emplace(day, std::move(*writer)).first->second.get();
}

Result<void> DayJob::finish_group() {
  for (auto& [day, writer] : writers_) {
    if (auto done = writer->finish(); !done) return done;
  }
  days_written_ += writers_.size();
  writers_.clear();
  if (!days_.empty()) return begin_group();
  if (number_ != 0) {
    if (auto done = history_.blocks().commit_job(number_); !done) return done;
    history_.replaced_in_files(replaced_);
  }
  doing_ = Doing::over;
  return {};
}

}  // namespace telltale::stores
