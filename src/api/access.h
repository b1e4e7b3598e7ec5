// Who may do what: the one place where a request is let through or not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/options.h"
#include "api/wire.h"
#include "core/http.h"

namespace telltale::api {

class Access {
 public:
  Access(const ServerOptions& options, bool loopback) : options_(options), loopback_(loopback) {}

  /// Until there are accounts everybody on a loopback listener, or with `allow_anonymous`, has every role. 401 otherwise.
  std::optional<Refusal> refuse_role(Role least, const HttpRequest&) const;
  /// On a loopback listener the Host is this machine or one of `api.cors`: a foreign name that a stranger's page
  /// resolves to 127.0.0.1 gets 421. source: DNS rebinding, OWASP
  std::optional<Refusal> refuse_host(const HttpRequest&) const;
  /// A request that changes something, or a WebSocket, comes from our own page, from one of `api.cors`, or from no browser at all.
  std::optional<Refusal> refuse_origin(const HttpRequest&) const;

  /// Is this Origin one of `api.cors`?
  bool foreign_but_allowed(std::string_view origin) const;

 private:
  const ServerOptions& options_;
  const bool loopback_;
};

}  // namespace telltale::api
