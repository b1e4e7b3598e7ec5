// History as rows, from a data directory or from a running engine.
#include "cli/history_rows.h"

#include <algorithm>
#include <cmath>

#include "cli/api_client.h"
#include "cli/json_reader.h"

namespace telltale::cli {
namespace {

namespace json = boost::json;

class DirectoryHistory final : public History {
 public:
  explicit DirectoryHistory(std::unique_ptr<const stores::Reader> reader) : reader_(std::move(reader)) {}

  Result<std::vector<HistorySignal>> signals() const override {
    const auto names = reader_->signals();
    if (!names) return std::unexpected(names.error());
    std::vector<HistorySignal> out;
    for (const auto& [asset, signal] : *names) {
      const auto statistics = reader_->statistics(asset, signal, {});
      if (!statistics) return std::unexpected(statistics.error());
      out.push_back({asset, signal, "", statistics->count, statistics->last});
    }
    return out;
  }

  Result<std::vector<HistoryRow>> rows(const std::string& asset, const std::string& signal, stores::Window window,
                                       std::size_t limit) const override {
    const auto points = reader_->points(asset, signal, window, limit);
    if (!points) return std::unexpected(points.error());
    std::vector<HistoryRow> out;
    for (const auto& p : *points)
      out.push_back({.time = p.time,
                     .asset = asset,
                     .signal = signal,
                     .value = p.value,
                     .min = p.value,
                     .max = p.value,
                     .last = p.value,
                     .quality = p.quality,
                     .anomaly = p.anomaly});
    return out;
  }

 private:
  std::unique_ptr<const stores::Reader> reader_;
};

double at(const json::array& column, std::size_t k) {
  return k < column.size() ? number_of(column[k]).value_or(std::nan("")) : std::nan("");
}

class EngineHistory final : public History {
 public:
  explicit EngineHistory(std::string url) : api_(std::move(url)) {}

  Result<std::vector<HistorySignal>> signals() const override {
    const auto listed = ask("/api/v1/signals", {});
    const auto counted = ask("/api/v1/statistics", {{"from", "1970-01-01T00:00:00Z"}});  // of all that there is
    if (!listed) return std::unexpected(listed.error());
    if (!counted) return std::unexpected(counted.error());
    std::vector<HistorySignal> out;
    for (const json::value& v : array_in(*listed, "signals")) {
      if (!v.is_object()) continue;
      const auto& signal = v.as_object();
      HistorySignal row{text_in(signal, "asset"), text_in(signal, "signal"), text_in(signal, "unit")};
      if (const auto time = parse_iso_time(text_in(object_in(signal, "latest"), "time"))) row.newest = time->time;
      row.count = count_of(*counted, row);
      out.push_back(std::move(row));
    }
    return out;
  }

  Result<std::vector<HistoryRow>> rows(const std::string& asset, const std::string& signal, stores::Window window,
                                       std::size_t limit) const override {
    ApiClient::Arguments arguments{
        {"asset", asset}, {"signal", signal}, {"max", std::to_string(std::clamp<std::size_t>(limit, 1, 10'000))}};
    if (window.from) arguments.emplace_back("from", to_rfc3339(*window.from));
    if (window.to) arguments.emplace_back("to", to_rfc3339(*window.to));
    const auto answer = ask("/api/v1/series", arguments);
    if (!answer) return std::unexpected(answer.error());
    std::vector<HistoryRow> out;
    for (const json::value& v : array_in(*answer, "series"))
      if (v.is_object()) append(out, v.as_object());
    return out;
  }

 private:
  Result<json::object> ask(const std::string& path, const ApiClient::Arguments& arguments) const {
    const auto body = api_.get(path, arguments);
    if (!body) return std::unexpected(body.error());
    return json_object(*body, api_.base());
  }

  static std::uint64_t count_of(const json::object& statistics, const HistorySignal& signal) {
    for (const json::value& v : array_in(statistics, "statistics")) {
      if (!v.is_object() || text_in(v.as_object(), "asset") != signal.asset || text_in(v.as_object(), "signal") != signal.signal) continue;
      return static_cast<std::uint64_t>(number_in(v.as_object(), "count").value_or(0));
    }
    return 0;
  }

  /// The columns of one signal; times come as milliseconds since 1970.
  static void append(std::vector<HistoryRow>& out, const json::object& series) {
    const auto &time = array_in(series, "time"), &first = array_in(series, "first"), &min = array_in(series, "min"),
               &max = array_in(series, "max"), &last = array_in(series, "last"), &count = array_in(series, "count"),
               &quality = array_in(series, "quality"), &flags = array_in(series, "flags");
    for (std::size_t k = 0; k < time.size(); ++k) {
      const double grade = at(quality, k), reasons = at(flags, k);
      out.push_back({.time = time_from_ns(std::llround(at(time, k) * 1e6)),
                     .asset = text_in(series, "asset"),
                     .signal = text_in(series, "signal"),
                     .value = at(first, k),
                     .min = at(min, k),
                     .max = at(max, k),
                     .last = at(last, k),
                     .count = static_cast<std::uint64_t>(std::max(1.0, at(count, k))),
                     .quality = Quality(grade >= 2   ? Grade::bad
                                        : grade >= 1 ? Grade::uncertain
                                                     : Grade::good,
                                        reasons > 0 ? static_cast<std::uint32_t>(reasons) : 0u)});
    }
  }

  const ApiClient api_;
};

}  // namespace

std::unique_ptr<History> history_in_directory(std::unique_ptr<const stores::Reader> reader) {
  return std::make_unique<DirectoryHistory>(std::move(reader));
}
std::unique_ptr<History> history_of_engine(std::string url) { return std::make_unique<EngineHistory>(std::move(url)); }

}  // namespace telltale::cli
