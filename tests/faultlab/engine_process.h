// The engine as a process of its own, and somebody who posts readings to it.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace telltale::faultlab {

/// Starts a program whose words go to `log`, with TELLTALE_CRASH=`crash` (empty: without).
/// @param in_child  done by the new process before it becomes the program: limits, rights, environment
pid_t start_program(const std::string& program, const std::vector<std::string>& words, const std::string& crash, const std::string& log,
                    const std::function<void()>& in_child = {});
/// Runs a program to its end; its status, 128 and more by a signal.
int run_program(const std::string& program, const std::vector<std::string>& words, const std::string& crash, const std::string& log);

class EngineProcess {
 public:
  EngineProcess(std::string program, std::string site, std::uint16_t port, std::string log)
      : program_(std::move(program)), site_(std::move(site)), port_(port), log_(std::move(log)) {}
  ~EngineProcess() { kill(); }
  EngineProcess(const EngineProcess&) = delete;
  EngineProcess& operator=(const EngineProcess&) = delete;

  /// crash, in_child: as start_program
  void spawn(const std::string& crash = {}, const std::function<void()>& in_child = {});
  pid_t id() const { return process_; }  // below 0: it does not run
  /// Milliseconds until it said that it was ready; nullopt: it ended before, or 30 s have passed.
  std::optional<double> wait_until_ready();
  void kill();  // SIGKILL
  /// SIGTERM; its status, or nullopt when it had to be killed after `seconds`.
  std::optional<int> stop(double seconds);
  /// Its status when it has ended by itself within `seconds`.
  std::optional<int> wait_for_end(double seconds);

 private:
  const std::string program_, site_;
  const std::uint16_t port_;
  const std::string log_;
  pid_t process_ = -1;
};

/// Posts batches 0, 1, 2 ... one after the other; a batch that is not answered with 200 is posted again. What was answered is written
/// down in a file and synced before the next one goes out. Its own thread.
class Poster {
 public:
  static constexpr std::uint64_t per_batch = 200;
  Poster(std::uint16_t port, const std::string& ledger);
  ~Poster() { stop(); }
  void stop();
  void pause(bool paused) { paused_ = paused; }                     // no new calls go out
  std::uint64_t n_acknowledged() const { return n_acknowledged_; }  // batches
  std::uint64_t n_unanswered() const { return n_unanswered_; }
  /// Asset, second and value of reading k.
  static std::string asset(std::uint64_t k) { return "H-" + std::to_string(k % 7); }
  static double value(std::uint64_t k) { return static_cast<double>(k) + 0.25; }

 private:
  void run();
  const std::uint16_t port_;
  int ledger_ = -1;
  std::atomic<bool> stopping_ = false, paused_ = false;
  std::atomic<std::uint64_t> n_acknowledged_ = 0, n_unanswered_ = 0;
  std::thread thread_;
};

inline constexpr std::uint64_t kill_start = 1'600'000'000;  // seconds: the first reading

}  // namespace telltale::faultlab
