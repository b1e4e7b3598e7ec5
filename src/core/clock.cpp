// The machine's own clocks.
#include "core/clock.h"

#include <sys/timex.h>

#include <ctime>

namespace telltale {
namespace {
class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now()); }
  Nanoseconds boot() const override {
    timespec t{};
    clock_gettime(CLOCK_BOOTTIME, &t);  // counts on while the machine sleeps; never steps
    return std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec};
  }
  /// The kernel knows; it is asked once in ten seconds.
  bool synchronised() const override {
    const std::int64_t now = boot().count(), due = ask_again_.load(std::memory_order_relaxed);
    if (now >= due) {
      timex state{};
      const int did = ::adjtimex(&state);
      synchronised_ = did != -1 && did != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
      ask_again_ = now + 10'000'000'000;
    }
    return synchronised_;
  }

 private:
  mutable std::atomic<std::int64_t> ask_again_ = 0;
  mutable std::atomic<bool> synchronised_ = true;
};
}  // namespace

const Clock& Clock::system() {
  static const SystemClock clock;
  return clock;
}

}  // namespace telltale
