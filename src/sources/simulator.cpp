// Simulator: readings of machines that do not exist, with faults on order. The same seed gives the same readings everywhere.

#include <algorithm>
#include <cstdio>

#include "machines/units.h"
#include "sources/pace.h"
#include "sources/simulated_machine.h"
#include "sources/simulated_message.h"
#include "sources/source.h"

namespace telltale::sources {
namespace {
constexpr std::uint32_t messages_per_batch = 512;

/// Where a simulator stands: when the machine was started and the next step that it has not shown.
struct Progress {
  Time start{};
  std::uint64_t next = 0;

  static Result<Progress> parse(const Position& text) {
    long long start = 0;
    unsigned long long next = 0;
    if (std::sscanf(text.c_str(), "1 %lld %llu", &start, &next) != 2)
      return failed(ErrorKind::config, "the simulator's saved position '" + text + "' is none",
                    "give the source another name to begin anew");
    return Progress{time_from_ns(start), next};
  }
  Position text() const { return "1 " + std::to_string(ns_of(start)) + " " + std::to_string(next); }
};

/// A machine together with the names under which the engine knows it.
struct Unit {
  SimulatedMachine machine;
  AssetId asset = no_asset;
  std::vector<SignalId> signals = {};                  // [channels]
  std::vector<machines::Conversion> to_declared = {};  // [channels] into the unit that the site declares
};

class Simulator final : public Source {
 public:
  Simulator(std::vector<Unit> units, double speed, Nanoseconds catch_up, SourceContext context)
      : units_(std::move(units)), speed_(speed), catch_up_(catch_up), context_(std::move(context)), pace_(context_.clock) {}

  Result<void> open(const Position& from, std::stop_token stop) override {
    pace_.begin(std::move(stop));
    const Time now = pace_.now();
    progress_ = {std::chrono::floor<std::chrono::milliseconds>(now), 0};
    if (from.empty()) return {};
    auto saved = Progress::parse(from);
    if (!saved) return std::unexpected(saved.error());
    progress_ = *saved;
    skip_what_nobody_waits_for(now);
    return {};
  }

  Result<void> read(Batch& batch, Deadline until) override {
    if (!pace_.wait(due(progress_.next), until)) return {};
    const Time now = pace_.now();
    batch.arrival = now;
    while (due(progress_.next) <= now && batch.n_items < messages_per_batch) {
      for (const Unit& unit : units_) show(unit, unit.machine.sample(progress_.next), batch);
      ++progress_.next;
    }
    batch.position = progress_.text();
    return {};
  }

  Result<void> settle(BatchId, std::span<const Verdict>) override { return {}; }
  std::size_t max_unsettled() const override { return 4; }

 private:
  Time event_time(Nanoseconds machine_time) const {
    return progress_.start + Nanoseconds(static_cast<std::int64_t>(static_cast<double>(machine_time.count()) / speed_));
  }
  Time due(std::uint64_t step) const { return event_time(units_.front().machine.period() * static_cast<std::int64_t>(step)); }

  /// After a long absence the steps of the last `catch_up` are enough; the others keep their numbers and are never shown.
  void skip_what_nobody_waits_for(Time now) {
    const Time oldest = now - catch_up_;
    if (due(progress_.next) >= oldest) return;
    const double step = static_cast<double>(units_.front().machine.period().count()) / speed_;
    progress_.next = static_cast<std::uint64_t>(static_cast<double>((oldest - progress_.start).count()) / step) + 1;
  }

  void show(const Unit& unit, const SimulatedSample& sample, Batch& batch) const {
    const Time time = event_time(sample.at);
    for (std::size_t k = 0; k < unit.signals.size(); ++k)
      batch.readings.push_back({unit.signals[k], batch.n_items, time, unit.to_declared[k](sample.values[k]), Quality{}});
    if (unit.machine.type().classic_anomaly == ClassicAnomaly::named_fault) {  // the original's message carries it as text
      batch.texts.push_back({unit.asset, time, "fault_type", wire_name(sample.fault)});
      batch.texts.push_back({unit.asset, time, "status", sample.fault ? "FAULT" : "NORMAL"});
    }
    ++batch.n_items;
  }

  std::vector<Unit> units_;
  const double speed_;
  const Nanoseconds catch_up_;
  SourceContext context_;
  Pace pace_;
  Progress progress_;
};

Result<machines::Conversion> conversion_to_declared(const SimulatedChannel& channel, const machines::SignalType* declared) {
  if (!declared || declared->unit.empty() || channel.unit.empty()) return machines::Conversion{};
  return machines::conversion(channel.unit, declared->unit);
}

Result<Unit> make_unit(const SimulatedType& type, SimulatedOptions options, SourceContext& context) {
  Unit unit{SimulatedMachine(type, std::move(options))};
  const std::string& name = unit.machine.asset();
  unit.asset = context.names.asset(name);
  for (const SimulatedChannel& channel : type.channels) {
    auto conversion = conversion_to_declared(channel, context.plant.signal(name, channel.signal));
    if (!conversion) return std::unexpected(conversion.error());
    unit.to_declared.push_back(*conversion);
    const auto id = context.names.signal(name, channel.signal, Names::Expected::yes);
    if (!id) return failed(ErrorKind::config, "no room for signal " + std::string(channel.signal) + " of " + name, "simulate fewer assets");
    unit.signals.push_back(*id);
  }
  return unit;
}

Result<std::unique_ptr<Source>> make(const Settings& s, SourceContext context) {
  const SimulatedType& type = *find_simulated_type(s.text("machine"));
  const bool classic = s.flag("classic");
  SimulatedOptions options{.seed = s.count("seed"), .classic = classic};
  if (s.has("period")) options.period = s.duration("period");
  options.anomaly_probability = s.has("anomalies") ? s.number("anomalies") : classic ? type.classic_probability : 0;
  for (const std::string& text : s.texts("faults")) {
    auto window = parse_fault_window(type, text);
    if (!window) return std::unexpected(window.error());
    options.faults.push_back(*window);
  }
  std::vector<Unit> units;
  const std::string first = s.has("asset") ? s.text("asset") : std::string(type.first_asset);
  for (std::size_t n = 0; n < s.count("count"); ++n) {
    options.asset = numbered_asset(first, n);
    auto unit = make_unit(type, options, context);
    if (!unit) return std::unexpected(unit.error());
    units.push_back(std::move(*unit));
  }
  for (const FaultWindow& window : options.faults) {
    const auto of_this = [&](const Unit& u) { return window.asset.empty() || u.machine.asset() == window.asset; };
    if (std::ranges::none_of(units, of_this))
      return failed(ErrorKind::config,
                    "fault " + std::string(window.kind->name) + " is ordered for '" + window.asset + "', which is not simulated here",
                    "the first asset is " + first);
  }
  return std::make_unique<Simulator>(std::move(units), s.number("speed"), s.duration("catch_up"), std::move(context));
}
}  // namespace

SourcePart simulator() {
  return {
      .name = "simulator",
      .about = "Readings of simulated machines, with faults on order; the same seed gives the same readings everywhere.",
      .fields =
          {
              Field::choice("machine", simulated_type_names(), "compressor", "which of the four machines"),
              Field::optional_text("asset", "name of the first asset; further ones count its number up (default by machine: COMP-001 ...)"),
              Field("count", 1, "assets", "how many of them").between(1, 10'000),
              Field::duration("period", "", "time between messages of one asset (default by machine: 2 s or 1 s)"),
              Field("speed", 1.0, "", "how many seconds of the machine's life pass in one").between(0.001, 1e6),
              Field("seed", 1, "", "another seed, another machine of the same make").between(0, 1e15),
              Field::texts("faults", "ordered faults: KIND@START..END or ASSET:KIND@START..END, times from the start: vibration@8s..40s"),
              Field::optional_number("anomalies", "",
                                     "probability that a message is abnormal by itself (default 0; classic: the original's)")
                  .between(0, 1),
              Field("classic", false,
                    "anomalies exactly as the original simulator's: one reading long, and every fault moves every channel"),
              Field::duration("catch_up", "10min", "after a stop, steps older than this are left out"),
          },
      .make = make,
  };
}

}  // namespace telltale::sources
