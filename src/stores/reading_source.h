// Where a job takes readings from: block files, or the history table of the form before.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string_view>

#include "core/result.h"
#include "stores/sample.h"

namespace telltale::stores {

/// One thread.
class ReadingSource {
 public:
  virtual ~ReadingSource() = default;
  /// Adds the beginnings of the days (UTC) on which the signal has readings.
  virtual Result<void> days(std::string_view asset, std::string_view signal, std::set<Time>& into) = 0;
  /// Gives its readings in [from, to) in order of time, each time once, in portions.
  virtual Result<void> read(std::string_view asset, std::string_view signal, Time from, Time to,
                            const std::function<Result<void>(std::span<const Sample>)>& each) = 0;
};

}  // namespace telltale::stores
