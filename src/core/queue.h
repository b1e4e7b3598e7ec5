// A bounded queue between two stages: full slows the writer, closed ends the reader.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace telltale {

/// Bounded in bytes, any number of writers and readers. One item larger than the bound passes when the queue is empty.
template <typename T>
class Queue {
 public:
  explicit Queue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Waits for room. False: closed or stopped, the item is not taken.
  bool push(T item, std::size_t bytes, std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, stop, [&] { return closed_ || items_.empty() || bytes_ + bytes <= max_bytes_; });
    if (closed_ || stop.stop_requested()) return false;
    put(std::move(item), bytes);
    return true;
  }
  /// Never waits. False: full or closed, `item` is untouched.
  bool try_push(T& item, std::size_t bytes) {
    std::unique_lock lock(mutex_);
    if (closed_ || (!items_.empty() && bytes_ + bytes > max_bytes_)) return false;
    put(std::move(item), bytes);
    return true;
  }
  /// The next item; nullopt: closed and drained, or stopped.
  std::optional<T> pop(std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    if (!filled_.wait(lock, stop, [&] { return closed_ || !items_.empty(); })) return std::nullopt;
    if (items_.empty()) return std::nullopt;
    return take();
  }
  /// The next item if one comes before `until`.
  template <typename ClockTime>
  std::optional<T> pop_until(ClockTime until, std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    filled_.wait_until(lock, stop, until, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    return take();
  }
  std::optional<T> try_pop() {
    std::unique_lock lock(mutex_);
    if (items_.empty()) return std::nullopt;
    return take();
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
    filled_.notify_all();
  }
  std::size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }
  double fill() const { return static_cast<double>(bytes()) / static_cast<double>(max_bytes_); }

 private:
  void put(T item, std::size_t bytes) {
    items_.emplace_back(std::move(item), bytes);
    bytes_ += bytes;
    filled_.notify_one();
  }
  T take() {
    auto [item, bytes] = std::move(items_.front());
    items_.pop_front();
    bytes_ -= bytes;
    room_.notify_all();
    return std::move(item);
  }

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable_any room_, filled_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace telltale
