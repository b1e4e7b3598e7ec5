// Answers that many routes give: JSON, and errors in our shape or the fermenter monitor's.
#include "api/replies.h"

#include "core/log.h"

namespace telltale::api {
namespace {

std::string error_text(std::string_view kind, std::string_view message, std::string_view hint, std::string_view request_id) {
  JsonOut json;
  json.object().key("error").object().field("kind", kind).field("message", message);
  if (!hint.empty()) json.field("hint", hint);
  json.field("request_id", request_id).end().end();
  return json.take();
}

}  // namespace

HttpReply json_reply(int status, JsonOut&& json) {
  HttpReply reply;
  reply.status = status;
  reply.body = json.take();
  return reply;
}

HttpReply text_reply(int status, std::string_view content_type, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = content_type;
  reply.body = std::move(body);
  return reply;
}

HttpReply error_reply(const HttpRequest& request, int status, std::string_view kind, std::string_view message, std::string_view hint) {
  return text_reply(status, "application/json", error_text(kind, message, hint, request.request_id));
}

HttpReply detail_reply(int status, std::string_view message) {
  JsonOut json;
  json.object().field("detail", message).end();
  return json_reply(status, std::move(json));
}

HttpReply refusal_reply(const Refusal& refusal, std::string_view request_id, ErrorShape shape) {
  if (shape == ErrorShape::detail) return detail_reply(refusal.status, refusal.message);
  return text_reply(refusal.status, "application/json", error_text(refusal.kind, refusal.message, refusal.hint, request_id));
}

HttpReply failure_reply(const HttpRequest& request, const Error& error, ErrorShape shape) {
  if (error.kind == ErrorKind::disk_full) {
    const Refusal full{503, "read_only", "the engine is read-only: nothing was taken", "free disk space; see /readyz"};
    HttpReply reply = refusal_reply(full, request.request_id, shape);
    reply.header.emplace_back("Retry-After", "10");
    return reply;
  }
  log(LogLevel::error, "api", request.path, "request failed",
      {{"request_id", request.request_id}, {"kind", std::string(name_of(error.kind))}, {"message", error.message}});
  const bool later = error.kind == ErrorKind::timeout || error.kind == ErrorKind::not_connected || error.kind == ErrorKind::closed;
  const Refusal refusal{later ? 503 : 500, later ? "unavailable" : "internal",
                        "the engine could not answer; its log says why under this request id",
                        later ? "try again in a few seconds" : "look for the request id in the log"};
  HttpReply reply = refusal_reply(refusal, request.request_id, shape);
  if (later) reply.header.emplace_back("Retry-After", "5");
  return reply;
}

}  // namespace telltale::api
