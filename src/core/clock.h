// The two clocks: UTC for stamps, a steady one for every interval. Tests turn them by hand.
#pragma once

#include <atomic>
#include <chrono>

#include "core/time.h"

namespace telltale {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;                       // UTC; may step
  virtual Nanoseconds boot() const = 0;               // since boot, suspend included; never steps
  virtual bool synchronised() const { return true; }  // now() is held against other clocks: what is far ahead of it is wrong
  static const Clock& system();
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(ns_of(start)) {}
  Time now() const override { return time_from_ns(now_.load()); }
  Nanoseconds boot() const override { return Nanoseconds{boot_.load()}; }
  void advance(Nanoseconds d) {
    now_ += d.count();
    boot_ += d.count();
  }
  void step_wall(Nanoseconds d) { now_ += d.count(); }
  bool synchronised() const override { return synchronised_; }
  void synchronised(bool yes) { synchronised_ = yes; }

 private:
  std::atomic<std::int64_t> now_, boot_{0};
  std::atomic<bool> synchronised_ = true;
};

}  // namespace telltale
