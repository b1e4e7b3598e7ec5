// The demo's site, its lines and its end.
#include "cli/demo_story.h"

#include <algorithm>
#include <cmath>

#include "cli/json_writer.h"
#include "cli/words_for_people.h"
#include "stores/store.h"

namespace telltale::cli {
namespace {
constexpr double period_s = 0.5;  // of every machine of the demo

struct Machine {
  std::string asset, type, simulator, fault;
};
const std::vector<Machine> machines = {{"COMP-001", "gas_compressor", "compressor", "'vibration@8s..40s'"},
                                       {"GT-01", "sgt400_train", "sgt400", ""},
                                       {"GRID-01", "power_grid", "powergrid", ""},
                                       {"FERM-01", "fermenter", "fermenter", ""}};

std::string ordered(const std::vector<std::string>& faults, const std::string& asset, const std::string& otherwise) {
  std::string list;
  for (const std::string& fault : faults) {
    if (fault.starts_with(asset + ":")) list += (list.empty() ? "" : ", ") + ("'" + fault + "'");
  }
  if (faults.empty()) list = otherwise;
  return list.empty() ? "" : ", faults: [" + list + "]";
}
}  // namespace

std::string clock_of_day() { return to_clock(Clock::system().now()); }

std::string demo_site_text(const std::vector<std::string>& faults) {
  std::string text = "site: Demo\nassets:\n";
  for (const Machine& m : machines) text += "  - {id: " + m.asset + ", type: " + m.type + "}\n";
  text += "sources:\n";
  for (const Machine& m : machines) {
    text += "  - {name: " + m.simulator + ", simulator: {machine: " + m.simulator + ", asset: " + m.asset + ", period: 500ms" +
            ordered(faults, m.asset, m.fault) + "}}\n";
  }
  return text;
}

void DemoStory::begin(const std::string& url, bool own_faults) {
  if (console_.json) return console_.line(Json().add("event", "started").add("url", url).text());
  console_.line("4 simulated machines: " + url + "  (Ctrl-C ends)");
  if (!own_faults) console_.line("COMP-001 fails in 8 s: watch.");
  console_.flush();
}

std::string DemoStory::subject(const Transition& t) const {
  const std::string asset(names_.asset_name(t.asset));
  if (t.signal == no_signal) return asset;
  const std::string_view name = names_.signal_name(t.signal);
  std::string label(name);
  for (char& c : label) c = c == '_' ? ' ' : c;
  return asset + " " + label;
}

std::string DemoStory::raised(const Transition& t) const {
  return to_clock(t.event_time) + " [" + std::to_string(t.priority) + "] " + std::string(names_.asset_name(t.asset)) + " " + t.cause;
}

std::string DemoStory::cleared(const Transition& t) const { return to_clock(t.event_time) + "     " + subject(t) + " back to normal"; }

void DemoStory::committed(const std::shared_ptr<const Entry>& entry) {
  for (const Transition& t : entry->transitions) {
    if (t.kind != Transition::Kind::raised && t.kind != Transition::Kind::cleared) continue;
    if (console_.json) {
      console_.line(Json()
                        .add("event", name_of(t.kind))
                        .add("time", to_rfc3339(t.event_time))
                        .add("asset", names_.asset_name(t.asset))
                        .add("signal", t.signal == no_signal ? "*" : names_.signal_name(t.signal))
                        .add("rule", t.rule)
                        .add("cause", t.cause)
                        .text());
    } else {
      console_.line(t.kind == Transition::Kind::raised ? raised(t) : cleared(t));
    }
    console_.flush();
  }
}

namespace {
struct DemoEnd {
  Ledger ledger;
  std::size_t assets = 0, anomalies = 0;
  std::uint64_t missing = 0;
  std::vector<stores::AlarmRow> alarms;
};

/// Simulated machines speak every half second: what lies between a signal's first and last reading must all be there. What a visitor
/// posted beside them has its own rhythm, and the ledger counts it.
Result<std::uint64_t> missing_readings(const stores::Reader& reader, std::size_t& assets) {
  auto signals = reader.signals();
  if (!signals) return std::unexpected(signals.error());
  std::uint64_t missing = 0;
  std::string asset;
  for (const auto& [owner, signal] : *signals) {
    if (std::ranges::find(machines, owner, &Machine::asset) == machines.end()) continue;
    if (owner != asset) ++assets;
    asset = owner;
    auto s = reader.statistics(owner, signal, {});
    if (!s) return std::unexpected(s.error());
    if (!s->first) continue;
    const auto expected =
        static_cast<std::uint64_t>(std::llround(std::chrono::duration<double>(*s->last - *s->first).count() / period_s)) + 1;
    missing += expected > s->count ? expected - s->count : 0;
  }
  return missing;
}

Result<DemoEnd> read_end(const std::string& directory) {
  auto reader = stores::open_local_read_only(directory);
  if (!reader) return std::unexpected(reader.error());
  DemoEnd end;
  auto missing = missing_readings(**reader, end.assets);
  auto ledger = (*reader)->ledger();
  auto alarms = (*reader)->alarms({});
  auto anomalies = (*reader)->anomalies({});
  if (!missing) return std::unexpected(missing.error());
  if (!ledger) return std::unexpected(ledger.error());
  if (!alarms) return std::unexpected(alarms.error());
  if (!anomalies) return std::unexpected(anomalies.error());
  end.missing = *missing;
  for (const auto& [source, one] : *ledger) end.ledger += one;
  end.alarms = std::move(*alarms);
  end.anomalies = anomalies->size();
  return end;
}

void tell_json(const Call& call, const DemoEnd& end, std::size_t kills, bool good) {
  std::vector<Json> alarms;
  for (const stores::AlarmRow& a : end.alarms) {
    alarms.push_back(Json()
                         .add("asset", a.asset)
                         .add("signal", a.signal)
                         .add("rule", a.rule)
                         .add("raised", to_rfc3339(a.raised))
                         .add("cleared", a.cleared ? to_rfc3339(*a.cleared) : "")
                         .add("cause", a.cause));
  }
  const Ledger& l = end.ledger;
  call.console.line(Json()
                        .add("assets", end.assets)
                        .add("readings", l.received)
                        .add("stored", l.stored)
                        .add("lost", end.missing)
                        .add("anomalies", end.anomalies)
                        .add("alarms", alarms)
                        .add("ledger", Json()
                                           .add("received", l.received)
                                           .add("stored", l.stored)
                                           .add("duplicate", l.duplicate)
                                           .add("conflict", l.conflict)
                                           .add("dead_letter", l.dead_letter)
                                           .add("rejected", l.rejected)
                                           .add("in_flight", l.in_flight)
                                           .add("balanced", l.balances()))
                        .add("kills", kills)
                        .add("status", good ? "ok" : "failed")
                        .text());
}
}  // namespace

int tell_demo_end(const Call& call, const std::string& directory, std::size_t kills) {
  const auto end = read_end(directory);
  if (!end) return call.fail(end.error());
  const Ledger& l = end->ledger;
  const bool good = l.balances() && end->missing == 0;
  if (call.console.json) {
    tell_json(call, *end, kills, good);
    return good ? status::ok : status::failure;
  }
  call.console.line(grouped(l.received) + " readings = " + grouped(l.stored) + " stored" +
                    (l.duplicate > 0 ? " + " + grouped(l.duplicate) + " repeated" : "") +
                    (l.dead_letter > 0 ? " + " + grouped(l.dead_letter) + " dead letters" : "") + ", " + grouped(end->missing) + " lost" +
                    (kills > 0 ? " over " + counted(kills, "kill -9", "kills -9") : ""));
  call.console.line(counted(end->anomalies, "anomaly", "anomalies") + ", " + counted(end->alarms.size(), "alarm", "alarms"));
  call.console.line("Yours: ./telltale detect FILE.csv   or   ./telltale init mqtt://HOST");
  return good ? status::ok : status::failure;
}

}  // namespace telltale::cli
