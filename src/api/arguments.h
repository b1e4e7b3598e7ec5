// What callers say in the query: times, limits, cursors. One sentence for each way to get them wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/http.h"
#include "core/result.h"
#include "core/time.h"
#include "stores/store.h"

namespace telltale::api {

/// `from` and `to` of the query; unset where they are left out.
/// errors   config: no time; from is not before to
Result<stores::Window> window_of(const HttpRequest& request);
/// As window_of, with `to` now and `from` an hour before it where they are left out.
Result<stores::Window> closed_window_of(const HttpRequest& request, Time now);
/// A whole number of the query within bounds; `preset` when it is left out.
Result<std::size_t> count_of(const HttpRequest& request, std::string_view name, std::size_t least, std::size_t most, std::size_t preset);

/// Where a page of rows, newest first, ends: the time of its last row and how many rows of that same time were given already.
struct Cursor {
  Time time{};
  std::size_t given = 0;
};
std::string to_text(const Cursor& cursor);
/// errors   config: not one of ours
Result<Cursor> parse_cursor(std::string_view text);

/// One page of rows that are asked for newest first: narrows `window`, widens `limit`, and cuts what comes back.
class Paging {
 public:
  static Result<Paging> of(const HttpRequest& request, std::size_t most, std::size_t preset);

  stores::Window narrowed(stores::Window window) const;
  std::size_t wanted() const { return limit_ + cursor_.given + 1; }  // one more tells whether there is a next page
  /// Leaves the page's rows; returns the next page's cursor, empty when this is the last.
  template <typename Row, typename TimeOf>
  std::string cut(std::vector<Row>& rows, TimeOf time_of) const {
    const bool more = rows.size() >= wanted();
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(cursor_.given, rows.size())));
    if (rows.size() > limit_) rows.resize(limit_);
    if (!more || rows.empty()) return {};
    Cursor next{time_of(rows.back()), 0};
    for (auto row = rows.rbegin(); row != rows.rend() && time_of(*row) == next.time; ++row) ++next.given;
    if (next.given == rows.size() && next.time == cursor_.time) next.given += cursor_.given;  // a page within one instant
    return to_text(next);
  }

 private:
  std::size_t limit_ = 100;
  bool continued_ = false;
  Cursor cursor_;
};

}  // namespace telltale::api
