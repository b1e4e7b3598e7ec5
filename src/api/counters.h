// What the server counts of itself for /metrics. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace telltale::api {

struct Counters {
  std::atomic<std::uint64_t> answered_2xx{0}, answered_3xx{0}, answered_4xx{0}, answered_5xx{0};
  std::atomic<std::uint64_t> refused_connections{0};
  std::atomic<std::uint64_t> connections{0};  // open now
  std::atomic<std::uint64_t> answer_nanoseconds{0};

  void answered(int status) {
    auto& counter = status < 300 ? answered_2xx : status < 400 ? answered_3xx : status < 500 ? answered_4xx : answered_5xx;
    counter.fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace telltale::api
