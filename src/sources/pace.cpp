// The pace of sources that make their own time: waits until the next message is due, on the engine's clock.
#include "sources/pace.h"

#include <algorithm>

namespace telltale::sources {
namespace {
constexpr auto longest_nap = std::chrono::milliseconds(50);  // the engine's clock may run otherwise than this thread's
}

void Pace::begin(std::stop_token stop) {
  stop_ = std::move(stop);
  began_ = clock_.now();
  began_boot_ = clock_.boot();
}

bool Pace::wait(Time due, Deadline until) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const Nanoseconds missing = due - now();
    if (missing <= Nanoseconds{0}) return true;
    const auto steady = std::chrono::steady_clock::now();
    if (steady >= until || stop_.stop_requested()) return false;
    const Deadline nap = steady + std::min<Nanoseconds>(missing, longest_nap);
    never_.wait_until(lock, stop_, std::min(until, nap), [] { return false; });
  }
}

}  // namespace telltale::sources
