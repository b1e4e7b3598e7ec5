// libcurl behind http_client.h.
#include "clients/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "clients/late_library.h"

namespace telltale::clients {
namespace {

constexpr std::size_t most_body = 64 << 10;
constexpr long low_speed_bytes = 64, low_speed_seconds = 10;  // slower for longer is no answer
constexpr long connect_milliseconds = 5000;

/// Keeps the beginning of the body and counts the rest away.
std::size_t keep(char* bytes, std::size_t size, std::size_t n, void* into) {
  auto& body = *static_cast<std::string*>(into);
  body.append(bytes, std::min(size * n, most_body - std::min(most_body, body.size())));
  return size * n;
}

/// Link-local addresses serve a cloud's machine metadata, credentials among them: no call may be led there by a name.
curl_socket_t open_socket(void* refused, curlsocktype, struct curl_sockaddr* to) {
  bool link_local = false;
  if (to->family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, &to->addr, sizeof address);
    link_local = (ntohl(address.sin_addr.s_addr) >> 16) == 0xa9fe;
  } else if (to->family == AF_INET6) {
    sockaddr_in6 address;
    std::memcpy(&address, &to->addr, std::min<std::size_t>(sizeof address, to->addrlen));
    link_local = IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr);
  }
  if (link_local) {
    *static_cast<bool*>(refused) = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

ErrorKind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE: return ErrorKind::config;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: return ErrorKind::not_connected;
    default: return ErrorKind::timeout;  // it may have arrived
  }
}

}  // namespace

struct HttpClient::State {
  std::string ca_file;
  CURL* handle = nullptr;
  ~State() {
    if (handle != nullptr) curl_easy_cleanup(handle);
  }
  Result<void> start() {
    if (handle != nullptr) return {};
    if (auto loaded = libcurl().load(); !loaded) return loaded;
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready == CURLE_OK) handle = curl_easy_init();
    if (handle == nullptr) return failed(ErrorKind::not_connected, "cannot start libcurl");
    return {};
  }
};

HttpClient::HttpClient(std::string ca_file) : state_(std::make_unique<State>(std::move(ca_file))) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::send(const HttpCall& call, std::chrono::steady_clock::time_point deadline) {
  if (auto started = state_->start(); !started) return std::unexpected(started.error());
  CURL* const curl = state_->handle;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  if (left <= 0) return failed(ErrorKind::timeout, "no time left to call '" + call.url + "'");
  HttpAnswer answer;
  bool link_local = false;
  std::array<char, CURL_ERROR_SIZE> words{};
  struct curl_slist* headers = nullptr;
  for (const auto& [name, value] : call.headers) headers = curl_slist_append(headers, (name + ": " + value).c_str());
  headers = curl_slist_append(headers, "Expect:");  // no round trip before the body

  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(left));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, std::min(connect_milliseconds, static_cast<long>(left)));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, low_speed_bytes);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, low_speed_seconds);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words.data());
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &link_local);
  if (!state_->ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, state_->ca_file.c_str());

  const CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(headers);
  if (code != CURLE_OK) {
    if (link_local) {
      return failed(ErrorKind::config, "'" + call.url + "' leads to a link-local address, which is never called", "name another host");
    }
    return failed(kind_of(code),
                  "cannot " + call.method + " '" + call.url + "': " + (words[0] != 0 ? words.data() : curl_easy_strerror(code)),
                  code == CURLE_PEER_FAILED_VERIFICATION ? "name the authority that signed its certificate as tls.ca" : "");
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  char* location = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
  answer.status = static_cast<int>(status);
  if (location != nullptr) answer.location = location;
  return answer;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> digest{};
  unsigned int n = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       digest.data(), &n);
  std::string hex;
  for (const unsigned char byte : digest) {
    constexpr char digits[] = "0123456789abcdef";
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

}  // namespace telltale::clients
