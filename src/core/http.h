// Words for HTTP that sources and the API share: a request, a reply, the role a route needs. No library behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace telltale {

/// What somebody may do. Every route declares the least role that it needs; a route without one does not exist.
enum class Role : std::uint8_t { open, viewer, device, operator_, engineer, admin };
std::string_view name_of(Role);

struct HttpRequest {
  std::string method, path;                                 // path without query, percent-decoded per segment by the router
  std::multimap<std::string, std::string> query;            // decoded
  std::map<std::string, std::string, std::less<>> header;   // names in lower case
  std::map<std::string, std::string, std::less<>> segment;  // named parts of the path: {asset}
  std::string body;                                         // already inflated
  std::string request_id;
  std::string actor = "local";

  std::string_view argument(std::string_view name) const;          // first of that name in the query; empty when absent
  std::string_view field(std::string_view lower_case_name) const;  // of the header; empty when absent
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> header;
};

/// Called once, from any thread; dropping it unanswered answers 500.
using Answer = std::move_only_function<void(HttpReply)>;
using Handler = std::function<void(const HttpRequest&, Answer)>;

/// Where routes are added. `pattern` is a path with named segments, "/api/v1/assets/{asset}".
class Router {
 public:
  virtual ~Router() = default;
  virtual void add(std::string_view method, std::string_view pattern, Role least, Handler) = 0;
  /// As add, for a route that takes readings in. `refused` is called for every request that is answered without its handler (too large,
  /// too slow, not to be unpacked, not allowed): the ledger of its source counts it.
  virtual void add_inlet(std::string_view method, std::string_view pattern, Role least, Handler handler, std::function<void()> refused) {
    (void)refused;
    add(method, pattern, least, std::move(handler));
  }
};

}  // namespace telltale
