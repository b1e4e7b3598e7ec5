// The engine: reads a site, owns every thread, queue, retry and receipt. What it answers, the API and the command line show.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/entry.h"
#include "core/http.h"
#include "engine/site.h"
#include "stores/store.h"

namespace telltale::engine {

/// The newest of a signal, for live screens.
struct LatestValue {
  SignalId signal = no_signal;
  Time time{}, arrival{};
  double value = 0;
  Quality quality;
  bool anomaly = false;
};

struct SourceStatus {
  std::string name, kind;
  enum class State : std::uint8_t { starting, running, waiting, paused, failed, ended } state = State::starting;
  std::string last_error, hint;
  Ledger ledger;                      // this run and all before
  Time last_message{};                // arrival; epoch: never
  double per_second = 0;              // readings, over the last 10 s
  double lag_seconds = 0;             // arrival minus event time of the newest reading
  std::vector<std::string> unmapped;  // topics that no mapping knows
  std::string clock_note;             // "2 h ahead: set zone", empty when nothing is odd
};

struct SinkStatus {
  std::string name, kind;
  bool running = false;
  std::string last_error;
  std::uint64_t delivered = 0, retries = 0, dropped = 0;
  Sequence cursor = 0;
  std::uint64_t behind = 0;  // entries
};

struct EngineStatus {
  Time started{}, now{};
  Sequence committed = 0, applied = 0;
  std::uint64_t readings_per_second = 0;
  std::uint64_t commits = 0;
  double commit_seconds_max = 0;  // over the last minute
  std::size_t queue_bytes = 0, queue_limit = 0;
  std::size_t journal_bytes = 0;
  bool ready = false, read_only = false;  // read_only: ready for questions alone
  std::vector<std::string> not_ready_because;
  stores::Space disk;     // of the store
  bool disk_low = false;  // below 10 % or 1 GiB
  std::vector<SourceStatus> sources;
  std::vector<SinkStatus> sinks;
  Ledger total;
};

/// Told of every committed entry, after the commit, on the hub's thread, in order. Must not block.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void committed(const std::shared_ptr<const Entry>&) = 0;
};

/// Which dead letters go: one, or all that fit.
struct DeadLetterPurge {
  std::string actor = "local";
  std::optional<std::uint64_t> id;
  std::string source, reason;  // empty: all
  std::optional<Time> before;  // last heard of before this
};

/// What the API and the command line may ask of a running engine. Any thread.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual const Site& site() const = 0;
  virtual Names& names() = 0;
  virtual const stores::Reader& history() const = 0;
  virtual const Clock& clock() const = 0;
  virtual std::vector<LatestValue> latest() const = 0;  // all signals, ordered by asset and signal name
  virtual std::vector<LatestValue> latest(std::string_view asset) const = 0;
  virtual void each_latest(const std::function<void(const LatestValue&)>& visit) const = 0;  // all signals, in no order: what is cheap
  /// What is expected of a signal now and whether its detectors are still warming.
  struct Band {
    bool warming = true;
    std::optional<double> low, high;
  };
  virtual Band band(SignalId) const = 0;
  virtual EngineStatus status() const = 0;
  /// A command as an input; answers after its commit, when queries see it. errors: refused with the reason.
  virtual void command(Command, std::function<void(Result<Transition>)> done) = 0;
  /// Decodes a dead letter once more, as its source does, and stores what it gives. It counts as received by the source
  /// "dead-letters", and its readings as what becomes of them; what the letter counted when it came stays. Verdicts after queries see
  /// them. errors  refused: it cannot be decoded again, with the reason; disk_full
  virtual void replay(const stores::DeadLetterRow&, std::function<void(Result<std::vector<Verdict>>)> done) = 0;
  /// Has its source other settings or another mapping than when this could not be read? nullopt: not known.
  virtual std::optional<bool> read_otherwise_now(const stores::DeadLetterRow&) const = 0;
  /// Written down, so that tables that are built again leave them out too.
  virtual void purge(const DeadLetterPurge&, std::function<void(Result<void>)> done) = 0;
  virtual void listen(std::weak_ptr<Listener>) = 0;
  /// Readings by other ways in than a source of the site file (POST /api/v1/readings, S4's /ingest), under the source name `name`.
  virtual sources::Inlet& inlet(const std::string& name) = 0;
  /// Adds the routes of served sources.
  virtual void add_routes(Router&) = 0;
  /// Counted for the ledger of `name`: an answer that was not 2xx.
  virtual void count_rejected(const std::string& name, std::uint64_t readings) = 0;
  /// Blocks until every source has ended (files read to their end) and all is applied, or stop is requested.
  virtual void wait_until_idle(std::stop_token) = 0;
  /// Stop sources, drain at most 10 s, save states, close. Idempotent.
  virtual void stop() = 0;
};

struct EngineOptions {
  const Clock* clock = &Clock::system();
  bool suppress_tick = false;  // no tick each second: tests that compare whole runs
  Nanoseconds look_at_disk = std::chrono::seconds(1);
  stores::LocalOptions store = {};
};

/// Opens the store, restores states, re-runs the journal's tail with outputs suppressed, starts all threads.
/// errors   config, storage: with what to do
Result<std::unique_ptr<Engine>> start_engine(std::shared_ptr<const Site> site, EngineOptions options = {});

}  // namespace telltale::engine
