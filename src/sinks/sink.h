// A sink: a place where results go and stay. It writes; the engine keeps the cursor, the budget and the retries.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/entry.h"
#include "core/result.h"
#include "core/settings.h"

namespace telltale::sinks {

using Deadline = std::chrono::steady_clock::time_point;

/// What a sink may ask for. `measurements`: readings; `anomalies`: findings; `alarms`: transitions.
enum class ItemKind : std::uint8_t { reading, finding, transition };

/// One thing to deliver, in journal order. The id is stable over restarts and retries: receivers can recognise a repeat by it.
struct Item {
  ItemKind kind;
  Sequence sequence;
  std::uint32_t index;             // within the entry: (sequence, index) is the id of a reading
  std::string_view asset, signal;  // signal empty: the asset as a whole
  const StoredReading* reading = nullptr;
  const Finding* finding = nullptr;
  const Transition* transition = nullptr;
  std::string id() const;  // "s<sequence>-<index>", for transitions "<alarm id>-<kind>-<count>"
};

/// One engine thread, cursor and budget each.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> open(std::stop_token) = 0;
  /// Items in journal order. Returns how many from the front surely arrived. timeout: unknown, the same come again.
  /// refused: Error::item names the culprit; without it the engine bisects. not_connected: open again.
  virtual Result<std::size_t> write(std::span<const Item>, Deadline) = 0;
  virtual bool wants(ItemKind) const { return true; }
};

struct SinkPart {
  std::string_view name, about;
  std::vector<Field> fields = {};
  Result<std::unique_ptr<Sink>> (*make)(const Settings&, const std::string& name) = nullptr;
};
std::span<const SinkPart> sink_parts();

}  // namespace telltale::sinks
