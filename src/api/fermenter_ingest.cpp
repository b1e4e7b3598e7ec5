// POST /ingest and /ingest/batch of the fermenter monitor: {"timestamp", "tag", "value"}, answered when the readings are on disk.
#include <cmath>
#include <memory>

#include "api/fermenter.h"
#include "api/intake.h"
#include "api/json_in.h"
#include "api/json_items.h"
#include "api/replies.h"
#include "api/signal_tags.h"

namespace telltale::api {
namespace {

const std::string source_name = "http";

struct Ingest {
  explicit Ingest(const ApiPtr& a)
      : api(a), decoders(decoders::readings_mapping(), *a->engine.site().plant, a->engine.names(), a->engine.clock()) {}
  const ApiPtr api;
  Decoders decoders;
};

/// One call on its way: what came in, item by item, and what becomes of it.
struct Call {
  HttpRequest request;
  Answer answer;
  bool batch = false;
  std::vector<std::string> tags;  // by position in the body
  std::vector<Origin> origins;    // by item of the batch
};

std::string tag_of(const FlatItem& item) {
  const Scalar* tag = item.find("tag");
  const auto* text = tag ? std::get_if<std::string>(tag) : nullptr;
  return text ? *text : std::string();
}

/// Why an item cannot be used before anything looks at its values; empty when it can.
std::string trouble_of(const FlatItem& item) {
  if (!item.trouble.empty()) return "the reading " + item.trouble;
  for (const std::string_view name : {"timestamp", "tag", "value"})
    if (!item.find(name)) return std::string(name) + " is missing";
  if (tag_of(item).empty()) return "tag is no text";
  if (!std::holds_alternative<std::string>(*item.find("timestamp"))) return "timestamp is no text";
  return {};
}

void write_scalar(JsonOut& json, const Scalar& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    json.value(*text);
  else if (const auto* yes = std::get_if<bool>(&value))
    json.value(*yes);
  else if (const auto* number = std::get_if<double>(&value))
    std::isfinite(*number) ? json.value(*number) : json.raw(*number > 0 ? "1e999" : "-1e999");
  else
    json.null();
}

/// Was it flagged? A reading that had come before is looked up: its verdict says only that.
bool is_anomaly(engine::Engine& engine, const Origin& origin, const Verdict& verdict) {
  if (verdict.kind == Verdict::Kind::stored) return verdict.anomaly;
  const Names& names = engine.names();
  const auto points = engine.history().points(names.asset_name(names.asset_of(origin.signal)), names.signal_name(origin.signal),
                                              {origin.time, origin.time + Nanoseconds(1)}, 1);
  return points && !points->empty() && points->front().anomaly;
}

void write_success(JsonOut& json, engine::Engine& engine, const Origin& origin, const Verdict& verdict) {
  const Names& names = engine.names();
  json.field("status", "success");
  json.field("id", stores::reading_id(names.asset_name(names.asset_of(origin.signal)), names.signal_name(origin.signal), origin.time));
  json.field("is_anomaly", is_anomaly(engine, origin, verdict));
  if (verdict.kind == Verdict::Kind::conflict) json.field("message", "another value stood under this time");
}

HttpReply batch_reply(engine::Engine& engine, const Call& call, const std::vector<Verdict>& verdicts) {
  JsonOut json;
  json.object().field("status", "success").field("processed", verdicts.size()).key("results").array();
  for (std::size_t k = 0; k < verdicts.size(); ++k) {
    const Origin& origin = call.origins[k];
    json.object().field("tag", call.tags[origin.position]);
    if (verdicts[k].kind == Verdict::Kind::dead_letter)
      json.field("status", "error").field("error", origin.message.empty() ? to_text(verdicts[k]) : origin.message);
    else
      write_success(json, engine, origin, verdicts[k]);
    json.end();
  }
  json.end().end();
  return json_reply(201, std::move(json));
}

HttpReply reply_of(const Api& api, const Call& call, const Result<std::vector<Verdict>>& verdicts) {
  if (!verdicts) return failure_reply(call.request, verdicts.error(), ErrorShape::detail);
  if (call.batch) return batch_reply(api.engine, call, *verdicts);
  JsonOut json;
  json.object();
  write_success(json, api.engine, call.origins.front(), verdicts->front());
  json.end();
  return json_reply(201, std::move(json));
}

HttpReply not_taken(sources::Inlet::Taken taken) {
  const bool full = taken == sources::Inlet::Taken::full;
  HttpReply reply =
      detail_reply(full ? 429 : 503, full ? "the queue is above 80 %: nothing was taken" : "the engine is read-only: nothing was taken");
  reply.header.emplace_back("Retry-After", full ? "1" : "10");
  return reply;
}

void offer(const std::shared_ptr<Ingest>& ingest, Batch batch, std::shared_ptr<Call> call) {
  const auto taken = ingest->api->engine.inlet(source_name).offer(std::move(batch), [ingest, call](Result<std::vector<Verdict>> verdicts) {
    // off the engine's thread: flags of repeats are looked up in the store
    ingest->api->later([ingest, call, verdicts = std::move(verdicts)] { call->answer(reply_of(*ingest->api, *call, verdicts)); });
  });
  if (taken == sources::Inlet::Taken::accepted) return;
  ingest->api->engine.count_rejected(source_name, call->origins.size());
  call->answer(not_taken(taken));
}

void refuse(const Ingest& ingest, Call& call, int status, std::string_view message) {
  ingest.api->engine.count_rejected(source_name, 1);
  call.answer(detail_reply(status, message));
}

void post(const std::shared_ptr<Ingest>& ingest, const HttpRequest& request, Answer answer, bool batch) {
  auto call = std::make_shared<Call>(request, std::move(answer), batch);
  if (!is_json(request)) return refuse(*ingest, *call, 415, "the body is not application/json");
  auto parsed = parse_flat_items(request.body, most_readings);
  if (!parsed) return refuse(*ingest, *call, parsed.error().kind == ErrorKind::refused ? 422 : 400, parsed.error().message);
  if (parsed->is_array != batch)
    return refuse(*ingest, *call, 400, batch ? "the body is no array" : "the body is no object: an array goes to /ingest/batch");
  if (parsed->items.empty()) return call->answer(text_reply(201, "application/json", R"({"status":"success","processed":0,"results":[]})"));

  const SignalTags tags(ingest->api->engine);
  std::string lines;
  for (const auto& item : parsed->items) {
    call->tags.push_back(tag_of(item));
    append_line(lines, item, tags);
  }
  auto intake = ingest->decoders.decode(lines, BodyKind::json_lines, ingest->api->engine.clock().now());
  if (!intake) return refuse(*ingest, *call, 400, intake.error().message);
  for (Origin& origin : intake->origins)
    if (const auto trouble = trouble_of(parsed->items[origin.position]); !trouble.empty()) origin.message = trouble;
  if (!batch && intake->origins.front().signal == no_signal) return refuse(*ingest, *call, 400, intake->origins.front().message);
  call->origins = std::move(intake->origins);
  offer(ingest, std::move(intake->batch), std::move(call));
}

}  // namespace

void append_line(std::string& lines, const FlatItem& item, const SignalTags& tags) {
  JsonOut json;
  json.object();
  if (trouble_of(item).empty()) {
    const TaggedSignal signal = tags.resolve(tag_of(item));
    json.field("asset", signal.asset).field("signal", signal.signal).key("time");
    write_scalar(json, *item.find("timestamp"));
    json.key("value");
    write_scalar(json, *item.find("value"));
  }
  json.end();
  lines += json.text() + "\n";
}

void add_fermenter_ingest(RouteTable& routes, ApiPtr api) {
  const auto ingest = std::make_shared<Ingest>(api);
  for (const bool batch : {false, true})
    routes.add_original_inlet(
        "POST", batch ? "/ingest/batch" : "/ingest", Role::device,
        [ingest, batch](const HttpRequest& r, Answer answer) { post(ingest, r, std::move(answer), batch); },
        [api] { api->engine.count_rejected(source_name, 1); });
}

}  // namespace telltale::api
