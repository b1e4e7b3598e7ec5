// POST /api/v1/readings: answered after the commit, with a verdict per reading.
#include <algorithm>

#include "api/idempotency.h"
#include "api/intake.h"
#include "api/json_in.h"
#include "api/replies.h"
#include "api/routes.h"

namespace telltale::api {
namespace {

const std::string source_name = "http";

struct Readings {
  explicit Readings(const ApiPtr& a)
      : api(a), decoders(readings_mapping(), *a->engine.site().plant, a->engine.names()), keys(a->engine.clock()) {}
  const ApiPtr api;
  Decoders decoders;
  IdempotencyKeys keys;
};

void write_verdict(JsonOut& json, const Origin& origin, const Verdict& verdict, const Names& names) {
  json.object().field("item", origin.position);
  if (origin.signal != no_signal) {
    json.field("asset", names.asset_name(names.asset_of(origin.signal))).field("signal", names.signal_name(origin.signal));
  }
  json.field("verdict", to_text(verdict));
  if (!origin.message.empty())
    json.field("message", origin.message);
  else if (verdict.kind == Verdict::Kind::conflict)
    json.field("message", "another value stands under this time; the first stays");
  json.end();
}

HttpReply receipt(const std::vector<Origin>& origins, const std::vector<Verdict>& verdicts, const Names& names) {
  const auto n = [&](Verdict::Kind kind) { return std::ranges::count(verdicts, kind, &Verdict::kind); };
  JsonOut json;
  json.object()
      .field("received", verdicts.size())
      .field("stored", n(Verdict::Kind::stored))
      .field("duplicate", n(Verdict::Kind::duplicate));
  json.field("conflict", n(Verdict::Kind::conflict)).field("dead_letter", n(Verdict::Kind::dead_letter)).key("items").array();
  for (std::size_t k = 0; k < verdicts.size() && k < origins.size(); ++k) write_verdict(json, origins[k], verdicts[k], names);
  json.end().end();
  return json_reply(200, std::move(json));
}

HttpReply not_taken(const HttpRequest& request, sources::Inlet::Taken taken) {
  const bool full = taken == sources::Inlet::Taken::full;
  HttpReply reply =
      full
          ? error_reply(request, 429, "busy", "the queue is above 80 %: nothing was taken", "send the same again after Retry-After seconds")
          : error_reply(request, 503, "read_only", "the engine is read-only: nothing was taken", "free disk space; see /readyz");
  reply.header.emplace_back("Retry-After", full ? "1" : "10");
  return reply;
}

/// The answer of one call: remembers it under its key, or forgets the key when a repeat may do better, or when none ever came.
class Settled {
 public:
  Settled(std::shared_ptr<Readings> readings, std::string key, Answer answer)
      : readings_(std::move(readings)), key_(std::move(key)), answer_(std::move(answer)) {}
  ~Settled() {
    if (!key_.empty()) readings_->keys.forget(key_);  // an answered key stays
  }
  Settled(const Settled&) = delete;
  Settled& operator=(const Settled&) = delete;
  void operator()(HttpReply reply) {
    if (!key_.empty() && reply.status == 200)
      readings_->keys.finish(key_, reply);
    else if (!key_.empty())
      readings_->keys.forget(key_);
    answer_(std::move(reply));
  }

 private:
  std::shared_ptr<Readings> readings_;
  std::string key_;
  Answer answer_;
};

void refuse(const Readings& readings, const HttpRequest& request, const Error& error, Settled& settled) {
  readings.api->engine.count_rejected(source_name, 1);
  const bool too_many = error.kind == ErrorKind::refused;
  settled(error_reply(request, too_many ? 422 : 400, too_many ? "too_many" : "bad_request", error.message, error.hint));
}

void offer(const std::shared_ptr<Readings>& readings, const HttpRequest& request, Intake intake, std::shared_ptr<Settled> settled) {
  const Api& api = *readings->api;
  auto origins = std::make_shared<const std::vector<Origin>>(std::move(intake.origins));
  const std::size_t n = origins->size();
  sources::Inlet::Done done = [readings, request, origins, settled](Result<std::vector<Verdict>> verdicts) {
    // off the engine's thread: ten thousand verdicts are half a megabyte of text
    readings->api->later([readings, request, origins, settled, verdicts = std::move(verdicts)] {
      if (verdicts)
        (*settled)(receipt(*origins, *verdicts, readings->api->engine.names()));
      else
        (*settled)(failure_reply(request, verdicts.error()));
    });
  };
  const auto taken = api.engine.inlet(source_name).offer(std::move(intake.batch), std::move(done));
  if (taken == sources::Inlet::Taken::accepted) return;
  api.engine.count_rejected(source_name, n);
  (*settled)(not_taken(request, taken));
}

/// An answer that is not 2xx and that no reading was looked at for: it counts one.
HttpReply counted(const Readings& readings, HttpReply reply) {
  readings.api->engine.count_rejected(source_name, 1);
  return reply;
}

void post_readings(const std::shared_ptr<Readings>& readings, const HttpRequest& request, Answer answer) {
  const bool lines = request.field("content-type").starts_with("application/x-ndjson");
  if (!lines && !is_json(request))
    return answer(counted(*readings, error_reply(request, 415, "unsupported_type",
                                                 "the body is neither application/json nor application/x-ndjson", "set Content-Type")));
  std::string key(request.field("idempotency-key"));
  if (key.size() > 256)
    return answer(counted(*readings, error_reply(request, 400, "bad_request", "Idempotency-Key is longer than 256 bytes", "shorten it")));
  if (!key.empty()) {
    const auto claim = readings->keys.claim(key, request.body);
    if (claim.state == IdempotencyKeys::State::repeated) return answer(claim.reply);
    if (claim.state == IdempotencyKeys::State::other)
      return answer(
          error_reply(request, 422, "key_reused", "this Idempotency-Key stands for another body", "use a new key for a new body"));
    if (claim.state == IdempotencyKeys::State::running)
      return answer(
          error_reply(request, 409, "conflict", "the first call under this Idempotency-Key is not answered yet", "wait for its answer"));
  }
  auto settled = std::make_shared<Settled>(readings, std::move(key), std::move(answer));
  if (const auto checked = lines ? Result<void>{} : check_json(request.body); !checked)
    return refuse(*readings, request, checked.error(), *settled);
  auto intake = readings->decoders.decode(request.body, lines ? BodyKind::json_lines : BodyKind::json, readings->api->engine.clock().now());
  if (!intake) return refuse(*readings, request, intake.error(), *settled);
  offer(readings, request, std::move(*intake), std::move(settled));
}

}  // namespace

void add_readings_routes(RouteTable& routes, ApiPtr api) {
  auto readings = std::make_shared<Readings>(api);
  routes.add_inlet(
      "POST", "/api/v1/readings", Role::device,
      [readings](const HttpRequest& r, Answer answer) { post_readings(readings, r, std::move(answer)); },
      [api] { api->engine.count_rejected(source_name, 1); });
}

}  // namespace telltale::api
