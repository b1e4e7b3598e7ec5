// Idempotency-Key: the first answer under a key is remembered for a day and repeated byte for byte.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/http.h"

namespace telltale::api {

/// Any thread. Bounded by age, number and bytes; what is forgotten early is harmless: readings have keys of their own.
class IdempotencyKeys {
 public:
  explicit IdempotencyKeys(const Clock& clock) : clock_(clock) {}

  enum class State : std::uint8_t {
    fresh,     // go on, then finish() or forget()
    repeated,  // `reply` is the answer
    running,   // the first call under this key is not answered yet
    other,     // the key stands for another body
  };
  struct Claim {
    State state;
    HttpReply reply;
  };
  Claim claim(std::string_view key, std::string_view body);
  void finish(std::string_view key, const HttpReply& reply);
  /// The call failed in a way that a repeat may mend.
  void forget(std::string_view key);

 private:
  struct Remembered {
    std::uint64_t body = 0;  // hash
    bool done = false;
    HttpReply reply;
    Nanoseconds since{0};
  };
  void forget_old();

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Remembered, std::less<>> keys_;
  std::deque<std::pair<Nanoseconds, std::string>> order_;
  std::size_t bytes_ = 0;
};

}  // namespace telltale::api
