// Idempotency-Key: what became of the first call under a key is remembered for a day, over restarts, and said again.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/batch.h"
#include "core/clock.h"
#include "core/http.h"
#include "stores/store.h"

namespace telltale::api {

/// 16 bytes that stand for a body: another body has others. source  BLAKE2b, RFC 7693
std::string digest_of(std::string_view body);

/// Any thread. Bounded by age and number; what is forgotten early is harmless: readings have keys of their own. The store remembers
/// with the readings themselves, so a crash between commit and answer forgets nothing.
class IdempotencyKeys {
 public:
  /// What the store remembers of before the start.
  IdempotencyKeys(const Clock& clock, const std::vector<stores::KeyedCallRow>& remembered);

  enum class State : std::uint8_t {
    fresh,    // go on, then settle() or forget()
    settled,  // `verdicts` are what became of it
    waits,    // the first call under this key is not answered yet: `answer` was taken and gets the same reply
    other,    // the key stands for another body
  };
  struct Claim {
    State state;
    std::string verdicts;  // a byte per item, see to_byte()
  };
  /// @param answer  taken only where the state is `waits`
  Claim claim(const std::string& key, const std::string& digest, Answer& answer);
  /// Answers also those that wait.
  void settle(const std::string& key, std::string verdicts, const HttpReply& reply);
  /// The call failed in a way that a repeat may mend; those that wait get the same reply: how many. A settled key stays.
  std::size_t forget(const std::string& key, const HttpReply& reply);

 private:
  struct Remembered {
    std::string digest, verdicts;
    bool settled = false;
    Nanoseconds since{0};
    std::vector<Answer> waiting;
  };
  void forget_old();

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Remembered, std::less<>> keys_;
  std::deque<std::pair<Nanoseconds, std::string>> order_;
};

}  // namespace telltale::api
