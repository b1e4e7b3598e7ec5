// A sink of the laboratory: what is behind it is away, slow or well, as a row says.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "engine/site.h"
#include "sinks/sink.h"

namespace telltale::faultlab {

/// The other side of a sink. It outlives engines: what arrived has arrived. Any thread.
class Receiver {
 public:
  /// @param name  of the sink, one at a time
  explicit Receiver(std::string name);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// A sink of that name for a site. @param common  its budget and policy, as a site file has them
  engine::ConfiguredSink configured(const std::map<std::string, std::string>& common = {}) const;

  void away(bool away);
  /// Takes one item per call, and each only when `let_one_in` allows it.
  void one_by_one(bool on);
  void let_one_in();

  struct Arrival {
    Sequence sequence;
    std::uint32_t index;
    auto operator<=>(const Arrival&) const = default;
  };
  std::set<Arrival> arrived() const;  // each thing once
  std::chrono::steady_clock::time_point newest_arrival() const;
  std::size_t n_arrived() const;

  // The sink's side.
  Result<void> open() const;
  Result<std::size_t> take(std::span<const sinks::Item> items, sinks::Deadline deadline);

 private:
  const std::string name_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool away_ = false, one_by_one_ = false;
  std::size_t allowed_ = 0;
  std::set<Arrival> arrived_;
  std::chrono::steady_clock::time_point newest_;
};

}  // namespace telltale::faultlab
