// One request and its answer, apart from any connection.
#include "api/exchange.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <random>

#include "api/gzip.h"
#include "api/replies.h"
#include "api/wire.h"
#include "core/log.h"

namespace telltale::api {
namespace {

constexpr std::size_t worth_compressing = 1400;  // one packet holds less anyway

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// "http://host/path" and "/path" name the same here (RFC 9112 3.2.2).
std::string_view origin_form(std::string_view target) {
  const auto slashes = target.find("://");
  if (target.starts_with('/') || slashes == std::string_view::npos) return target;
  const auto path = target.find('/', slashes + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

HttpReply options_reply(const Access& access, const HttpRequest& request, std::vector<std::string> allowed) {
  allowed.push_back("OPTIONS");
  HttpReply reply{.status = 204};
  reply.header.emplace_back("Allow", joined(allowed));
  if (access.foreign_but_allowed(request.field("origin"))) {
    reply.header.emplace_back("Access-Control-Allow-Methods", joined(allowed));
    reply.header.emplace_back("Access-Control-Allow-Headers", "Content-Type, Content-Encoding, Idempotency-Key");
    reply.header.emplace_back("Access-Control-Max-Age", "600");
  }
  return reply;
}

HttpReply no_route(const HttpRequest& request, const RouteTable::Match& match) {
  if (match.allowed.empty())
    return refusal_reply({404, "not_found", "there is no route " + request.path, "see /docs or /openapi.yaml"}, request.request_id,
                         match.errors);
  const std::string allow = joined(match.allowed);
  HttpReply reply = refusal_reply({405, "method_not_allowed", request.method + " is not for " + request.path, "use " + allow},
                                  request.request_id, match.errors);
  reply.header.emplace_back("Allow", allow);
  return reply;
}

std::optional<Refusal> refuse(const Access& access, const Route& route, const HttpRequest& request) {
  if (auto refusal = access.refuse_role(route.least, request)) return refusal;
  const bool changes = request.method != "GET" && request.method != "HEAD";
  if (changes || !request.field("upgrade").empty()) return access.refuse_origin(request);
  return std::nullopt;
}

/// Unpacks in place; a Refusal when it cannot.
std::optional<Refusal> unpack(const Limits& limits, HttpRequest& request) {
  const std::string_view coding = request.field("content-encoding");
  if (coding.empty() || coding == "identity") return std::nullopt;
  if (coding != "gzip")
    return Refusal{415, "unsupported_encoding", "Content-Encoding '" + std::string(coding) + "' is not taken", "send it plain or as gzip"};
  auto plain = gunzipped(request.body, limits.unpacked_body, limits.unpack_ratio);
  if (!plain && plain.error().kind == ErrorKind::refused) return Refusal{413, "too_large", plain.error().message, plain.error().hint};
  if (!plain) return Refusal{400, "bad_request", plain.error().message, plain.error().hint};
  request.body = std::move(*plain);
  return std::nullopt;
}

/// Hands the reply on once; dropped without an answer it says 500.
class OneAnswer {
 public:
  OneAnswer(std::shared_ptr<const HttpRequest> request, ErrorShape shape, std::function<void(HttpReply)> reply)
      : request_(std::move(request)), shape_(shape), reply_(std::move(reply)) {}
  OneAnswer(OneAnswer&& other) noexcept
      : request_(std::move(other.request_)), shape_(other.shape_), reply_(std::exchange(other.reply_, nullptr)) {}
  ~OneAnswer() {
    if (reply_) reply_(failure_reply(*request_, Error{ErrorKind::closed, "the handler ended without an answer", {}, {}}, shape_));
  }
  void operator()(HttpReply reply) {
    if (const auto once = std::exchange(reply_, nullptr)) once(std::move(reply));
  }

 private:
  std::shared_ptr<const HttpRequest> request_;
  ErrorShape shape_;
  std::function<void(HttpReply)> reply_;
};

bool is_text(std::string_view content_type) {
  return content_type.starts_with("text/") || content_type.starts_with("application/json") ||
         content_type.starts_with("application/yaml") || content_type.starts_with("application/schema+json");
}

bool has_field(const HttpReply& reply, std::string_view name) {
  return std::ranges::any_of(reply.header, [&](const auto& field) { return field.first == name; });
}

}  // namespace

Admission admit(const RouteTable& routes, const Access& access, std::string_view target, HttpRequest& request) {
  target = origin_form(target);
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  auto query = parse_query(question == std::string_view::npos ? "" : target.substr(question + 1));
  RouteTable::Match match = routes.find(request.method, request.path);
  const auto refused = [&](const Refusal& refusal) {
    if (match.route) match.route->refused();
    return Admission{nullptr, match.errors, refusal_reply(refusal, request.request_id, match.errors)};
  };

  if (auto refusal = access.refuse_host(request)) return refused(*refusal);
  if (!query) return refused({400, "bad_request", "the query is not percent-encoded as it must be", "encode % as %25"});
  if (request.method == "OPTIONS" && !match.allowed.empty()) return {nullptr, match.errors, options_reply(access, request, match.allowed)};
  if (!match.route) return {nullptr, match.errors, no_route(request, match)};
  if (auto refusal = refuse(access, *match.route, request)) return refused(*refusal);
  request.query = std::move(*query);
  request.segment = std::move(match.segments);
  return {match.route, match.errors, {}};
}

void run_handler(const Route& route, const Limits& limits, std::shared_ptr<HttpRequest> request, std::function<void(HttpReply)> reply) {
  if (auto refusal = unpack(limits, *request)) {
    route.refused();
    return reply(refusal_reply(*refusal, request->request_id, route.errors));
  }
  try {
    route.handler(*request,
                  [request, answer = OneAnswer(request, route.errors, std::move(reply))](HttpReply r) mutable { answer(std::move(r)); });
  } catch (const std::exception& e) {
    // the answer was dropped on the way here, so the caller has its 500
    route.refused();
    log(LogLevel::error, "api", route.pattern, "handler threw", {{"request_id", request->request_id}, {"what", e.what()}});
  }
}

void finish_reply(const Access& access, const HttpRequest& request, HttpReply& reply) {
  const std::string_view origin = request.field("origin");
  if (access.foreign_but_allowed(origin) && !has_field(reply, "Access-Control-Allow-Origin")) {
    reply.header.emplace_back("Access-Control-Allow-Origin", origin);
    reply.header.emplace_back("Vary", "Origin");
  }
  if (!is_text(reply.content_type) || has_field(reply, "Content-Encoding") || reply.body.size() < worth_compressing) return;
  reply.header.emplace_back("Vary", "Accept-Encoding");
  if (!accepts(request.field("accept-encoding"), "gzip")) return;
  reply.body = gzipped(reply.body);
  reply.header.emplace_back("Content-Encoding", "gzip");
}

std::string new_request_id() {
  static const std::uint64_t salt = (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}();
  static std::atomic<std::uint64_t> count{0};
  // splitmix64: distinct for distinct counts, and nobody guesses the next from one
  std::uint64_t x = salt + 0x9e3779b97f4a7c15ull * ++count;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(x ^ (x >> 31)));
  return text;
}

}  // namespace telltale::api
