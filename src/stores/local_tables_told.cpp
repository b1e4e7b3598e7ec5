// What sinks and history tell the tables from any thread: kept until the next transaction takes it along.
#include <utility>

#include "stores/local_tables.h"

namespace telltale::stores {

Result<Sequence> LocalTables::load(const std::string& sink) const {
  const std::lock_guard lock(mutex_);
  const auto at = cursors_.find(sink);
  return at == cursors_.end() ? 0 : at->second;
}

Result<void> LocalTables::save(const std::string& sink, Sequence next) {
  const std::lock_guard lock(mutex_);
  cursors_[sink] = unsaved_cursors_[sink] = next;
  return {};
}

std::vector<RefusedRange> LocalTables::refused(const std::string& sink) const {
  const std::lock_guard lock(mutex_);
  const auto at = refused_.find(sink);
  return at == refused_.end() ? std::vector<RefusedRange>{} : at->second;
}

void LocalTables::refuse(const std::string& sink, const std::vector<RefusedRange>& all) {
  const std::lock_guard lock(mutex_);
  refused_[sink] = unsaved_refused_[sink] = all;
}

Result<void> LocalTables::lose(const Undelivered& what) {
  const std::lock_guard lock(mutex_);
  undelivered_.push_back(what);
  return {};
}

void LocalTables::replaced_in_files(std::span<const Replacement> written) {
  const std::lock_guard lock(mutex_);
  written_.insert(written_.end(), written.begin(), written.end());
}

/// What sinks said since the last transaction.
void LocalTables::take_outcomes() {
  const std::lock_guard lock(mutex_);
  taken_undelivered_ = std::exchange(undelivered_, {});
  taken_cursors_ = std::exchange(unsaved_cursors_, {});
  taken_refused_ = std::exchange(unsaved_refused_, {});
  taken_written_ = std::exchange(written_, {});
}

/// For the next transaction: this one came to nothing.
void LocalTables::give_outcomes_back() {
  const std::lock_guard lock(mutex_);
  undelivered_.insert(undelivered_.begin(), taken_undelivered_.begin(), taken_undelivered_.end());
  written_.insert(written_.begin(), taken_written_.begin(), taken_written_.end());
  unsaved_cursors_.merge(taken_cursors_);  // what was said meanwhile stays
  unsaved_refused_.merge(taken_refused_);
}

}  // namespace telltale::stores
