// R02, imports: `telltale import` dies at its crash points. The same words go on behind the last row that is on disk, and a third run
// finds nothing to do.
#include "tests/faultlab/import_kills.h"

#include <bit>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "stores/store.h"
#include "tests/faultlab/engine_process.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t rows = 45'000;  // times columns: three entries of the journal
constexpr std::string_view columns[] = {"flow", "level", "speed"};
constexpr std::uint64_t readings = rows * std::size(columns);

double value_at(std::uint64_t row, std::size_t column) { return static_cast<double>(row * std::size(columns) + column) + 0.25; }

struct ImportTrial {
  explicit ImportTrial(const Order& order, const std::string& name)
      : program(order.program), table(order.folder + "/history.csv"), data(order.folder + "/" + name), site(data + ".yaml"),
        log(data + ".log") {
    std::ofstream(site) << "site: import\nstore: {directory: \"" << data << "\"}\n";
    if (std::filesystem::exists(table)) return;
    std::ofstream out(table);
    out << "time,flow,level,speed\n";
    for (std::uint64_t row = 0; row < rows; ++row) {
      char line[128];
      std::snprintf(line, sizeof line, "%llu,%.2f,%.2f,%.2f\n", static_cast<unsigned long long>(kill_start + row), value_at(row, 0),
                    value_at(row, 1), value_at(row, 2));
      out << line;
    }
  }
  ~ImportTrial() { std::filesystem::remove_all(data); }

  int run(const std::string& crash) const { return run_program(program, {"import", table, site, "--asset", "PUMP"}, crash, log); }

  const std::string program, table, data, site, log;
};

/// Every reading stands once with its bits, and the ledger counts each as stored, none as a repeat.
std::optional<std::string> look(const ImportTrial& trial, Outcome& outcome) {
  const auto reader = stores::open_local_read_only(trial.data);
  if (!reader) return "the data cannot be read: " + reader.error().message;
  for (std::size_t c = 0; c < std::size(columns); ++c) {
    const auto points = (*reader)->points("PUMP", columns[c], {}, 10 * rows);
    if (!points) return "history cannot be asked: " + points.error().message;
    outcome.stored += points->size();
    outcome.lost += rows - std::min<std::uint64_t>(rows, points->size());
    if (points->size() != rows) return std::to_string(points->size()) + " readings of " + std::to_string(rows) + " stand";
    for (std::uint64_t row = 0; row < rows; ++row) {
      const auto& point = (*points)[row];
      if (ns_of(point.time) / 1'000'000'000 != static_cast<std::int64_t>(kill_start + row) ||
          std::bit_cast<std::uint64_t>(point.value) != std::bit_cast<std::uint64_t>(value_at(row, c)))
        return "row " + std::to_string(row) + " stands with another time or value";
    }
  }
  const auto ledger = (*reader)->ledger();
  if (!ledger || ledger->size() != 1) return "there is not one ledger of one import";
  const Ledger& counts = ledger->begin()->second;
  if (counts.received != readings || counts.stored != readings)
    return "the ledger says " + std::to_string(counts.received) + " received, " + std::to_string(counts.stored) + " stored";
  const auto gaps = (*reader)->gaps(10);
  return gaps && gaps->empty() ? std::nullopt : std::optional<std::string>("a gap is told");
}

std::optional<std::string> play(const ImportTrial& trial, const std::string& crash, bool& came_by, Outcome& outcome) {
  const int died = trial.run(crash);
  came_by = died == 99;
  if (died != 0 && died != 99) return "it ends with " + std::to_string(died);
  for (int again = 0; again < 2; ++again) {
    if (const int status = trial.run({}); status != 0) return "the next run ends with " + std::to_string(status);
    if (auto fault = look(trial, outcome)) return fault;
  }
  return std::nullopt;
}

}  // namespace

bool of_imports(std::string_view point) { return point.starts_with("import."); }

bool import_dying_at(const Order& order, std::string_view point, std::uint64_t n, Outcome& sum) {
  const std::string crash = std::string(point) + ":" + std::to_string(n);
  const ImportTrial trial(order, "import-" + crash);
  Outcome outcome;
  outcome.n = 1;
  outcome.sent = outcome.acked = readings;
  bool came_by = false;
  const auto fault = play(trial, crash, came_by, outcome);
  sum.add(outcome);
  if (fault) at_fault(sum, "an import dying at " + crash + ": " + *fault);
  return came_by;
}

}  // namespace telltale::faultlab
