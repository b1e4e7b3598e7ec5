// `--when 'motor current > 1 and pressure < 8'`: which rows of a table count.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace telltale::cli {

/// COLUMN OP NUMBER, joined by `and` and `or` (`and` binds closer); a name may stand in '...', "..." or `...`.
class Condition {
 public:
  enum class Op { above, at_least, below, at_most, equal, not_equal };
  struct Term {
    std::string column;
    Op op;
    double value;
  };
  /// errors   config: what is no condition, with the text
  static Result<Condition> parse(std::string_view text);

  std::vector<std::string> columns() const;  // every name once
  /// @param value  of a column, in the row that is asked about; NaN (an empty cell) fulfils no term
  bool holds(const std::function<double(const std::string&)>& value) const;
  const std::vector<std::vector<Term>>& any_of_all() const { return any_of_all_; }

 private:
  std::vector<std::vector<Term>> any_of_all_;
};

/// A limit that divides running from standing still, where a signal has a second level near zero; nullopt: it has none.
std::optional<double> level_above_zero(std::span<const double> values);

}  // namespace telltale::cli
