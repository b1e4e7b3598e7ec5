// Finds the route of a request. A route without a role does not exist; what nobody declared is 404.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http.h"
#include "core/result.h"

namespace telltale::api {

/// How a route tells its errors: ours, or the fermenter monitor's {detail}.
enum class ErrorShape : std::uint8_t { ours, detail };

struct Route {
  std::string method, pattern;
  Role least = Role::admin;
  Handler handler;
  ErrorShape errors = ErrorShape::ours;
  std::vector<std::string> parts;         // of the pattern; "{name}" is a named one
  std::function<void()> refused = [] {};  // a request for it was answered without its handler
};

/// All routes of the server. Filled before it serves, then read by any thread.
class RouteTable final : public Router {
 public:
  /// Two routes under one method and path: the first stays and the second is a mistake (mistakes()).
  void add(std::string_view method, std::string_view pattern, Role least, Handler handler) override;
  /// As add, with errors as {detail}.
  void add_original(std::string_view method, std::string_view pattern, Role least, Handler handler);
  void add_inlet(std::string_view method, std::string_view pattern, Role least, Handler handler, std::function<void()> refused) override;
  void add_original_inlet(std::string_view method, std::string_view pattern, Role least, Handler handler, std::function<void()> refused);

  struct Match {
    const Route* route = nullptr;  // null: see allowed
    std::map<std::string, std::string, std::less<>> segments;
    std::vector<std::string> allowed;  // methods that the path has; empty: there is no such path
    ErrorShape errors = ErrorShape::ours;
  };
  /// @param path  as on the wire, without the query, still percent-encoded. HEAD finds GET. A literal part beats a named one.
  Match find(std::string_view method, std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }
  const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  void add(Route);
  std::vector<Route> routes_;
  std::vector<std::string> mistakes_;
};

/// Strict: nullopt for "%", "%4", "%zz", an encoded NUL, and what is no UTF-8 afterwards is left to whoever reads it.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);
/// "a=1&b=x%20y"; nullopt: not well formed.
std::optional<std::multimap<std::string, std::string>> parse_query(std::string_view query);

}  // namespace telltale::api
