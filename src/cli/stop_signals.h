// SIGINT and SIGTERM as something to wait for. Made before any thread, so that no thread is interrupted.
#pragma once

#include <chrono>
#include <csignal>

namespace telltale::cli {

class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    for (const int s : {SIGINT, SIGTERM}) sigaddset(&set_, s);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is then an error of the write
  }
  /// True: one came. False: the time is over.
  bool wait_for(std::chrono::nanoseconds d) const {
    if (d.count() < 0) d = {};
    const timespec t{static_cast<time_t>(d.count() / 1'000'000'000), static_cast<long>(d.count() % 1'000'000'000)};
    return sigtimedwait(&set_, nullptr, &t) > 0;
  }
  /// A second one while stopping ends the program at once.
  void let_through() const { pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }

 private:
  sigset_t set_{};
};

}  // namespace telltale::cli
