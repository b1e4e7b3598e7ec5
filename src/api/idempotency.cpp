// Idempotency-Key: what became of the first call under a key.
#include "api/idempotency.h"

#include <sodium.h>

#include <algorithm>

namespace telltale::api {
namespace {
constexpr std::chrono::hours remembered_for{24};
constexpr std::size_t most_keys = 10'000;
}  // namespace

std::string digest_of(std::string_view body) {
  std::string digest(crypto_generichash_BYTES_MIN, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(), reinterpret_cast<const unsigned char*>(body.data()),
                     body.size(), nullptr, 0);
  return digest;
}

IdempotencyKeys::IdempotencyKeys(const Clock& clock, const std::vector<stores::KeyedCallRow>& remembered) : clock_(clock) {
  const Time now = clock.now();
  const Nanoseconds boot = clock.boot();
  for (const auto& row : remembered) {
    const Nanoseconds since = boot - std::max(Nanoseconds{0}, now - row.at);
    keys_[row.call.key] = {row.call.body, row.call.verdicts, true, since, {}};
    order_.emplace_back(since, row.call.key);
  }
  std::ranges::sort(order_);
}

IdempotencyKeys::Claim IdempotencyKeys::claim(const std::string& key, const std::string& digest, Answer& answer) {
  std::lock_guard lock(mutex_);
  forget_old();
  auto [found, fresh] = keys_.try_emplace(key);
  Remembered& known = found->second;
  if (fresh) {
    known.digest = digest;
    known.since = clock_.boot();
    order_.emplace_back(known.since, key);
    return {State::fresh, {}};
  }
  if (known.digest != digest) return {State::other, {}};
  if (known.settled) return {State::settled, known.verdicts};
  known.waiting.push_back(std::move(answer));
  return {State::waits, {}};
}

void IdempotencyKeys::settle(const std::string& key, std::string verdicts, const HttpReply& reply) {
  std::vector<Answer> waiting;
  {
    std::lock_guard lock(mutex_);
    const auto found = keys_.find(key);
    if (found == keys_.end()) return;
    found->second.settled = true;
    found->second.verdicts = std::move(verdicts);
    waiting = std::exchange(found->second.waiting, {});
  }
  for (Answer& answer : waiting) answer(reply);
}

std::size_t IdempotencyKeys::forget(const std::string& key, const HttpReply& reply) {
  std::vector<Answer> waiting;
  {
    std::lock_guard lock(mutex_);
    const auto found = keys_.find(key);
    if (found == keys_.end() || found->second.settled) return 0;
    waiting = std::exchange(found->second.waiting, {});
    keys_.erase(found);
  }
  for (Answer& answer : waiting) answer(reply);
  return waiting.size();
}

void IdempotencyKeys::forget_old() {
  const Nanoseconds oldest = clock_.boot() - remembered_for;
  while (!order_.empty() && (order_.front().first < oldest || order_.size() > most_keys)) {
    const auto found = keys_.find(order_.front().second);
    const bool the_same = found != keys_.end() && found->second.since == order_.front().first;
    if (the_same && !found->second.settled && order_.front().first >= oldest) break;  // somebody waits for it
    if (the_same) keys_.erase(found);
    order_.pop_front();
  }
}

}  // namespace telltale::api
