// faultlab run ROW... --seed S --n N: plays accidents, prints one line of JSON per row, replays what failed.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "core/json_text.h"
#include "core/log.h"
#include "tests/faultlab/plants.h"
#include "tests/faultlab/row.h"

namespace telltale::faultlab {
namespace {

constexpr std::string_view usage = R"(usage: faultlab list
       faultlab run ROW... [--seed S] [--n N] [--night] [--all-faults] [--quiet-machine] [--program PATH]
       faultlab plants [--seed S] [--program PATH]
  --n N            runs of each row; default: what a change gets
  --night          runs of each row: what a night gets
  --all-faults     go on after the first fault and count them
  --quiet-machine  rows that judge times (R18, R26) leave no room for what else the machine does
One line of JSON per row; status 1 when a row found a fault, 2 for a mistake on this line.
)";

struct Request {
  std::vector<const Row*> rows;
  Order order;
  bool n_given = false, night = false;
};

double milliseconds_at(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

std::string line_of(const Row& row, const Order& order, Outcome& outcome, double seconds) {
  const char* commit = std::getenv("TELLTALE_COMMIT");
  std::string out = "{\"id\":\"" + std::string(row.id) + "\",\"seed\":" + std::to_string(order.seed) + ",\"commit\":";
  append_json(out, commit == nullptr ? "" : commit);
  const auto number = [&out](std::string_view name, std::uint64_t v) { out += ",\"" + std::string(name) + "\":" + std::to_string(v); };
  const auto real = [&out](std::string_view name, double v) {
    char text[64];
    std::snprintf(text, sizeof text, "%.3f", v);
    out += ",\"" + std::string(name) + "\":" + text;
  };
  number("n", outcome.n);
  number("sent", outcome.sent);
  number("acked", outcome.acked);
  number("stored", outcome.stored);
  number("dup", outcome.dup);
  number("lost", outcome.lost);
  number("gaps", outcome.gaps);
  real("recover_ms_p50", milliseconds_at(outcome.recover_ms, 0.5));
  real("recover_ms_max", milliseconds_at(outcome.recover_ms, 1));
  real("seconds", seconds);
  const auto text = [&out](std::string_view name, std::string_view v) {
    out += ",\"" + std::string(name) + "\":";
    append_json(out, v);
  };
  text("goal", row.goal);
  if (!outcome.note.empty()) text("note", outcome.note);
  text("verdict", outcome.fault ? "failed" : !outcome.skipped.empty() ? "skipped" : "ok");
  if (!outcome.skipped.empty()) text("why", outcome.skipped);
  if (outcome.fault) {
    text("fault", *outcome.fault);
    number("faults", outcome.n_faults);
    text("replay", "faultlab run " + std::string(row.id) + " --seed " + std::to_string(outcome.fault_seed) + " --n 1");
  }
  return out + "}";
}

bool number_from(const char* text, std::uint64_t& into) {
  const std::string_view digits = text == nullptr ? "" : text;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
  return error == std::errc{} && end == digits.data() + digits.size();
}

/// What the line asks for, or the words that it gets for an answer.
std::expected<Request, std::string> request_from(int argc, char** argv) {
  Request request;
  if (const char* program = std::getenv("TELLTALE_FAULTY_PROGRAM")) request.order.program = program;
  for (int k = 2; k < argc; ++k) {
    const std::string_view word = argv[k];
    const char* next = k + 1 < argc ? argv[k + 1] : nullptr;
    if (word == "--seed" || word == "--n") {
      if (!number_from(next, word == "--seed" ? request.order.seed : request.order.n))
        return std::unexpected(std::string(word) + " takes a whole number; it is '" + (next == nullptr ? "" : next) + "'");
      request.n_given |= word == "--n";
      ++k;
    } else if (word == "--program" && next != nullptr) {
      request.order.program = next;
      ++k;
    } else if (word == "--night") {
      request.night = true;
    } else if (word == "--all-faults") {
      request.order.stop_at_first = false;
    } else if (word == "--quiet-machine") {
      request.order.quiet_machine = true;
    } else {
      const auto row = std::ranges::find(rows(), word, &Row::id);
      if (row == rows().end()) return std::unexpected("there is no row '" + std::string(word) + "'; `faultlab list` names them");
      request.rows.push_back(&*row);
    }
  }
  if (request.rows.empty()) {
    for (const Row& row : rows()) request.rows.push_back(&row);
  }
  return request;
}

/// Plays a row in a folder of its own, which goes when it is over.
Outcome play(const Row& row, Order order) {
  std::string folder = (std::filesystem::temp_directory_path() / "faultlab-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    Outcome outcome;
    return at_fault(outcome, "cannot make a folder like '" + folder + "'");
  }
  order.folder = folder;
  Outcome outcome = row.run(order);
  std::error_code ignored;  // what cannot be removed stays in the system's folder for such files
  std::filesystem::remove_all(folder, ignored);
  return outcome;
}

int run(const Request& request) {
  int status = 0;
  for (const Row* row : request.rows) {
    Order order = request.order;
    if (!request.n_given) order.n = request.night ? row->night : row->quick;
    const auto begin = std::chrono::steady_clock::now();
    Outcome outcome = play(*row, order);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::puts(line_of(*row, order, outcome, seconds).c_str());
    std::fflush(stdout);
    if (outcome.fault) status = 1;
  }
  return status;
}

int list() {
  for (const Row& row : rows()) {
    std::printf("%-5.*s %-72.*s goal: %.*s\n", static_cast<int>(row.id.size()), row.id.data(), static_cast<int>(row.about.size()),
                row.about.data(), static_cast<int>(row.goal.size()), row.goal.data());
  }
  return 0;
}

}  // namespace
}  // namespace telltale::faultlab

int main(int argc, char** argv) {
  using namespace telltale::faultlab;
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "list" && argc == 2) return list();
  if (word == "run" || word == "plants") {
    const auto request = request_from(argc, argv);
    if (request && word == "run") return run(*request);
    if (request) return run_plants(request->order, play);
    std::fprintf(stderr, "faultlab: %s\n", request.error().c_str());
  }
  std::fputs(usage.data(), stderr);
  return 2;
}
