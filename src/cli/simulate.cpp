// `telltale simulate`: readings of a simulated machine as messages, with faults on order and the truth beside them.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/destination.h"
#include "cli/json_writer.h"
#include "cli/stop_signals.h"
#include "cli/words_for_people.h"
#include "core/clock.h"
#include "core/settings.h"
#include "sources/simulated_message.h"

namespace telltale::cli {
namespace {
constexpr std::size_t messages_at_once = 500;

struct Simulation {
  const sources::SimulatedType* type = nullptr;
  std::vector<sources::SimulatedMachine> machines;
  double speed = 1;       // 0: without waiting
  Nanoseconds length{0};  // of the machines' time; 0: without end
  std::string site;
  Nanoseconds period() const { return machines.front().period(); }
};

std::string list_of(const std::vector<std::string_view>& names) {
  std::string list;
  for (std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

Result<const sources::SimulatedType*> type_of(const std::string& word) {
  if (const auto* type = sources::find_simulated_type(word)) return type;
  const auto names = sources::simulated_type_names();
  const std::string_view meant = did_you_mean(word, names);
  return failed(ErrorKind::config, "there is no simulated machine '" + word + "'",
                meant.empty() ? "there are: " + list_of(names) : "did you mean '" + std::string(meant) + "'?");
}

Result<Simulation> simulation_of(const Call& call) {
  auto type = type_of(call.words.front());
  if (!type) return std::unexpected(type.error());
  Simulation s{
      .type = *type, .speed = call.number("--speed", 1), .length = call.duration("--for"), .site = call.text("--site", "EMIT-SITE-TX-01")};
  if (s.speed < 0)
    return failed(ErrorKind::config, "--speed " + call.text("--speed") + " runs backwards",
                  "1 is as fast as in reality, 0 without waiting");
  sources::SimulatedOptions options{.seed = call.count("--seed", 1), .period = call.duration("--period"), .classic = call.has("--classic")};
  options.anomaly_probability = call.number("--anomalies", options.classic ? (*type)->classic_probability : 0);
  if (!(options.anomaly_probability >= 0 && options.anomaly_probability <= 1))
    return failed(ErrorKind::config, "--anomalies " + call.text("--anomalies") + " is no probability from 0 to 1");
  for (const std::string& text : call.texts("--fault")) {
    auto window = sources::parse_fault_window(**type, text);
    if (!window) return std::unexpected(window.error());
    options.faults.push_back(*window);
  }
  const std::size_t count = std::max<std::size_t>(1, call.count("--count", 1));
  for (std::size_t n = 0; n < count; ++n) {
    options.asset = sources::numbered_asset(call.text("--asset", (*type)->first_asset), n);
    s.machines.emplace_back(**type, options);
  }
  return s;
}

/// The ground truth: one line per message of a machine.
class Truth {
 public:
  static Result<Truth> open(const std::string& path) {
    Truth truth;
    if (path.empty()) return truth;
    truth.file_.reset(std::fopen(path.c_str(), "w"));
    if (!truth.file_) return failed(ErrorKind::config, "cannot write " + path, "check the folder and your rights in it");
    std::fputs("time,asset,fault,severity,abnormal\n", truth.file_.get());
    return truth;
  }
  void add(const std::string& asset, const sources::SimulatedSample& sample, Time time) const {
    if (!file_) return;
    const std::string_view fault = sample.fault ? sample.fault->name : "";
    std::fprintf(file_.get(), "%s,%s,%.*s,%.3f,%d\n", to_rfc3339(time).c_str(), asset.c_str(), static_cast<int>(fault.size()), fault.data(),
                 sample.severity, sample.abnormal());
  }

 private:
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

class Player {
 public:
  Player(const Simulation& simulation, Destination& to, const Truth& truth, const Call& call)
      : simulation_(simulation), to_(to), truth_(truth), call_(call),
        start_(std::chrono::floor<std::chrono::milliseconds>(Clock::system().now())) {
    // Without waiting the machines' time would run ahead: what is asked for ends now.
    if (simulation.speed == 0) start_ -= simulation.length;
  }

  Result<void> play(const StopSignals& signals) {
    const bool shown = call_.text("--to", "-") != "-" || !call_.console.out_is_terminal();
    const std::uint64_t total = simulation_.length > Nanoseconds{0} ? steps() : 0;
    std::unique_ptr<Progress> progress;
    if (shown) progress = std::make_unique<Progress>(call_.console, "simulating", "steps", total);
    for (std::uint64_t step = 0; total == 0 || step < total; ++step) {
      if (wait_for(step, signals)) break;
      collect(step);
      const bool next_is_due = simulation_.speed == 0 || due(step + 1) <= Clock::system().now();
      if (next_is_due && outgoing_.size() < messages_at_once && step + 1 != total) continue;
      if (auto delivered = hand_over(signals); !delivered) return delivered;
      if (progress) progress->at(step + 1);
    }
    return hand_over(signals);
  }
  std::uint64_t messages = 0, readings = 0;

 private:
  std::uint64_t steps() const {
    const auto period = simulation_.period().count();
    return static_cast<std::uint64_t>((simulation_.length.count() + period - 1) / period);
  }
  Time event_time(Nanoseconds machine_time) const {
    const double speed = simulation_.speed == 0 ? 1 : simulation_.speed;
    return start_ + Nanoseconds{static_cast<std::int64_t>(static_cast<double>(machine_time.count()) / speed)};
  }
  Time due(std::uint64_t step) const { return event_time(simulation_.period() * static_cast<std::int64_t>(step)); }

  /// True: a signal came.
  bool wait_for(std::uint64_t step, const StopSignals& signals) const {
    if (simulation_.speed == 0) return signals.wait_for(Nanoseconds{0});
    return signals.wait_for(due(step) - Clock::system().now());
  }
  void collect(std::uint64_t step) {
    for (const sources::SimulatedMachine& machine : simulation_.machines) {
      const sources::SimulatedSample sample = machine.sample(step);
      const Time time = event_time(sample.at);
      truth_.add(machine.asset(), sample, time);
      collected_ += sample.values.size();
      if (to_.wants_readings()) {
        add(sources::readings_message(machine, sample, time));
      } else {
        for (sources::WireMessage& message : sources::original_messages(machine, sample, time, simulation_.site)) add(std::move(message));
      }
    }
  }
  void add(sources::WireMessage message) { outgoing_.push_back({std::move(message.topic), std::move(message.body)}); }
  Result<void> hand_over(const StopSignals& signals) {
    auto delivered = deliver(to_, outgoing_, signals, call_.console);
    if (!delivered) return delivered;
    messages += outgoing_.size();
    readings += collected_;
    collected_ = 0;
    outgoing_.clear();
    return {};
  }

  const Simulation& simulation_;
  Destination& to_;
  const Truth& truth_;
  const Call& call_;
  Time start_;
  std::vector<Outgoing> outgoing_;
  std::uint64_t collected_ = 0;  // readings in them
};

int run(Call& call) {
  const StopSignals signals;
  auto simulation = simulation_of(call);
  if (!simulation) return call.fail(status::usage, simulation.error().message, simulation.error().hint);
  auto truth = Truth::open(call.text("--truth"));
  if (!truth) return call.fail(truth.error());
  auto to = destination_of(call);
  if (!to) return call.fail(status::usage, to.error().message, to.error().hint);
  Player player(*simulation, **to, *truth, call);
  const auto played = player.play(signals);
  if (!played && played.error().kind != ErrorKind::closed) return call.fail(played.error());
  if (!call.console.wrote_all()) return status::ok;  // whoever read has seen enough
  if (call.console.json) {
    call.console.line(Json().add("status", "ok").add("messages", player.messages).add("readings", player.readings).text());
  } else {
    call.console.say(counted(player.messages, "message", "messages") + " with " + counted(player.readings, "reading", "readings") + " to " +
                     (*to)->name());
  }
  return status::ok;
}
}  // namespace

Command simulate() {
  return {
      .word = "simulate",
      .about = "Sends readings of a simulated machine to standard output, a broker or an engine",
      .examples = {"telltale simulate compressor --fault vibration@8s..40s", "telltale simulate powergrid --count 10 --to mqtt://localhost",
                   "telltale simulate fermenter --to http://127.0.0.1:8000 --speed 10",
                   "telltale simulate sgt400 --speed 0 --for 1h --truth truth.csv > rows.jsonl"},
      .arguments = "TYPE",
      .least_words = 1,
      .most_words = 1,
      .options = with_destination_options({
          {"--fault", "KIND[@START[..END]]", "a fault on order, or ASSET:KIND@...; times in the machine's own time", OptionKind::repeated},
          {"--for", "TIME", "how much of the machine's time; else until Ctrl-C", OptionKind::duration},
          {"--speed", "N", "1: as in reality; 10: ten times as fast; 0: without waiting, ending now", OptionKind::number},
          {"--period", "TIME", "between messages (1 s or 2 s, by machine)", OptionKind::duration},
          {"--seed", "N", "another seed, another machine of the same make (1)", OptionKind::count},
          {"--asset", "NAME", "name of the first machine (COMP-001, GT-01, GRID-01, FERM-01)", OptionKind::text},
          {"--count", "N", "how many; their numbers count up (1)", OptionKind::count},
          {"--anomalies", "P", "probability that a message is abnormal by itself (0; classic: the original's)", OptionKind::number},
          {"--classic", "", "anomalies exactly as the original simulators', one reading long", OptionKind::flag},
          {"--site", "NAME", "site in the compressor's messages (EMIT-SITE-TX-01)", OptionKind::text},
          {"--truth", "FILE", "what was really the matter, as CSV: time,asset,fault,severity,abnormal", OptionKind::text},
      }),
      .notes =
          "Machines and their faults:\n"
          "  compressor  vibration, high_temperature, high_discharge_pressure, low_oil_pressure, rpm_drop, high_suction_pressure\n"
          "  sgt400      bearing_wear, fouling, surge, seal_leak\n"
          "  powergrid   over_voltage, under_voltage, overload, loose_contact\n"
          "  fermenter   cooling_loss, low_ph, agitator_stall\n"
          "Messages have the original systems' shapes; http://HOST without a path gets readings for POST /api/v1/readings.\n",
      .run = run,
  };
}

}  // namespace telltale::cli
