// How the server listens and what it refuses: the section `api` of the site file as values.
#include "api/options.h"

#include <algorithm>
#include <charconv>

namespace telltale::api {

Result<ListenAddress> parse_listen(const std::string& listen) {
  const auto wrong = [&](std::string why) {
    return failed(ErrorKind::config, "api.listen '" + listen + "': " + why, "write ADDRESS:PORT, such as 127.0.0.1:8000 or [::1]:8000");
  };
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return wrong("has no port");
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return wrong("the bracket is not closed");
    host = host.substr(1, host.size() - 2);
  } else if (std::ranges::count(host, ':') > 0) {
    return wrong("an IPv6 address stands in brackets");
  }
  std::uint16_t port = 0;
  const char* end = listen.data() + listen.size();
  const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return wrong("the port is no number from 0 to 65535");
  if (host.empty()) host = "0.0.0.0";
  const bool loopback = host == "localhost" || host == "::1" || host.starts_with("127.");
  return ListenAddress{host, port, loopback};
}

Result<ServerOptions> server_options(const Settings& api) {
  ServerOptions options;
  options.listen = api.text("listen");
  const std::string& compat = api.text("compat");
  options.compat = compat == "powergrid" ? Compat::powergrid : compat == "compressor" ? Compat::compressor : Compat::fermenter;
  options.cors = api.texts("cors");
  options.allow_anonymous = api.flag("allow_anonymous");
  if (api.has("tls.certificate")) options.certificate = api.text("tls.certificate");
  if (api.has("tls.key")) options.key = api.text("tls.key");
  options.limits.body = api.bytes("max_body");
  options.limits.connections = api.count("max_connections");
  options.limits.connections_per_address = api.count("max_connections_per_client");
  if (options.limits.body > Limits::hard_body)
    return failed(ErrorKind::config, "api.max_body " + api.shown("max_body") + " is above 8 MiB",
                  "set at most 8 MiB; send larger batches in parts");
  return options;
}

}  // namespace telltale::api
