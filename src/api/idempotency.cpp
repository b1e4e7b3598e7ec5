// Idempotency-Key: the first answer under a key is remembered for a day and repeated byte for byte.
#include "api/idempotency.h"

#include <functional>

namespace telltale::api {
namespace {
constexpr std::chrono::hours remembered_for{24};
constexpr std::size_t most_keys = 10'000, most_bytes = 32u << 20;
}  // namespace

IdempotencyKeys::Claim IdempotencyKeys::claim(std::string_view key, std::string_view body) {
  const std::uint64_t hash = std::hash<std::string_view>{}(body);
  std::lock_guard lock(mutex_);
  forget_old();
  auto [found, fresh] = keys_.try_emplace(std::string(key));
  Remembered& known = found->second;
  if (fresh) {
    known.body = hash;
    known.since = clock_.boot();
    order_.emplace_back(known.since, found->first);
    return {State::fresh, {}};
  }
  if (known.body != hash) return {State::other, {}};
  if (!known.done) return {State::running, {}};
  return {State::repeated, known.reply};
}

void IdempotencyKeys::finish(std::string_view key, const HttpReply& reply) {
  std::lock_guard lock(mutex_);
  const auto found = keys_.find(key);
  if (found == keys_.end()) return;
  found->second.done = true;
  found->second.reply = reply;
  bytes_ += reply.body.size();
}

void IdempotencyKeys::forget(std::string_view key) {
  std::lock_guard lock(mutex_);
  if (const auto found = keys_.find(key); found != keys_.end() && !found->second.done) keys_.erase(found);
}

void IdempotencyKeys::forget_old() {
  const Nanoseconds oldest = clock_.boot() - remembered_for;
  while (!order_.empty() && (order_.front().first < oldest || order_.size() > most_keys || bytes_ > most_bytes)) {
    const auto found = keys_.find(order_.front().second);
    if (found != keys_.end() && found->second.since == order_.front().first) {
      bytes_ -= found->second.reply.body.size();
      keys_.erase(found);
    }
    order_.pop_front();
  }
}

}  // namespace telltale::api
