// Fuzz target: what callers of the API say in the query, one argument a line as NAME=VALUE. It is understood, or refused with words.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/arguments.h"
#include "api/live_messages.h"

using namespace telltale;
using namespace telltale::api;

namespace {
template <typename T>
void check(const Result<T>& result) {
  if (!result && result.error().message.empty()) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  HttpRequest request;
  for (std::size_t from = 0; from < input.size();) {
    const std::size_t end = std::min(input.find('\n', from), input.size());
    const std::string_view line = input.substr(from, end - from);
    const std::size_t equals = std::min(line.find('='), line.size());
    request.query.emplace(line.substr(0, equals), equals < line.size() ? line.substr(equals + 1) : std::string_view{});
    from = end + 1;
  }
  const Time now = time_from_ns(1'790'000'000'000'000'000);
  const auto window = window_of(request);
  check(window);
  if (window && window->from && window->to && *window->from >= *window->to) std::abort();
  const auto closed = closed_window_of(request, now);
  check(closed);
  if (closed && (!closed->from || !closed->to)) std::abort();
  if (const auto count = count_of(request, "limit", 1, 1000, 100); count && (*count < 1 || *count > 1000)) std::abort();
  check(Paging::of(request, 1000, 100));
  check(parse_live_request(input));
  if (const auto cursor = parse_cursor(input)) {
    const auto again = parse_cursor(to_text(*cursor));
    if (!again || again->time != cursor->time || again->given != cursor->given) std::abort();
  }
  return 0;
}
