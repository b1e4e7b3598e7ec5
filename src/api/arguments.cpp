// What callers say in the query: times, limits, cursors.
#include "api/arguments.h"

#include <charconv>

namespace telltale::api {
namespace {

Result<std::optional<Time>> time_of(const HttpRequest& request, std::string_view name) {
  const std::string_view text = request.argument(name);
  if (text.empty()) return std::optional<Time>{};
  auto parsed = parse_iso_time(text);
  if (!parsed)
    return failed(ErrorKind::config, std::string(name) + "='" + std::string(text) + "' is no time",
                  "write RFC 3339, such as 2026-11-21T12:00:00Z");
  return parsed->time;
}

template <typename T>
bool whole_number(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<stores::Window> window_of(const HttpRequest& request) {
  auto from = time_of(request, "from"), to = time_of(request, "to");
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  if (*from && *to && **from >= **to) return failed(ErrorKind::config, "from is not before to", "swap them; `to` itself is not included");
  return stores::Window{*from, *to};
}

Result<stores::Window> closed_window_of(const HttpRequest& request, Time now) {
  auto window = window_of(request);
  if (!window) return window;
  // `to` is exclusive: a reading of this very nanosecond still counts
  if (!window->to) window->to = std::max(now, window->from.value_or(now)) + Nanoseconds(1);
  if (!window->from) window->from = *window->to - std::chrono::hours(1);
  return window;
}

Result<std::size_t> count_of(const HttpRequest& request, std::string_view name, std::size_t least, std::size_t most, std::size_t preset) {
  const std::string_view text = request.argument(name);
  if (text.empty()) return preset;
  std::size_t number = 0;
  if (!whole_number(text, number) || number < least || number > most)
    return failed(
        ErrorKind::config,
        std::string(name) + "='" + std::string(text) + "' is no number from " + std::to_string(least) + " to " + std::to_string(most),
        "leave it out for " + std::to_string(preset));
  return number;
}

std::string to_text(const Cursor& cursor) { return std::to_string(ns_of(cursor.time)) + "-" + std::to_string(cursor.given); }

Result<Cursor> parse_cursor(std::string_view text) {
  const auto dash = text.rfind('-');
  std::int64_t ns = 0;
  Cursor cursor;
  if (dash == std::string_view::npos || dash == 0 || !whole_number(text.substr(0, dash), ns) ||
      !whole_number(text.substr(dash + 1), cursor.given) || cursor.given > 100'000)
    return failed(ErrorKind::config, "cursor '" + std::string(text) + "' is not one of ours",
                  "take next_cursor of the page before as it is");
  cursor.time = time_from_ns(ns);
  return cursor;
}

Result<Paging> Paging::of(const HttpRequest& request, std::size_t most, std::size_t preset) {
  Paging paging;
  auto limit = count_of(request, "limit", 1, most, preset);
  if (!limit) return std::unexpected(limit.error());
  paging.limit_ = *limit;
  if (const auto text = request.argument("cursor"); !text.empty()) {
    auto cursor = parse_cursor(text);
    if (!cursor) return std::unexpected(cursor.error());
    paging.cursor_ = *cursor;
    paging.continued_ = true;
  }
  return paging;
}

stores::Window Paging::narrowed(stores::Window window) const {
  if (!continued_) return window;
  const Time end = cursor_.time + Nanoseconds(1);
  if (!window.to || *window.to > end) window.to = end;
  return window;
}

}  // namespace telltale::api
