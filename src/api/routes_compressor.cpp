// The gas compressor twin's routes: the last messages with all twelve fields, and those that named a fault. CORS is open, as it was.
#include <algorithm>
#include <cmath>
#include <ranges>

#include "api/replies.h"
#include "api/routes.h"
#include "machines/units.h"

namespace telltale::api {
namespace {

struct WireField {
  std::string_view name, signal, unit;
};
constexpr WireField wire_fields[] = {
    {"suction_pressure_psi", "suction_pressure", "psi"},
    {"discharge_pressure_psi", "discharge_pressure", "psi"},
    {"temp_f", "temperature", "degF"},
    {"rpm", "rpm", "rpm"},
    {"oil_pressure_psi", "oil_pressure", "psi"},
    {"vibration_mmps", "vibration", "mm/s"},
};

/// The value in the unit that the field's name promises; as it is where nobody declared a unit.
double as_promised(const machines::Plant& plant, const std::string& asset, const WireField& field, double value) {
  const auto* type = plant.signal(asset, field.signal);
  if (!type || type->unit.empty()) return value;
  const auto convert = machines::conversion(type->unit, field.unit);
  return convert ? (*convert)(value) : value;
}

void write_message(JsonOut& json, const stores::Reader::KeptMessage& message, const machines::Plant& plant) {
  const auto text = [&](const std::string& name) {
    if (const auto found = message.texts.find(name); found != message.texts.end()) json.field(name, found->second);
  };
  const double seconds = static_cast<double>(ns_of(message.time)) / 1e9;
  json.object().field("unit_id", message.asset);
  text("site");
  json.field("timestamp", to_rfc3339(message.time)).field("unix_ts", static_cast<std::int64_t>(std::floor(seconds)));
  for (const WireField& field : wire_fields)
    if (const auto found = message.values.find(std::string(field.signal)); found != message.values.end())
      json.field(field.name, as_promised(plant, message.asset, field, found->second));
  text("fault_type");
  text("status");
  json.end();
}

HttpReply messages_reply(const Api& api, const std::vector<stores::Reader::KeptMessage>& messages) {
  JsonOut json;
  json.array();
  for (const auto& message : messages) write_message(json, message, *api.engine.site().plant);
  json.end();
  HttpReply reply = json_reply(200, std::move(json));
  reply.header.emplace_back("Access-Control-Allow-Origin", "*");
  return reply;
}

/// Newest `limit` messages of all compressors, oldest first.
HttpReply last_messages(const Api& api, const HttpRequest& request, std::size_t limit, bool only_faults) {
  std::vector<stores::Reader::KeptMessage> all;
  for (const auto& asset : api.engine.site().plant->assets()) {
    auto messages =
        only_faults ? api.engine.history().messages(asset.id, limit, "fault_type", "NONE") : api.engine.history().messages(asset.id, limit);
    if (!messages) return failure_reply(request, messages.error(), ErrorShape::detail);
    std::ranges::move(*messages, std::back_inserter(all));
  }
  std::ranges::stable_sort(all, {}, &stores::Reader::KeptMessage::time);
  if (all.size() > limit) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(limit));
  if (only_faults) std::ranges::reverse(all);  // the original lists faults newest first
  return messages_reply(api, all);
}

}  // namespace

void add_compressor_routes(RouteTable& routes, ApiPtr api) {
  routes.add_original("GET", "/readings", Role::viewer,
                      [api](const HttpRequest& r, Answer answer) { answer(last_messages(*api, r, 200, false)); });
  routes.add_original("GET", "/faults", Role::viewer,
                      [api](const HttpRequest& r, Answer answer) { answer(last_messages(*api, r, 20, true)); });
}

}  // namespace telltale::api
