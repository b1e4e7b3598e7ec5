// HTTP calls outward: always with a total and a low-speed time-out, never following a redirect.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace telltale::clients {

struct HttpCall {
  std::string method = "POST";
  std::string url;  // http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpAnswer {
  int status = 0;
  std::string body;      // its first 64 KiB
  std::string location;  // where a redirect points; it is not followed
};

/// One connection that is kept between calls; one thread at a time.
class HttpClient {
 public:
  /// @param ca_file  authorities that https servers are checked against, PEM; empty: the system's
  explicit HttpClient(std::string ca_file = {});
  HttpClient(HttpClient&&) noexcept;
  ~HttpClient();
  /// Whatever status comes back is an answer.
  /// errors   not_connected: no connection, or its certificate is not trusted; timeout: none in time, or it broke: the outcome is
  ///          unknown; config: the URL makes no sense
  Result<HttpAnswer> send(const HttpCall& call, std::chrono::steady_clock::time_point deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC with SHA-256 (RFC 2104) of `text` under `key`, 64 hexadecimal digits.
std::string hmac_sha256(std::string_view key, std::string_view text);

}  // namespace telltale::clients
