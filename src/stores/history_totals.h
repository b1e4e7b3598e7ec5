// What a question collects from chunk after chunk: the newest few readings, the sum of a window, its buckets.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <vector>

#include "stores/bucket_grid.h"
#include "stores/history.h"

namespace telltale::stores {

/// The newest `limit` readings of what it is given, chunk by chunk.
class NewestFew {
 public:
  NewestFew(Time from, Time to, std::size_t limit, bool only_anomalies)
      : from_(from), to_(to), limit_(limit), only_anomalies_(only_anomalies) {}

  /// Nothing at or before `time` could be among them.
  bool complete_after(Time time) {
    if (samples_.size() < limit_) return false;
    in_order_of_time(samples_);
    if (samples_.size() < limit_) return false;
    samples_.erase(samples_.begin(), samples_.end() - static_cast<std::ptrdiff_t>(limit_));
    return samples_.front().time > time;
  }
  void add(std::span<const Sample> samples) {
    for (const Sample& s : samples) {
      if (s.time >= from_ && s.time < to_ && (s.anomaly || !only_anomalies_)) samples_.push_back(s);
    }
  }
  std::vector<Sample> take() {
    in_order_of_time(samples_);
    if (samples_.size() > limit_) samples_.erase(samples_.begin(), samples_.end() - static_cast<std::ptrdiff_t>(limit_));
    return std::move(samples_);
  }

 private:
  const Time from_, to_;
  const std::size_t limit_;
  const bool only_anomalies_;
  std::vector<Sample> samples_;
};

class WholeWindow final : public Totals {
 public:
  bool together(Time, Time) const override { return true; }
  void add(std::span<const Sample> samples) override {
    for (const Sample& s : samples) sum.add(s);
  }
  void add(const Summary& s) override { sum.merge(s); }
  Summary sum;
};

class Buckets final : public Totals {
  static constexpr double missing = std::numeric_limits<double>::quiet_NaN();

 public:
  explicit Buckets(const BucketGrid& grid) : grid_(grid) {}
  bool together(Time first, Time last) const override { return grid_.index(first) == grid_.index(last); }
  void add(std::span<const Sample> samples) override {
    for (const Sample& s : samples) {
      Bucket& b = at(s.time);
      if (b.count == 0 || s.time < b.first_time) b.first_time = s.time;
      if (b.count == 0 || s.time > b.last_time) b.last_time = s.time;
      ++b.count;
      b.anomalies += s.anomaly ? 1 : 0;
      b.not_good += s.quality.good() ? 0 : 1;
      b.quality.mark(s.quality);
      if (std::isnan(s.value)) continue;
      b.min = std::isnan(b.min) ? s.value : std::min(b.min, s.value);
      b.max = std::isnan(b.max) ? s.value : std::max(b.max, s.value);
      b.sum += s.value;
      ends(b, s.time, s.value, s.time, s.value);
    }
  }
  void add(const Summary& s) override {
    Bucket& b = at(s.first_time);
    if (b.count == 0 || s.first_time < b.first_time) b.first_time = s.first_time;
    if (b.count == 0 || s.last_time > b.last_time) b.last_time = s.last_time;
    b.count += s.count;
    b.anomalies += s.anomalies;
    b.not_good += s.count - s.good;
    b.quality.mark(s.quality);
    if (s.numbers == 0) return;
    b.min = std::isnan(b.min) ? s.min : std::min(b.min, s.min);
    b.max = std::isnan(b.max) ? s.max : std::max(b.max, s.max);
    b.sum += s.sum;
    ends(b, s.first_time, s.first, s.last_time, s.last);
  }
  std::vector<Bucket> take() {
    std::vector<Bucket> all;
    for (auto& [index, slot] : slots_) all.push_back(slot.bucket);
    return all;
  }

 private:
  struct Slot {
    Bucket bucket;
    Time first = Time::max(), last = Time::min();  // of the values that stand in the bucket: the first and last that are numbers
  };
  Bucket& at(Time time) {
    const std::uint64_t index = grid_.index(time);
    if (newest_ == nullptr || index != newest_index_) {
      newest_index_ = index;
      newest_ =
          &slots_
               .try_emplace(index,
                            Slot{.bucket = {.from = grid_.begin(index), .min = missing, .max = missing, .first = missing, .last = missing}})
               .first->second;
    }
    return newest_->bucket;
  }
  void ends(Bucket& b, Time first_time, double first, Time last_time, double last) {
    if (!std::isnan(first) && (first_time < newest_->first || std::isnan(b.first))) {
      newest_->first = first_time;
      b.first = first;
    }
    if (!std::isnan(last) && (last_time >= newest_->last || std::isnan(b.last))) {
      newest_->last = last_time;
      b.last = last;
    }
  }

  const BucketGrid grid_;
  std::map<std::uint64_t, Slot> slots_;
  Slot* newest_ = nullptr;  // neighbours come one after the other
  std::uint64_t newest_index_ = 0;
};

}  // namespace telltale::stores
