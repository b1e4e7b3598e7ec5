// For tests of the engine's stages: a journal in memory and a history that knows only its keys. No durability, no SQL.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "stores/store.h"

namespace telltale::engine {

class JournalInMemory final : public stores::Journal {
 public:
  Result<void> append(std::span<const Entry> entries) override {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return !held_; });
    if (broken) return failed(ErrorKind::storage, "the disk is on fire");
    entries_.insert(entries_.end(), entries.begin(), entries.end());
    ++appends;
    return {};
  }
  Result<Sequence> read(Sequence from, const std::function<bool(const Entry&)>& each) const override {
    std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) {
      if (entry.sequence < from) continue;
      if (!each(entry)) return entry.sequence + 1;
    }
    return entries_.empty() ? from : entries_.back().sequence + 1;
  }
  Sequence first() const override {
    std::lock_guard lock(mutex_);
    return entries_.empty() ? 0 : entries_.front().sequence;
  }
  Sequence last() const override {
    std::lock_guard lock(mutex_);
    return entries_.empty() ? 0 : entries_.back().sequence;
  }
  Result<void> release(Sequence) override { return {}; }
  std::size_t bytes() const override { return 0; }

  std::vector<Entry> entries() const {
    std::lock_guard lock(mutex_);
    return entries_;
  }
  /// Appends wait until let_go().
  void hold() {
    std::lock_guard lock(mutex_);
    held_ = true;
  }
  void let_go() {
    std::lock_guard lock(mutex_);
    held_ = false;
    opened_.notify_all();
  }
  bool broken = false;
  std::atomic<int> appends = 0;

 private:
  mutable std::mutex mutex_;
  std::condition_variable opened_;
  bool held_ = false;
  std::vector<Entry> entries_;
};

/// Answers `find_all` only; every other question is answered with nothing.
class KeysInMemory : public stores::Reader {
 public:
  std::map<std::tuple<std::string, std::string, Time>, double> keys;
  mutable int asked = 0, failures = 0;  // the next so many questions fail

  Result<std::vector<std::optional<double>>> find_all(std::string_view asset, std::string_view signal,
                                                      std::span<const Time> times) const override {
    ++asked;
    if (failures > 0) {
      --failures;
      return failed(ErrorKind::storage, "the disk does not answer");
    }
    std::vector<std::optional<double>> values;
    for (const Time time : times) {
      const auto at = keys.find({std::string(asset), std::string(signal), time});
      values.push_back(at == keys.end() ? std::nullopt : std::optional(at->second));
    }
    return values;
  }
  Result<std::vector<stores::HistoryPoint>> points(std::string_view, std::string_view, stores::Window, std::size_t, bool) const override {
    return {};
  }
  Result<std::vector<stores::Bucket>> buckets(std::string_view, std::string_view, stores::Window, std::size_t) const override { return {}; }
  Result<stores::SignalStatistics> statistics(std::string_view, std::string_view, stores::Window) const override { return {}; }
  Result<std::vector<stores::AlarmRow>> alarms(const stores::AlarmFilter&) const override { return {}; }
  Result<std::optional<stores::AlarmRow>> alarm(std::string_view) const override { return std::nullopt; }
  Result<std::vector<stores::AnomalyRow>> anomalies(const stores::AnomalyFilter&) const override { return {}; }
  Result<std::vector<stores::DeadLetterRow>> dead_letters(const stores::DeadLetterFilter&) const override { return {}; }
  Result<std::vector<stores::ConflictRow>> conflicts(std::size_t) const override { return {}; }
  Result<std::vector<stores::GapRow>> gaps(std::size_t) const override { return {}; }
  Result<std::map<std::string, Ledger>> ledger() const override { return {}; }
  Result<std::map<std::string, Position>> positions() const override { return {}; }
  Result<std::vector<std::pair<std::string, std::string>>> signals() const override { return {}; }
  Result<void> newest(const std::function<void(const stores::NewestReading&)>&) const override { return {}; }
  Result<std::vector<KeptMessage>> messages(std::string_view, std::size_t, std::string_view, std::string_view) const override { return {}; }
};

}  // namespace telltale::engine
