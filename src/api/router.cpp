// Finds the route of a request: path parts against patterns with named segments.
#include "api/router.h"

#include <algorithm>
#include <ranges>

namespace telltale::api {
namespace {

constexpr std::size_t max_parts = 16;

bool is_named(std::string_view part) { return part.size() > 2 && part.front() == '{' && part.back() == '}'; }

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (const auto part : std::views::split(path, '/')) parts.emplace_back(std::string_view(part));
  return parts;
}

/// How many literal parts fit; nullopt: the path is another one.
std::optional<std::size_t> fit(const Route& route, const std::vector<std::string>& parts) {
  if (route.parts.size() != parts.size()) return std::nullopt;
  std::size_t literals = 0;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (is_named(route.parts[k])) {
      if (parts[k].empty()) return std::nullopt;
    } else if (route.parts[k] == parts[k]) {
      ++literals;
    } else {
      return std::nullopt;
    }
  }
  return literals;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void RouteTable::add(std::string_view method, std::string_view pattern, Role least, Handler handler) {
  add_inlet(method, pattern, least, std::move(handler), [] {});
}

void RouteTable::add_original(std::string_view method, std::string_view pattern, Role least, Handler handler) {
  add_original_inlet(method, pattern, least, std::move(handler), [] {});
}

void RouteTable::add_inlet(std::string_view method, std::string_view pattern, Role least, Handler handler, std::function<void()> refused) {
  add(Route{std::string(method), std::string(pattern), least, std::move(handler), ErrorShape::ours, split(pattern), std::move(refused)});
}

void RouteTable::add_original_inlet(std::string_view method, std::string_view pattern, Role least, Handler handler,
                                    std::function<void()> refused) {
  add(Route{std::string(method), std::string(pattern), least, std::move(handler), ErrorShape::detail, split(pattern), std::move(refused)});
}

void RouteTable::add(Route route) {
  const auto same = [&](const Route& r) { return r.method == route.method && r.pattern == route.pattern; };
  if (std::ranges::any_of(routes_, same))
    mistakes_.push_back(route.method + " " + route.pattern + " was added twice");
  else
    routes_.push_back(std::move(route));
}

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
  Match match;
  std::vector<std::string> parts = split(path);
  if (!path.starts_with('/') || parts.size() > max_parts) return match;
  for (auto& part : parts) {
    auto decoded = percent_decoded(part, false);
    if (!decoded) return match;
    part = std::move(*decoded);
  }
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  std::size_t most_literals = 0;
  for (const Route& route : routes_) {
    const auto literals = fit(route, parts);
    if (!literals || *literals < most_literals) continue;
    if (*literals > most_literals) match = Match{};  // a more literal pattern owns the path with all its methods
    most_literals = *literals;
    match.allowed.push_back(route.method);
    match.errors = route.errors;
    if (route.method == wanted) match.route = &route;
  }
  if (std::ranges::contains(match.allowed, "GET")) match.allowed.push_back("HEAD");
  if (match.route) {
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const std::string& name = match.route->parts[k];
      if (is_named(name)) match.segments.emplace(name.substr(1, name.size() - 2), std::move(parts[k]));
    }
  }
  return match;
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (text[k] == '%') {
      if (k + 2 >= text.size()) return std::nullopt;
      const int high = hex(text[k + 1]), low = hex(text[k + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      k += 2;
    } else {
      out += plus_is_space && text[k] == '+' ? ' ' : text[k];
    }
  }
  return out;
}

std::optional<std::multimap<std::string, std::string>> parse_query(std::string_view query) {
  std::multimap<std::string, std::string> arguments;
  for (const auto range : std::views::split(query, '&')) {
    const std::string_view pair(range);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decoded(pair.substr(0, equals), true);
    auto value = percent_decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    arguments.emplace(std::move(*name), std::move(*value));
  }
  return arguments;
}

}  // namespace telltale::api
