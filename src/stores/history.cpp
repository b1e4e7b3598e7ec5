// Readings into memory, memory into hot blocks.
#include "stores/history.h"

#include <algorithm>

#include "core/fault.h"
#include "core/log.h"

namespace telltale::stores {
namespace {
constexpr std::size_t most_samples_in_hot = 1024;  // of one chunk: a question seldom wants more of a fresh signal
}

Result<std::unique_ptr<History>> History::open(Disk& disk, const std::string& directory, Names& names, bool to_read) {
  std::unique_ptr<History> history(new History(disk, directory, names, to_read));
  auto blocks = BlockDirectory::open(disk, directory, to_read);
  if (!blocks) return std::unexpected(blocks.error());
  history->blocks_ = std::move(*blocks);
  history->applied_ = history->durable();
  if (auto done = history->load_newest(to_read); !done) return std::unexpected(done.error());
  return history;
}

/// From the file that each cut writes; what a crash kept out of it, and everything when it is damaged, from the blocks themselves.
Result<void> History::load_newest(bool to_read) {
  const auto known = newest_.load(disk_, directory_, names_);
  if (!known) return std::unexpected(known.error());
  const Sequence to = known->value_or(0);
  const auto all = blocks_->blocks();
  Blocks missing;
  for (const auto& block : *all) {
    if (block->header.level == BlockLevel::raw && block->header.to > to) missing.push_back(block);
  }
  if (missing.empty()) return {};
  if (auto done = look_for_newest(missing); !done) return done;
  return to_read ? Result<void>{} : newest_.save(disk_, directory_, names_, durable());
}

Result<void> History::look_for_newest(const Blocks& blocks) {
  std::vector<Sample> samples;
  for (const auto& block : blocks) {
    const auto file = blocks_->file(*block);
    if (!file) return std::unexpected(file.error());
    const auto signals = (*file)->signals();
    if (!signals) return std::unexpected(signals.error());
    for (const auto& [asset, signal] : *signals) {
      const Asked asked{names_.known_signal(names_.asset(asset), signal), asset, signal, Time::min(), Time::max()};
      const auto chunks = places(asked, *block);
      if (!chunks) return std::unexpected(chunks.error());
      const auto last = std::ranges::max_element(*chunks, {}, [](const ChunkPlace& p) { return p.summary.last_time; });
      if (last == chunks->end()) continue;
      samples.clear();
      if (auto done = read(asked, *block, *last, samples); !done) return done;
      for (const Sample& s : samples) newest_.see(asked.id, s);
    }
  }
  return {};
}

void History::put(const Entry& entry) {
  const Sequence sequence = entry.kind == EntryKind::gap ? entry.gap_to : entry.sequence;
  if (sequence <= applied_) return;
  const std::lock_guard lock(mutex_);
  for (const StoredReading& r : entry.readings) {
    const Sample sample{r.time, r.value, r.quality, r.anomaly};
    current_->put(r.signal, sample);
    newest_.see(r.signal, sample);
  }
  for (const Conflict& c : entry.conflicts) {
    if (!c.replaces) continue;
    replacements_.put({c.signal, c.time, c.value, c.quality});
    newest_.replace(c.signal, c.time, c.value, c.quality);
  }
  applied_ = sequence;
  arrival_ = entry.arrival;
}

void History::restore(const Replacement& one) {
  const std::lock_guard lock(mutex_);
  replacements_.put(one);
  newest_.replace(one.signal, one.time, one.value, one.quality);
}

void History::replaced_in_files(std::span<const Replacement> written) {
  if (written.empty()) return;
  replacements_.forget(written);
  if (told_replaced_) told_replaced_(written);
}

void History::forget_replacements_before(Time time) {
  const auto gone = replacements_.take_before(time);
  if (!gone.empty() && told_replaced_) told_replaced_(gone);
}

std::size_t History::bytes_in_memory() const {
  const std::lock_guard lock(mutex_);
  return current_->bytes();
}

bool History::begin_cut() {
  const std::lock_guard lock(mutex_);
  if (writing_) return false;
  writing_to_ = applied_;
  writing_newest_ = newest_;
  writing_ = std::exchange(current_, std::make_shared<Generation>());
  return true;
}

Result<void> History::stand_at(Sequence to) {
  applied_ = to;
  begin_cut();
  return write_cut();
}

Time History::newest_time() const {
  const std::lock_guard lock(mutex_);
  Time newest = Time::min();
  for (SignalId signal = 0; signal < newest_.size(); ++signal) {
    if (const Sample* s = newest_.of(signal); s != nullptr) newest = std::max(newest, s->time);
  }
  return newest;
}

bool History::cut_begun() const {
  const std::lock_guard lock(mutex_);
  return writing_ != nullptr;
}

Result<void> History::write_cut() {
  std::shared_ptr<const Generation> generation;
  {
    const std::lock_guard lock(mutex_);
    generation = writing_;
  }
  if (!generation) return {};
  const BlockHeader header{.number = blocks_->next_number(), .from = durable() + 1, .to = writing_to_};
  const auto write = [&]() -> Result<void> {
    auto writer = BlockWriter::create(disk_, blocks_->part_path(header.number), header);
    if (!writer) return std::unexpected(writer.error());
    std::vector<Sample> samples;
    std::string bytes;
    for (const SignalId signal : signals_in_order()) {
      if (!generation->knows(signal)) continue;
      samples.clear();
      generation->read(signal, samples);
      for (std::span<const Sample> rest = samples; !rest.empty();) {
        const auto some = rest.first(std::min(rest.size(), most_samples_in_hot));
        bytes.clear();
        write_chunk(ChunkForm::hot, some, bytes);
        const auto asset = names_.asset_name(names_.asset_of(signal));
        if (auto done = (*writer)->add(asset, names_.signal_name(signal), bytes, summary_of(some)); !done) return done;
        rest = rest.subspan(some.size());
      }
    }
    return (*writer)->finish();
  };
  crash_point("cut.before_write");
  auto done = write();
  if (done) {
    crash_point("cut.before_commit");
    auto with_it = blocks_->commit_hot(header);
    if (with_it) {
      const std::lock_guard lock(mutex_);
      blocks_->publish(std::move(*with_it));
      writing_ = nullptr;
    } else {
      done = std::unexpected(with_it.error());
    }
  }
  if (!done) {
    (void)disk_.remove(blocks_->part_path(header.number));
    return done;
  }
  crash_point("cut.before_newest");
  if (auto saved = writing_newest_.save(disk_, directory_, names_, header.to); !saved) {
    log(LogLevel::warning, "store", directory_, "the newest readings were not saved: the next start looks for them in the files",
        {{"error", saved.error().message}});
  }
  crash_point("cut.after_newest");
  writing_newest_ = {};
  return {};
}

std::vector<SignalId> History::signals_in_order() const {
  const std::lock_guard lock(order_mutex_);
  const std::size_t n = names_.n_signals();
  if (order_.size() == n) return order_;
  struct Named {
    std::string_view asset, signal;
    SignalId id;
  };
  std::vector<Named> named;
  for (SignalId s = 0; s < n; ++s) named.push_back({names_.asset_name(names_.asset_of(s)), names_.signal_name(s), s});
  std::ranges::sort(named, {}, [](const Named& s) { return std::pair(s.asset, s.signal); });
  order_.clear();
  for (const Named& s : named) order_.push_back(s.id);
  return order_;
}

History::View History::view(SignalId signal, Time from, Time to) const {
  View view;
  const std::lock_guard lock(mutex_);
  view.blocks = blocks_->blocks();
  if (writing_) writing_->collect(signal, from, to, view.sealed, view.open);
  current_->collect(signal, from, to, view.sealed, view.open);
  in_order_of_time(view.open);
  return view;
}

std::vector<std::pair<std::string, std::string>> History::signals() const {
  std::vector<std::pair<std::string, std::string>> found;
  const auto order = signals_in_order();
  const std::lock_guard lock(mutex_);
  for (const SignalId signal : order) {
    if (newest_.of(signal) != nullptr) found.emplace_back(names_.asset_name(names_.asset_of(signal)), names_.signal_name(signal));
  }
  return found;
}

std::vector<std::string> History::signals_of(std::string_view asset) const {
  std::vector<std::string> found;
  const auto id = names_.find_asset(asset);
  if (!id) return found;
  const auto signals = names_.signals_of(*id);
  const std::lock_guard lock(mutex_);
  for (const SignalId signal : signals) {
    if (newest_.of(signal) != nullptr) found.emplace_back(names_.signal_name(signal));
  }
  return found;
}

void History::newest(const std::function<void(const NewestReading&)>& each) const {
  NewestReadings all;
  {
    const std::lock_guard lock(mutex_);
    all = newest_;
  }
  for (SignalId signal = 0; signal < all.size(); ++signal) {
    const Sample* s = all.of(signal);
    if (s == nullptr) continue;
    const auto [asset, name] = names_.name_of(signal);
    each({signal, asset, name, s->time, s->value, s->quality, s->anomaly});
  }
}

}  // namespace telltale::stores
