// A decoder turns bytes and a mapping into readings. It never fails: what it cannot read it rejects, with the reason.
#pragma once

#include <memory>
#include <string_view>

#include "core/batch.h"
#include "core/result.h"

namespace telltale::decoders {

/// Bytes as they arrived from one place at one moment.
struct Payload {
  std::string_view topic;  // MQTT topic, HTTP path: what the mapping's topic pattern is held against; empty: there is none
  std::string_view bytes;
  Time arrival;
  bool retained = false;  // from a broker's memory: marked, not news
};

/// One thread calls it. Keeps caches of layouts, never readings.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Appends to `batch`: n_items grows by what came in, and each item ends as readings or as one Rejected.
  virtual void decode(const Payload&, Batch& batch) = 0;
};

}  // namespace telltale::decoders
