// POST /api/v1/readings: answered after the commit, with a verdict per reading.
#include <utility>

#include "api/idempotency.h"
#include "api/intake.h"
#include "api/json_in.h"
#include "api/receipt.h"
#include "api/replies.h"
#include "api/routes.h"
#include "core/log.h"

namespace telltale::api {
namespace {

const std::string source_name = "http";

/// A store that does not answer forgets the keys of before the start: readings have keys of their own, so that is harmless.
std::vector<stores::KeyedCallRow> remembered_by(const engine::Engine& engine) {
  auto calls = engine.history().keyed_calls();
  if (!calls)
    log(LogLevel::warning, "api", "readings", "Idempotency-Keys of before the start are not known", {{"why", calls.error().message}});
  return calls.value_or(std::vector<stores::KeyedCallRow>{});
}

struct Readings {
  explicit Readings(const ApiPtr& a)
      : api(a), decoders(decoders::readings_mapping(), *a->engine.site().plant, a->engine.names(), a->engine.clock()),
        keys(a->engine.clock(), remembered_by(a->engine)) {}
  const ApiPtr api;
  Decoders decoders;
  IdempotencyKeys keys;
};

HttpReply receipt_reply(const std::vector<Origin>& origins, const std::vector<Verdict>& verdicts, const Names& names) {
  HttpReply reply;
  reply.body = receipt(origins, verdicts, names);
  return reply;
}

/// What an answer that comes later needs of its request: not the body, which may be megabytes.
HttpRequest without_body(const HttpRequest& request) {
  HttpRequest asked;
  asked.method = request.method;
  asked.path = request.path;
  asked.request_id = request.request_id;
  return asked;
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

/// The answer of one call: settles its key, or forgets it when a repeat may do better, or when no answer ever came.
class Settled {
 public:
  Settled(std::shared_ptr<Readings> readings, std::string key, Answer answer)
      : readings_(std::move(readings)), key_(std::move(key)), answer_(std::move(answer)) {}
  ~Settled() {
    if (answer_) fail({.status = 500});
  }
  Settled(const Settled&) = delete;
  Settled& operator=(const Settled&) = delete;
  void succeed(const std::vector<Verdict>& verdicts, HttpReply reply) {
    if (!key_.empty()) {
      std::string bytes;
      for (const Verdict& verdict : verdicts) bytes += to_byte(verdict);
      readings_->keys.settle(key_, std::move(bytes), reply);
    }
    std::exchange(answer_, nullptr)(std::move(reply));
  }
  void fail(HttpReply reply) {
    const std::size_t also = key_.empty() ? 0 : readings_->keys.forget(key_, reply);
    if (also > 0) readings_->api->engine.count_rejected(source_name, also);
    std::exchange(answer_, nullptr)(std::move(reply));
  }

 private:
  std::shared_ptr<Readings> readings_;
  std::string key_;
  Answer answer_;
};

void refuse(const Readings& readings, const HttpRequest& request, const Error& error, Settled& settled) {
  readings.api->engine.count_rejected(source_name, 1);
  const bool too_many = error.kind == ErrorKind::refused;
  settled.fail(error_reply(request, too_many ? 422 : 400, too_many ? "too_many" : "bad_request", error.message, error.hint));
}

void offer(const std::shared_ptr<Readings>& readings, const HttpRequest& request, Intake intake, std::shared_ptr<Settled> settled) {
  const Api& api = *readings->api;
  auto origins = std::make_shared<const std::vector<Origin>>(std::move(intake.origins));
  const std::size_t n = origins->size();
  sources::Inlet::Done done = [readings, asked = std::make_shared<const HttpRequest>(without_body(request)), origins,
                               settled](Result<std::vector<Verdict>> verdicts) {
    // off the engine's thread: ten thousand verdicts are half a megabyte of text
    readings->api->later([readings, asked, origins, settled, verdicts = std::move(verdicts)] {
      if (verdicts)
        settled->succeed(*verdicts, receipt_reply(*origins, *verdicts, readings->api->engine.names()));
      else
        settled->fail(failure_reply(*asked, verdicts.error()));
    });
  };
  const auto taken = api.engine.inlet(source_name).offer(std::move(intake.batch), std::move(done));
  if (taken == sources::Inlet::Taken::accepted) return;
  api.engine.count_rejected(source_name, n);
  settled->fail(not_taken(request, taken));
}

/// An answer that is not 2xx and that no reading was looked at for: it counts one.
HttpReply counted(const Readings& readings, HttpReply reply) {
  readings.api->engine.count_rejected(source_name, 1);
  return reply;
}

std::vector<Verdict> verdicts_of(const std::string& bytes) {
  std::vector<Verdict> verdicts;
  for (const char byte : bytes) verdicts.push_back(verdict_of(byte));
  return verdicts;
}

/// The same body decoded again, with what became of it the first time.
HttpReply receipt_again(const Readings& readings, const Intake& intake, const std::string& said_before) {
  return receipt_reply(intake.origins, verdicts_of(said_before), readings.api->engine.names());
}

void post_readings(const std::shared_ptr<Readings>& readings, const HttpRequest& request, Answer answer) {
  const bool lines = request.field("content-type").starts_with("application/x-ndjson");
  if (!lines && !is_json(request))
    return answer(counted(*readings, error_reply(request, 415, "unsupported_type",
                                                 "the body is neither application/json nor application/x-ndjson", "set Content-Type")));
  std::string key(request.field("idempotency-key"));
  if (key.size() > 256)
    return answer(counted(*readings, error_reply(request, 400, "bad_request", "Idempotency-Key is longer than 256 bytes", "shorten it")));
  const std::string digest = key.empty() ? std::string() : digest_of(request.body);
  std::string said_before;
  if (!key.empty()) {
    auto claim = readings->keys.claim(key, digest, answer);
    if (claim.state == IdempotencyKeys::State::waits) return;
    if (claim.state == IdempotencyKeys::State::other)
      return answer(counted(*readings, error_reply(request, 422, "key_reused", "this Idempotency-Key stands for another body",
                                                   "use a new key for a new body")));
    said_before = std::move(claim.verdicts);
  }
  auto settled = std::make_shared<Settled>(readings, key, std::move(answer));
  if (const auto checked = lines ? Result<void>{} : check_json(request.body); !checked)
    return refuse(*readings, request, checked.error(), *settled);
  auto intake = readings->decoders.decode(request.body, lines ? BodyKind::json_lines : BodyKind::json, readings->api->engine.clock().now());
  if (!intake) return refuse(*readings, request, intake.error(), *settled);
  if (!said_before.empty()) return settled->succeed(verdicts_of(said_before), receipt_again(*readings, *intake, said_before));
  intake->batch.call = {std::move(key), digest, {}};
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
