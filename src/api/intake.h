// Readings that come in by POST: bytes to a batch with one item per reading, so that each reading gets its own verdict.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/batch.h"
#include "core/clock.h"
#include "core/result.h"
#include "decoders/decoder.h"
#include "decoders/mapping.h"
#include "machines/plant.h"

namespace telltale::api {

inline constexpr std::size_t most_readings = 10'000;  // of one call

/// What one item of the batch is.
struct Origin {
  std::uint32_t position;       // among the readings of the body, from 0
  SignalId signal = no_signal;  // no_signal: it could not be read
  Time time{};
  std::string message;  // why it could not be read
};

struct Intake {
  Batch batch;
  std::vector<Origin> origins;  // by item of the batch
};

enum class BodyKind : std::uint8_t { json, json_lines };

/// Any thread: decoders are for one thread at a time and are lent out.
class Decoders {
 public:
  Decoders(decoders::Mapping mapping, const machines::Plant& plant, Names& names, const Clock& clock)
      : mapping_(std::move(mapping)), plant_(plant), names_(names), clock_(clock) {}
  /// errors   config: the body as a whole cannot be used; refused: too many readings
  Result<Intake> decode(std::string_view body, BodyKind kind, Time arrival);
  /// Lines that no caller waits for, however many and whatever they hold: what cannot be read is rejected, never refused as a whole.
  /// errors   config: no decoder could be made
  Result<Intake> decode_lines(std::string_view lines, Time arrival);

 private:
  Result<Batch> decoded(std::string_view body, BodyKind kind, Time arrival);
  Result<std::unique_ptr<decoders::Decoder>> borrow();
  void give_back(std::unique_ptr<decoders::Decoder> decoder);

  const decoders::Mapping mapping_;
  const machines::Plant& plant_;
  Names& names_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<decoders::Decoder>> idle_;
};

}  // namespace telltale::api
