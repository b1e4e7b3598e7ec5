// The page in the browser and its files, the contract to read and try, and the greeting for programs at the root.
#include <sodium.h>

#include "api/files.h"
#include "api/replies.h"
#include "api/routes.h"
#include "api/wire.h"
#include "core/release.h"

namespace telltale::api {
namespace {

constexpr std::string_view nonce_place = "__CSP_NONCE__";
constexpr std::string_view not_built =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Telltale</title><h1>Telltale runs</h1>"
    "<p>The page was not built into this program: build it with <code>./dev build</code>.</p>"
    "<p>The interface is at <a href=\"/openapi.yaml\">/openapi.yaml</a>, the machines at <a "
    "href=\"/api/v1/assets\">/api/v1/assets</a>.</p></html>";

std::string new_nonce() {
  unsigned char random[18];
  randombytes_buf(random, sizeof random);
  char text[sodium_base64_ENCODED_LEN(sizeof random, sodium_base64_VARIANT_URLSAFE)];
  sodium_bin2base64(text, sizeof text, random, sizeof random, sodium_base64_VARIANT_URLSAFE);
  return text;
}

HttpReply page() {
  static const Embedded* const file = find_file("page/index.html");
  static const std::string source = file ? unpacked(*file) : std::string(not_built);
  const std::string nonce = new_nonce();
  std::string html = source;
  for (auto at = html.find(nonce_place); at != std::string::npos; at = html.find(nonce_place, at + nonce.size()))
    html.replace(at, nonce_place.size(), nonce);
  HttpReply reply = text_reply(200, "text/html; charset=utf-8", std::move(html));
  reply.header.emplace_back("Content-Security-Policy", content_security_policy(nonce));
  return reply;
}

HttpReply greeting() {
  JsonOut json;
  json.object().field("message", "Telltale watches machines").field("version", release()).key("endpoints").object();
  json.field("tags", "/tags").field("data", "/data").field("anomalies", "/anomalies").field("dashboard", "/dashboard").end().end();
  return json_reply(200, std::move(json));
}

HttpReply root(const HttpRequest& request) {
  HttpReply reply = accepts(request.field("accept"), "text/html") ? page() : greeting();
  reply.header.emplace_back("Vary", "Accept");
  return reply;
}

HttpReply to_page() {
  HttpReply reply = text_reply(302, "text/plain; charset=utf-8", "The page is at /\n");
  reply.header.emplace_back("Location", "/");
  return reply;
}

HttpReply file(const HttpRequest& request, const std::string& name, bool for_ever) {
  if (const Embedded* found = find_file(name)) return file_reply(request, *found, for_ever);
  return error_reply(request, 404, "not_found", "there is no file " + request.path, "reload the page: the program may have been renewed");
}

}  // namespace

void add_page_routes(RouteTable& routes, ApiPtr) {
  routes.add("GET", "/", Role::open, [](const HttpRequest& r, Answer answer) { answer(root(r)); });
  routes.add("GET", "/dashboard", Role::open, [](const HttpRequest&, Answer answer) { answer(to_page()); });
  routes.add("GET", "/alarms", Role::open, [](const HttpRequest&, Answer answer) { answer(page()); });
  routes.add("GET", "/asset/{asset}", Role::open, [](const HttpRequest&, Answer answer) { answer(page()); });
  routes.add("GET", "/assets/{file}", Role::open,
             [](const HttpRequest& r, Answer answer) { answer(file(r, "page/assets/" + r.segment.find("file")->second, true)); });
  routes.add("GET", "/docs", Role::open, [](const HttpRequest& r, Answer answer) { answer(file(r, "page/docs/index.html", false)); });
  routes.add("GET", "/docs/{file}", Role::open,
             [](const HttpRequest& r, Answer answer) { answer(file(r, "page/docs/" + r.segment.find("file")->second, false)); });
  routes.add("GET", "/openapi.yaml", Role::open, [](const HttpRequest& r, Answer answer) { answer(file(r, "openapi.yaml", false)); });
  routes.add("GET", "/schema/site.json", Role::open,
             [](const HttpRequest& r, Answer answer) { answer(file(r, "schema/site.json", false)); });
}

}  // namespace telltale::api
