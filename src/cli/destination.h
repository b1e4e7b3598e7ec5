// Where simulated and replayed messages go: standard output, an MQTT broker, an engine's HTTP interface.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/stop_signals.h"
#include "core/result.h"

namespace telltale::cli {

struct Outgoing {
  std::string topic;  // of MQTT; elsewhere it is not said
  std::string body;   // one JSON object
};

/// One thread.
class Destination {
 public:
  virtual ~Destination() = default;
  /// Connects when it is not. errors  not_connected, timeout: the same again, what arrived already is harmless; else a person must act
  virtual Result<void> send(std::span<const Outgoing>) = 0;
  /// An engine is told our own readings; everybody else gets the messages as their senders write them.
  virtual bool wants_readings() const { return false; }
  virtual std::string name() const = 0;
};

/// "--to" and the TLS files of a broker, for a word's options.
std::vector<Option> with_destination_options(std::vector<Option> options);
/// By --to: "-", mqtt://..., mqtts://..., http://HOST (readings to its API), http://HOST/path (the messages, as an array).
/// errors   config: no such place, or TLS files that do not fit
Result<std::unique_ptr<Destination>> destination_of(const Call&);

/// Sends until it has arrived: after a lost connection again, with full jitter, as sources and sinks do.
/// errors   not_connected, timeout: a signal came while it tried; closed: the reader went away; else what only a person can mend
Result<void> deliver(Destination&, std::span<const Outgoing>, const StopSignals&, const Console&);

}  // namespace telltale::cli
