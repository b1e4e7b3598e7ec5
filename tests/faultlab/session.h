// An engine with a data directory, a broker and a client that posts; and the comparison of what stands with what was acknowledged.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "stores/store.h"
#include "tests/faultlab/engine_process.h"
#include "tests/faultlab/played_broker.h"
#include "tests/faultlab/row.h"

namespace telltale::faultlab {

class Session {
 public:
  /// @param data  the data directory; empty: one of its own in the order's folder
  Session(const Order& order, std::string_view name, const std::string& data = {});

  EngineProcess& engine() { return engine_; }
  Poster& poster() { return poster_; }
  std::uint16_t port() const { return port_; }
  const std::string& data() const { return data_; }
  std::string log() const { return folder_ + ".log"; }

  /// Spawns the engine and waits until it is ready. nullopt: it is.
  std::optional<std::string> start(Outcome& outcome);
  std::string last_words() const;  // of the engine: its log goes with the row
  /// At least so many acknowledgements more by either way; false: 30 s were not enough.
  bool make_way(std::uint64_t batches, std::uint64_t messages);
  /// No new readings go out, or they do again; what is on its way is repeated until it is acknowledged.
  void pause(bool paused);
  /// Kills the engine, stops all and compares what stands with what was acknowledged.
  void judge(Outcome& outcome);

 private:
  /// Readings 0 .. acknowledged - 1 of one way stand, each once, with their value; beyond them only what was sent may stand.
  void compare(const stores::Reader& reader, Outcome& outcome, const std::string& stem, std::uint64_t assets, const std::string& signal,
               std::uint64_t acknowledged, double fraction, const std::function<bool(std::uint64_t)>& is_reading) const;

  const std::string folder_, data_;
  const std::uint16_t port_;
  PlayedBroker broker_;
  EngineProcess engine_;
  Poster poster_;
};

/// An outcome that says why nothing was run, where no program was given.
std::optional<Outcome> without_a_program(const Order& order);

}  // namespace telltale::faultlab
