// Readings that a source took together, in columns, with the position that acknowledges them upstream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kept_texts.h"
#include "core/names.h"
#include "core/quality.h"
#include "core/time.h"

namespace telltale {

/// Where a source stands: bytes that only the source understands (a file offset, a Kafka offset); empty is the beginning.
using Position = std::string;
using BatchId = std::uint64_t;

/// Why bytes became a dead letter instead of readings. A closed list: it is a label of metrics and a column of tables.
enum class DeadLetterReason : std::uint8_t {
  not_json,
  bad_number,
  duplicate_key,
  invalid_utf8,
  no_time,
  bad_time,
  future,
  unmapped,
  limit_exceeded,
  bad_unit,
  cardinality,
  bad_csv,
  other,
};
std::string_view name_of(DeadLetterReason);
std::optional<DeadLetterReason> dead_letter_reason(std::string_view name);

/// What became of one reading (or of undecodable bytes) after the commit.
struct Verdict {
  enum class Kind : std::uint8_t { stored, duplicate, conflict, dead_letter } kind = Kind::stored;
  DeadLetterReason reason = DeadLetterReason::other;  // of a dead letter
  bool anomaly = false;                               // a detector flagged it (S4's `is_anomaly`)
};
std::string to_text(const Verdict&);  // "stored", "duplicate", "dead_letter:no_time"
/// The stored form of a verdict: kind in the two lowest bits, then `anomaly`, then the reason.
char to_byte(const Verdict&);
Verdict verdict_of(char byte);

/// One value of one signal.
struct Reading {
  SignalId signal;
  std::uint32_t item;  // which item of the batch it came from: verdicts go back per item
  Time time;           // when it was measured
  double value;        // in the signal's own unit; finite, or NaN when the quality is bad and says `missing`
  Quality quality;
};

/// Bytes that are no readings, with the reason: they are counted, kept and can be replayed.
struct Rejected {
  std::uint32_t item;
  DeadLetterReason reason;
  std::string text;        // for people: what is wrong, with the value
  std::string bytes;       // at most 64 KiB
  std::string topic = {};  // under which they came, where the source has topics: a replay decodes them under it again
};

/// A call with an Idempotency-Key: the same call again gets the same verdicts, also after a crash (contract C1, `docs/contract.md`).
struct KeyedCall {
  std::string key;       // empty: the call had none
  std::string body;      // digest of the body, 16 bytes
  std::string verdicts;  // a byte per item, filled at the commit: see to_byte()
};

/// Filled by a source through a decoder, moved through the engine, reused. One thread at a time.
struct Batch {
  BatchId id = 0;
  std::string source;             // the source's name
  Position position;              // stands after this batch; committed with it
  Time arrival{};                 // when the engine received it
  std::uint32_t n_items = 0;      // messages or array elements that came in
  std::vector<Reading> readings;  // in the order of arrival
  KeptTexts texts;
  std::vector<Rejected> rejected;
  std::vector<std::string> unmapped;  // topics that no mapping knows, at most a handful; listed, not lost
  KeyedCall call;
  std::vector<std::uint64_t> replayed;  // dead letters that this batch decodes once more

  bool empty() const { return n_items == 0 && position.empty(); }
  void clear();               // keeps the memory
  std::size_t bytes() const;  // what it weighs in a queue
  void reject(std::uint32_t item, DeadLetterReason reason, std::string text, std::string_view bytes);
};

}  // namespace telltale
