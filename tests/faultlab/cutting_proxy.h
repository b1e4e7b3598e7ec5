// Between an HTTP client and the engine: a proxy that cuts connections, before, within and behind request and answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "core/random.h"

namespace telltale::faultlab {

/// One connection at a time, one request on each; its own thread.
class CuttingProxy {
 public:
  /// @param to  the engine's port
  CuttingProxy(std::uint16_t to, std::uint64_t seed);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  std::uint16_t port() const { return port_; }
  /// Cuts so far: the request did not reach the engine whole; it did and the answer did not come back whole.
  std::uint64_t n_before() const { return n_before_; }
  std::uint64_t n_behind() const { return n_behind_; }
  void cut(bool on) { cutting_ = on; }  // off: everything passes

 private:
  void run();
  void serve(int client);

  const std::uint16_t to_;
  Random random_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false, cutting_ = true;
  std::atomic<std::uint64_t> n_before_ = 0, n_behind_ = 0;
  std::thread thread_;
};

}  // namespace telltale::faultlab
