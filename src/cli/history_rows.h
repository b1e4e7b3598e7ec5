// History as rows, from a data directory or from a running engine: what `query` prints.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/quality.h"
#include "core/result.h"
#include "core/time.h"
#include "stores/store.h"

namespace telltale::cli {

/// One reading (count 1) or, where a running engine thinned, the readings of a stretch of time.
struct HistoryRow {
  Time time;
  std::string asset, signal;
  double value = 0;  // of the first
  double min = 0, max = 0, last = 0;
  std::uint64_t count = 1;
  Quality quality;
  bool anomaly = false;  // known from a data directory only
};

struct HistorySignal {
  std::string asset, signal, unit;
  std::uint64_t count = 0;
  std::optional<Time> newest;
};

class History {
 public:
  virtual ~History() = default;
  virtual Result<std::vector<HistorySignal>> signals() const = 0;
  /// At most `limit` rows of one signal, the newest of the window, oldest first.
  virtual Result<std::vector<HistoryRow>> rows(const std::string& asset, const std::string& signal, stores::Window,
                                               std::size_t limit) const = 0;
};

std::unique_ptr<History> history_in_directory(std::unique_ptr<const stores::Reader>);
std::unique_ptr<History> history_of_engine(std::string url);

}  // namespace telltale::cli
