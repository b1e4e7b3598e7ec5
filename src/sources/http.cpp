// HTTP: devices post their own messages to a route of their own; a mapping reads them. Answered after the commit, with a verdict per item.

#include <memory>
#include <mutex>

#include "core/json_text.h"
#include "sources/source.h"

namespace telltale::sources {
namespace {

/// What the answer needs to know about a batch after it has gone.
struct Posted {
  std::vector<std::uint64_t> readings;  // [items]
  std::vector<std::string> messages;    // [items] of undecodable ones
  std::uint64_t total = 0;

  explicit Posted(const Batch& batch)
      : readings(batch.n_items), messages(batch.n_items), total(batch.readings.size() + batch.rejected.size()) {
    for (const Reading& r : batch.readings) ++readings[r.item];
    for (const Rejected& r : batch.rejected) {
      ++readings[r.item];
      messages[r.item] = r.text;
    }
  }
};

void append_count(std::string& json, std::string_view name, std::uint64_t n) {
  append_json(json, name);
  json += ":" + std::to_string(n) + ",";
}

std::string receipt(const Posted& posted, const std::vector<Verdict>& verdicts) {
  std::uint64_t counts[4] = {};
  std::string items;
  for (std::size_t k = 0; k < verdicts.size() && k < posted.readings.size(); ++k) {
    counts[static_cast<std::size_t>(verdicts[k].kind)] += posted.readings[k];
    items += (k == 0 ? "{\"item\":" : ",{\"item\":") + std::to_string(k) + ",\"verdict\":";
    append_json(items, to_text(verdicts[k]));
    if (!posted.messages[k].empty()) {
      items += ",\"message\":";
      append_json(items, posted.messages[k]);
    }
    items += '}';
  }
  std::string json = "{";
  append_count(json, "received", posted.total);
  append_count(json, "stored", counts[static_cast<std::size_t>(Verdict::Kind::stored)]);
  append_count(json, "duplicate", counts[static_cast<std::size_t>(Verdict::Kind::duplicate)]);
  append_count(json, "conflict", counts[static_cast<std::size_t>(Verdict::Kind::conflict)]);
  append_count(json, "dead_letter", counts[static_cast<std::size_t>(Verdict::Kind::dead_letter)]);
  return json + "\"items\":[" + items + "]}";
}

HttpReply refusal(const HttpRequest& request, int status, std::string_view kind, std::string_view message, std::string_view hint,
                  int retry_after = 0) {
  std::string body = "{\"error\":{\"kind\":";
  append_json(body, kind);
  body += ",\"message\":";
  append_json(body, message);
  body += ",\"hint\":";
  append_json(body, hint);
  body += ",\"request_id\":";
  append_json(body, request.request_id);
  HttpReply reply{.status = status, .body = body + "}}"};
  if (retry_after > 0) reply.header.emplace_back("Retry-After", std::to_string(retry_after));
  return reply;
}

bool is_lines(const HttpRequest& request) {
  const std::string_view type = request.field("content-type");
  return type.starts_with("application/x-ndjson") || type.starts_with("application/jsonl") || type.starts_with("application/json-lines");
}

class Http final : public ServedSource {
 public:
  Http(std::string path, std::unique_ptr<decoders::Decoder> decoder, SourceContext context)
      : path_(std::move(path)), has_parts_(path_.contains('{')), decoder_(std::move(decoder)), context_(std::move(context)) {}

  void add_routes(Router& router, Inlet& inlet) override {
    router.add_inlet(
        "POST", path_, Role::device, [this, &inlet](const HttpRequest& request, Answer answer) { post(request, inlet, std::move(answer)); },
        [&inlet] { inlet.count_rejected(1); });
  }

 private:
  void post(const HttpRequest& request, Inlet& inlet, Answer answer) {
    if (request.body.empty()) {
      inlet.count_rejected(1);
      return answer(refusal(request, 400, "bad_request", "the body of POST " + path_ + " is empty",
                            "send one message, an array of them, or JSON lines"));
    }
    Batch batch = decoded(request);
    auto posted = std::make_shared<const Posted>(batch);
    if (batch.n_items == 0) return answer({.body = receipt(*posted, {})});  // "[]": nothing to keep, nothing wrong
    const std::uint64_t n = posted->total;
    auto shared = std::make_shared<Answer>(std::move(answer));  // with the engine's promise, until it is known who answers
    const std::string request_id = request.request_id;
    Inlet::Done done = [posted, shared, request_id](Result<std::vector<Verdict>> verdicts) {
      if (verdicts) return (*shared)({.body = receipt(*posted, *verdicts)});
      (*shared)(refusal({.request_id = request_id}, 503, "not_stored", verdicts.error().message, verdicts.error().hint, 10));
    };
    const Inlet::Taken taken = inlet.offer(std::move(batch), std::move(done));
    if (taken == Inlet::Taken::accepted) return;
    inlet.count_rejected(n);
    const bool full = taken == Inlet::Taken::full;
    (*shared)(full ? refusal(request, 429, "busy", "the queue is above 80 %: nothing was taken",
                             "send the same again after Retry-After seconds", 1)
                   : refusal(request, 503, "read_only", "the engine is read-only: nothing was taken", "free disk space; see /readyz", 10));
  }

  Batch decoded(const HttpRequest& request) {
    Batch batch;
    batch.arrival = context_.clock.now();
    const std::lock_guard lock(mutex_);
    if (is_lines(request)) {
      std::string_view rest = request.body;
      while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        decode(request, rest.substr(0, end), batch);
        rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
      }
    } else {
      decode(request, request.body, batch);
    }
    return batch;
  }
  void decode(const HttpRequest& request, std::string_view bytes, Batch& batch) {
    if (bytes.find_first_not_of(" \t\r") == bytes.npos) return;
    // A route with named parts says something, as a topic does; any other is only a door.
    const std::string_view topic = has_parts_ ? std::string_view(request.path).substr(1) : std::string_view();
    const std::size_t before = batch.rejected.size();
    decoder_->decode({.topic = topic, .bytes = bytes, .arrival = batch.arrival}, batch);
    for (std::size_t k = before; k < batch.rejected.size(); ++k) batch.rejected[k].topic = topic;
  }

  const std::string path_;
  const bool has_parts_;
  std::mutex mutex_;  // requests come on several threads, a decoder serves one
  const std::unique_ptr<decoders::Decoder> decoder_;
  const SourceContext context_;
};

Result<std::unique_ptr<ServedSource>> serve(const Settings& s, SourceContext context) {
  const std::string path = s.has("path") ? s.text("path") : "/in/" + context.name;
  if (!path.starts_with('/') || path.find_first_of(" ?#") != path.npos)
    return failed(ErrorKind::config, "'" + path + "' is no path of a route", "write it as /in/NAME");
  if (path.starts_with("/api/")) return failed(ErrorKind::config, "path '" + path + "' belongs to the API", "write it as /in/NAME");
  auto decoder = context.make_decoder();
  if (!decoder) return std::unexpected(decoder.error());
  return std::make_unique<Http>(path, std::move(*decoder), std::move(context));
}
}  // namespace

SourcePart http() {
  return {
      .name = "http",
      .about = "Devices post messages of their own shape to a route of their own; answered after they are on disk.",
      .fields = {Field::optional_text("path", "the route (default /in/NAME); with {device} in it the mapping's topic is held against it")},
      .serve = serve,
      .decodes = true,
  };
}

}  // namespace telltale::sources
