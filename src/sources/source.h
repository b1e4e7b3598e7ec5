// A source: a place where readings come from. It reports; the engine retries, waits, counts and acknowledges.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/batch.h"
#include "core/clock.h"
#include "core/http.h"
#include "core/result.h"
#include "core/settings.h"
#include "decoders/decoder.h"
#include "decoders/mapping.h"
#include "machines/plant.h"

namespace telltale::sources {

using Deadline = std::chrono::steady_clock::time_point;

/// One engine thread calls open, then read and settle, then destroys. Parts never retry, sleep or reconnect.
class Source {
 public:
  virtual ~Source() = default;
  /// Goes on after `from` (empty: the beginning). not_connected, timeout: called again after the engine's back-off;
  /// config: stays down and is shown; anything else is a defect of the part.
  virtual Result<void> open(const Position& from, std::stop_token) = 0;
  /// Fills `batch` (cleared, reused) and its position, or returns it empty at `until`. Undecodable bytes are no error
  /// but batch.reject(...). not_connected: open again; closed: nothing will ever come.
  virtual Result<void> read(Batch& batch, Deadline until) = 0;
  /// After the commit; every batch once, in read order, a verdict per item. not_connected: the sender will repeat.
  virtual Result<void> settle(BatchId, std::span<const Verdict>) = 0;
  /// How many batches may be read before the first is settled. MQTT 1: its acknowledgements leave in one write.
  virtual std::size_t max_unsettled() const { return 1; }
  /// The engine reads nothing for a while (a full disk) and says so before and after: true lets go of a connection whose other side
  /// keeps what comes meanwhile. After false the next read() may answer not_connected.
  virtual void pause(bool) {}
};

/// What takes batches from served sources: the engine. Any thread.
class Inlet {
 public:
  enum class Taken : std::uint8_t { accepted, full, read_only };
  /// Verdicts per item, after the commit and after queries can see the readings; an Error: nothing was stored.
  using Done = std::move_only_function<void(Result<std::vector<Verdict>>)>;
  virtual ~Inlet() = default;
  /// full, read_only: `batch` and `done` are untouched and the caller answers (429, 503).
  virtual Taken offer(Batch&& batch, Done&& done) = 0;
  /// For the ledger: so many readings were answered without 2xx and are kept nowhere.
  virtual void count_rejected(std::uint64_t) {}
};

/// A source that is routes of the one HTTP server (its TLS, limits, roles).
class ServedSource {
 public:
  virtual ~ServedSource() = default;
  virtual void add_routes(Router&, Inlet&) = 0;
};

/// What the engine hands to a part when it is made.
struct SourceContext {
  std::string name;  // the source's own name: cursors, ledger and metrics hang on it
  Names& names;
  const machines::Plant& plant;
  const Clock& clock;
  std::function<Result<std::unique_ptr<decoders::Decoder>>()> make_decoder;  // by the source's `mapping`; each caller thread its own
  // For sources that read whole tables themselves: the same mapping, and the zone of times that have none.
  std::function<Result<decoders::Mapping>()> find_mapping = [] { return decoders::find_mapping("", ""); };
  std::string zone = {};
};

struct SourcePart {
  std::string_view name, about;
  bool ends = false;  // by its nature: what it reads has an end, after which it is not missed
  std::vector<Field> fields = {};
  Result<std::unique_ptr<Source>> (*make)(const Settings&, SourceContext) = nullptr;  // one of the two
  Result<std::unique_ptr<ServedSource>> (*serve)(const Settings&, SourceContext) = nullptr;
  bool decodes = false;  // its dead letters are messages that its mapping can decode once more
};
std::span<const SourcePart> source_parts();

}  // namespace telltale::sources
