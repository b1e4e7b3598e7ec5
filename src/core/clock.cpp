// The machine's own clocks.
#include "core/clock.h"

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
};
}  // namespace

const Clock& Clock::system() {
  static const SystemClock clock;
  return clock;
}

}  // namespace telltale
