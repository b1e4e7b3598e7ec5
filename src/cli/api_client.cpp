// Asks a running engine over its HTTP interface, for the words that work beside it.
#include "cli/api_client.h"

#include <curl/curl.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <memory>

#include "clients/late_library.h"

namespace telltale::cli {
namespace {

constexpr std::size_t max_answer = 256u << 20;

std::size_t take(char* data, std::size_t, std::size_t n, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + n > max_answer) return 0;
  body.append(data, n);
  return n;
}

/// What the engine itself says about a failure: {"error": {"message", "hint"}}.
std::pair<std::string, std::string> words_of(const std::string& body) {
  boost::system::error_code wrong;
  const auto value = boost::json::parse(body, wrong);
  const auto* error = !wrong && value.is_object() ? value.as_object().if_contains("error") : nullptr;
  if (!error || !error->is_object()) return {};
  const auto text = [&](const char* name) {
    const auto* t = error->as_object().if_contains(name);
    return t && t->is_string() ? std::string(t->as_string()) : std::string();
  };
  return {text("message"), text("hint")};
}

ErrorKind kind_of(long status) {
  if (status == 404) return ErrorKind::closed;
  if (status == 429 || status == 503) return ErrorKind::timeout;
  return ErrorKind::refused;
}

}  // namespace

Option url_option() { return {"--url", "URL", "where the engine answers (http://127.0.0.1:8000, or TELLTALE_URL)", OptionKind::text}; }

std::string url_of(const Call& call) {
  const char* environment = std::getenv("TELLTALE_URL");
  std::string url = call.text("--url", environment && *environment ? environment : default_url);
  if (!url.contains("://")) url.insert(0, "http://");
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string url_encoded(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      ((out += '%') += hex[byte >> 4]) += hex[byte & 15];
  }
  return out;
}

Result<std::string> ApiClient::get(const std::string& path, const Arguments& arguments) const { return call(path, arguments, nullptr); }
Result<std::string> ApiClient::post(const std::string& path, const std::string& json) const { return call(path, {}, &json); }

Result<std::string> ApiClient::call(const std::string& path, const Arguments& arguments, const std::string* body) const {
  std::string url = base_ + path;
  for (std::size_t k = 0; k < arguments.size(); ++k)
    url += (k == 0 ? "?" : "&") + url_encoded(arguments[k].first) + "=" + url_encoded(arguments[k].second);
  if (auto loaded = clients::libcurl().load(); !loaded) return std::unexpected(loaded.error());
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), curl_easy_cleanup);
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> header(nullptr, curl_slist_free_all);
  std::string answer;
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_CONNECTTIMEOUT_MS, 5000L);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, 60'000L);
  curl_easy_setopt(handle.get(), CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer);
  if (body) {
    header.reset(curl_slist_append(nullptr, "Content-Type: application/json"));
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, header.get());
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, body->c_str());
  }
  const CURLcode did = curl_easy_perform(handle.get());
  if (did == CURLE_OPERATION_TIMEDOUT)
    return failed(ErrorKind::timeout, "no answer from " + base_ + " in time", "try again; telltale doctor says how the engine is");
  if (did != CURLE_OK)
    return failed(ErrorKind::not_connected, "no engine answers at " + base_ + ": " + curl_easy_strerror(did),
                  "start one with telltale run site.yaml, or name another with --url");
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return answer;
  auto [message, hint] = words_of(answer);
  if (message.empty()) message = base_ + path + " answers with status " + std::to_string(status);
  return failed(kind_of(status), message, hint);
}

}  // namespace telltale::cli
