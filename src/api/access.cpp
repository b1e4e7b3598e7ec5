// Who may do what: role, Host, Origin.
#include "api/access.h"

#include <algorithm>

namespace telltale::api {
namespace {

/// "name" of "name:8000", "[::1]" of "[::1]:8000".
std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

std::string_view authority_of(std::string_view origin) {
  const auto slashes = origin.find("://");
  return slashes == std::string_view::npos ? std::string_view{} : origin.substr(slashes + 3);
}

bool is_address(std::string_view host) {
  return host.starts_with('[') || (!host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace

std::optional<Refusal> Access::refuse_role(Role least, const HttpRequest&) const {
  if (least == Role::open || loopback_ || options_.allow_anonymous) return std::nullopt;
  return Refusal{401, "unauthorized", "this route needs the role " + std::string(name_of(least)),
                 "listen on loopback, or set api.allow_anonymous: true"};
}

std::optional<Refusal> Access::refuse_host(const HttpRequest& request) const {
  const std::string_view host = without_port(request.field("host"));
  if (!loopback_ || host.empty() || host == "localhost" || host.ends_with(".localhost") || is_address(host)) return std::nullopt;
  const auto ours = [&](const std::string& origin) { return without_port(authority_of(origin)) == host; };
  if (std::ranges::any_of(options_.cors, ours)) return std::nullopt;
  return Refusal{421, "wrong_host", "Host '" + std::string(host) + "' is not this machine",
                 "behind a proxy that passes its own name on, add that origin to api.cors"};
}

std::optional<Refusal> Access::refuse_origin(const HttpRequest& request) const {
  const std::string_view origin = request.field("origin"), site = request.field("sec-fetch-site");
  if (foreign_but_allowed(origin)) return std::nullopt;
  const bool same = origin.empty() || authority_of(origin) == request.field("host");
  const bool own_page = site.empty() || site == "same-origin" || site == "none";
  if (same && own_page) return std::nullopt;
  return Refusal{403, "foreign_origin", "a page of '" + std::string(origin.empty() ? site : origin) + "' may not do this",
                 "open the page that this program serves, or add the origin to api.cors"};
}

bool Access::foreign_but_allowed(std::string_view origin) const { return !origin.empty() && std::ranges::contains(options_.cors, origin); }

}  // namespace telltale::api
