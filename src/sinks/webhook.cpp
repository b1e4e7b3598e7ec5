// Webhook: alarms, anomalies or readings as JSON to an HTTP address, each with a key by which a repeat is recognised.

#include <algorithm>

#include "clients/http_client.h"
#include "core/release.h"
#include "sinks/item_json.h"
#include "sinks/sink.h"
#include "sinks/wanted_kinds.h"

namespace telltale::sinks {
namespace {

/// What an answer means for the items that were sent. About the address, not the items: 3xx, 401, 403, 404, 405, 407, 410. Nothing
/// is thrown away for those; they are tried again until a person has mended the address, or the budget is used up.
std::optional<Error> error_of(const clients::HttpAnswer& answer, const std::string& url) {
  const int status = answer.status;
  if (status >= 200 && status < 300) return std::nullopt;
  std::string message = "POST '" + url + "' was answered " + std::to_string(status);
  if (status >= 300 && status < 400) {
    return Error{ErrorKind::not_connected,
                 message + ", which leads to '" + answer.location + "'",
                 "redirects are not followed: set that as the url",
                 {}};
  }
  const std::string words = answer.body.substr(0, answer.body.find_first_of("\r\n")).substr(0, 200);
  if (!words.empty()) message += ": " + words;
  if (status == 408 || status == 429 || status == 500) return Error{ErrorKind::timeout, message, {}, {}};
  if (status > 500) return Error{ErrorKind::not_connected, message, {}, {}};
  for (const int of_address : {401, 403, 404, 405, 407, 410}) {
    if (status == of_address) return Error{ErrorKind::not_connected, message, "check the url, its token and its secret", {}};
  }
  return Error{ErrorKind::refused, message, {}, {}};
}

class Webhook final : public Sink {
 public:
  Webhook(const Settings& s, WantedKinds kinds)
      : url_(s.text("url")), secret_(s.secret("secret")), token_(s.secret("token")), timeout_(s.duration("timeout")),
        at_once_(s.count("batch")), kinds_(kinds), client_(s.has("tls.ca") ? s.text("tls.ca") : "") {}

  bool wants(ItemKind kind) const override { return kinds_.has(kind); }
  Result<void> open(std::stop_token) override { return {}; }  // connects with the first call

  /// One call for up to `batch` items. More than that come again at once.
  Result<std::size_t> write(std::span<const Item> items, Deadline deadline) override {
    items = items.first(std::min(items.size(), at_once_));
    const auto until = std::min(deadline, std::chrono::steady_clock::now() + std::chrono::duration_cast<Deadline::duration>(timeout_));
    const auto answer = client_.send(call(items), until);
    if (!answer) return std::unexpected(answer.error());
    auto error = error_of(*answer, url_);
    if (!error) return items.size();
    if (error->kind == ErrorKind::refused && items.size() == 1) error->item = 0;
    // The engine halves what it offered, which may be more than one call took: the whole call is what was refused.
    if (error->kind == ErrorKind::refused && items.size() > 1) return one_by_one(items, deadline);
    return std::unexpected(*error);
  }

 private:
  clients::HttpCall call(std::span<const Item> items) const {
    clients::HttpCall call{.method = "POST", .url = url_, .headers = {}, .body = {}};
    if (at_once_ == 1) {
      append_json(call.body, items.front());
    } else {
      call.body = "[";
      for (const Item& item : items) {
        if (call.body.size() > 1) call.body += ',';
        append_json(call.body, item);
      }
      call.body += ']';
    }
    const std::string key = items.size() == 1 ? items.front().id() : items.front().id() + ".." + items.back().id();
    call.headers = {{"Content-Type", "application/json"}, {"User-Agent", "telltale/" + std::string(release())}, {"Idempotency-Key", key}};
    if (!secret_.empty()) call.headers.emplace_back("X-Telltale-Signature", "sha256=" + clients::hmac_sha256(secret_.reveal(), call.body));
    if (!token_.empty()) call.headers.emplace_back("Authorization", "Bearer " + token_.reveal());
    return call;
  }

  /// A batch was refused as a whole: which one of it?
  Result<std::size_t> one_by_one(std::span<const Item> items, Deadline deadline) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto answer = client_.send(call(items.subspan(i, 1)), deadline);
      auto error = answer ? error_of(*answer, url_) : std::optional(answer.error());
      if (!error) continue;
      if (i > 0) return i;  // these arrived; the next write begins with this one
      if (error->kind == ErrorKind::refused) error->item = 0;
      return std::unexpected(*error);
    }
    return items.size();
  }

  const std::string url_;
  const Secret secret_, token_;
  const Nanoseconds timeout_;
  const std::size_t at_once_;
  const WantedKinds kinds_;
  clients::HttpClient client_;
};

}  // namespace

SinkPart webhook() {
  return {
      .name = "webhook",
      .about = "Posts alarms, anomalies or readings as JSON to an HTTP address.",
      .fields = {Field::required_text("url", "http:// or https://; redirects are not followed"),
                 Field::texts("write", "which of alarms, anomalies, readings; alarms when empty"),
                 Field("batch", 1, "items", "1: one object a call; more: an array of up to that many").between(1, 10'000),
                 Field::secret("secret", "signs the body: header X-Telltale-Signature, sha256= and its HMAC-SHA256 in hexadecimal"),
                 Field::secret("token", "sent as Authorization: Bearer"), Field::duration("timeout", "4s", "for one call as a whole"),
                 Field::optional_text("tls.ca", "authorities of the server's certificate, PEM; the system's when unset")},
      .make = [](const Settings& s, const std::string&) -> Result<std::unique_ptr<Sink>> {
        const std::string& url = s.text("url");
        if (!url.starts_with("http://") && !url.starts_with("https://")) {
          return failed(ErrorKind::config, s.origin("url").text + ": '" + url + "' is no http:// or https:// address");
        }
        const auto kinds = WantedKinds::read(s, "write", {"alarms"});
        if (!kinds) return std::unexpected(kinds.error());
        return std::make_unique<Webhook>(s, *kinds);
      },
  };
}

}  // namespace telltale::sinks
