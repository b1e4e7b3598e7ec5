// The pace of sources that make their own time: waits until the next message is due, on the engine's clock.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "core/clock.h"
#include "sources/source.h"

namespace telltale::sources {

/// One thread.
class Pace {
 public:
  explicit Pace(const Clock& clock) : clock_(clock) {}
  void begin(std::stop_token stop);
  /// The engine's clock, led by its steady one: a step of the wall clock neither stops a machine nor hurries it.
  Time now() const { return began_ + (clock_.boot() - began_boot_); }
  /// True when `due` has come; false at `until`, or stopped.
  bool wait(Time due, Deadline until);

 private:
  const Clock& clock_;
  std::stop_token stop_;
  Time began_{};
  Nanoseconds began_boot_{};
  std::mutex mutex_;
  std::condition_variable_any never_;  // only the stop token wakes it early
};

}  // namespace telltale::sources
