// What a simulated machine puts on the wire: the original systems' messages, or our own readings.
#include "sources/simulated_message.h"

#include <cmath>

#include "core/json_text.h"

namespace telltale::sources {
namespace {

/// One JSON object, field by field.
class Object {
 public:
  Object& text(std::string_view name, std::string_view value) {
    key(name);
    append_json(out_, value);
    return *this;
  }
  Object& number(std::string_view name, double value) {
    key(name);
    append_json(out_, value);
    return *this;
  }
  Object& values(const SimulatedMachine& machine, const SimulatedSample& sample, std::string_view SimulatedChannel::* name) {
    const auto& channels = machine.type().channels;
    for (std::size_t k = 0; k < channels.size(); ++k) number(channels[k].*name, sample.values[k]);
    return *this;
  }
  Object& object(std::string_view name, const Object& inner) {
    key(name);
    out_ += inner.out_ + "}";
    return *this;
  }
  std::string end() const { return out_ + "}"; }

 private:
  void key(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    append_json(out_, name);
    out_ += ':';
  }
  std::string out_ = "{";
};

/// Two of the originals write times without a zone.
std::string zoneless(Time time) {
  std::string text = to_rfc3339(time);
  text.pop_back();
  return text;
}

double unix_seconds(Time time) { return std::round(static_cast<double>(ns_of(time) / 1000)) / 1e6; }

WireMessage compressor(const SimulatedMachine& m, const SimulatedSample& s, Time time, std::string_view site) {
  Object o;
  o.text("unit_id", m.asset()).text("site", site).text("timestamp", to_rfc3339(time)).number("unix_ts", unix_seconds(time));
  o.values(m, s, &SimulatedChannel::wire);
  o.text("fault_type", wire_name(s.fault)).text("status", s.fault ? "FAULT" : "NORMAL");
  return {"compressor/telemetry", o.end()};
}

WireMessage train(const SimulatedMachine& m, const SimulatedSample& s, Time time) {
  Object o;
  o.text("Timestamp", to_rfc3339(time)).number("Time", static_cast<double>(s.step + 1)).text("Device_ID", m.asset());
  o.values(m, s, &SimulatedChannel::wire).text("Status", s.abnormal() ? "Fault" : "Normal");
  return {"sensors-raw", o.end()};
}

WireMessage grid_sensor(const SimulatedMachine& m, const SimulatedSample& s, Time time) {
  Object o;
  o.text("device_id", m.asset()).text("timestamp", zoneless(time)).values(m, s, &SimulatedChannel::wire);
  return {"grid/sensors/" + m.asset(), o.end()};
}

std::vector<WireMessage> fermenter(const SimulatedMachine& m, const SimulatedSample& s, Time time) {
  std::vector<WireMessage> messages;
  for (std::size_t k = 0; k < s.values.size(); ++k) {
    const SimulatedChannel& channel = m.type().channels[k];
    Object o;
    o.text("timestamp", zoneless(time)).text("tag", channel.wire).number("value", s.values[k]);
    if (m.asset() != m.type().first_asset) o.text("asset", m.asset());  // the original has one fermenter and does not name it
    messages.push_back({"fermenter/" + m.asset() + "/" + std::string(channel.wire), o.end()});
  }
  return messages;
}
}  // namespace

std::string_view wire_name(const FaultKind* fault) { return !fault ? "NONE" : fault->seed_name.empty() ? fault->name : fault->seed_name; }

std::vector<WireMessage> original_messages(const SimulatedMachine& machine, const SimulatedSample& sample, Time time,
                                           std::string_view site) {
  const std::string_view type = machine.type().name;
  if (type == "compressor") return {compressor(machine, sample, time, site)};
  if (type == "sgt400") return {train(machine, sample, time)};
  if (type == "powergrid") return {grid_sensor(machine, sample, time)};
  return fermenter(machine, sample, time);
}

WireMessage readings_message(const SimulatedMachine& machine, const SimulatedSample& sample, Time time) {
  Object values;
  values.values(machine, sample, &SimulatedChannel::signal);
  Object o;
  o.text("asset", machine.asset()).text("time", to_rfc3339(time)).object("values", values);
  return {"telltale/" + machine.asset(), o.end()};
}

}  // namespace telltale::sources
