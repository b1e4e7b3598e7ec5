// Batches, verdicts and the closed list of reasons for dead letters.
#include "core/batch.h"

#include <array>

namespace telltale {
namespace {
constexpr std::array<std::string_view, 13> reason_names = {"not_json",    "bad_number", "duplicate_key", "invalid_utf8",   "no_time",
                                                           "bad_time",    "future",     "unmapped",      "limit_exceeded", "bad_unit",
                                                           "cardinality", "bad_csv",    "other"};
constexpr std::size_t most_bytes_kept = 64 * 1024;
}  // namespace

std::string_view name_of(DeadLetterReason reason) { return reason_names[static_cast<std::size_t>(reason)]; }

std::optional<DeadLetterReason> dead_letter_reason(std::string_view name) {
  for (std::size_t k = 0; k < reason_names.size(); ++k) {
    if (reason_names[k] == name) return static_cast<DeadLetterReason>(k);
  }
  return std::nullopt;
}

std::string to_text(const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::stored: return "stored";
    case Verdict::Kind::duplicate: return "duplicate";
    case Verdict::Kind::conflict: return "conflict";
    case Verdict::Kind::dead_letter: return "dead_letter:" + std::string(name_of(verdict.reason));
  }
  return "unknown";
}

char to_byte(const Verdict& v) {
  return static_cast<char>(static_cast<unsigned>(v.kind) | (v.anomaly ? 4u : 0u) | static_cast<unsigned>(v.reason) << 3);
}

Verdict verdict_of(char byte) {
  const auto bits = static_cast<unsigned char>(byte);
  const unsigned reason = bits >> 3;
  return {.kind = static_cast<Verdict::Kind>(bits & 3),
          .reason = reason < reason_names.size() ? static_cast<DeadLetterReason>(reason) : DeadLetterReason::other,
          .anomaly = (bits & 4) != 0};
}

void Batch::clear() {
  id = 0;
  position.clear();
  arrival = {};
  n_items = 0;
  readings.clear();
  texts.clear();
  rejected.clear();
  unmapped.clear();
  call = {};
  replayed.clear();
}

std::size_t Batch::bytes() const {
  std::size_t sum = sizeof(Batch) + position.size() + readings.size() * sizeof(Reading) + texts.bytes();
  for (const Rejected& r : rejected) sum += sizeof r + r.text.size() + r.bytes.size() + r.topic.size();
  return sum;
}

void Batch::reject(std::uint32_t item, DeadLetterReason reason, std::string text, std::string_view bytes) {
  rejected.push_back({item, reason, std::move(text), std::string(bytes.substr(0, most_bytes_kept)), {}});
}

}  // namespace telltale
