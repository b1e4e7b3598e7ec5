// Rows of the bench's table: measured in turns, printed for people or programs.
#include "row.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace telltale::bench {
namespace {

/// Three digits that matter: 1.53 M, 208, 0.614.
std::string short_figure(double value) {
  char text[32];
  const double size = value < 0 ? -value : value;
  if (size >= 1e6)
    std::snprintf(text, sizeof text, "%.2f M", value / 1e6);
  else if (size >= 1e4)
    std::snprintf(text, sizeof text, "%.1f k", value / 1e3);
  else if (size >= 100)
    std::snprintf(text, sizeof text, "%.0f", value);
  else
    std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string goal_text(const Row& row) {
  if (!row.goal) return "-";
  return std::string(row.goal->at_least ? ">= " : "<= ") + short_figure(row.goal->value) + (row.goal->of_ratio ? " x" : "");
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string number(std::optional<double> value) {
  if (!value) return "null";
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", *value);
  return text;
}

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

Table::Table(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--json")
      json_ = true;
    else if (word == "--peers")
      peers_ = true;
    else if (word == "--rounds" && i + 1 < argc)
      rounds_ = std::max(1, std::atoi(argv[++i]));
    else
      names_.push_back(word);
  }
}

bool Table::wants(std::string_view row) const {
  return names_.empty() || std::ranges::any_of(names_, [&](const std::string& name) { return row.starts_with(name); });
}

void Table::show(const Row& row) {
  const auto ratio = row.ratio();
  const bool ok = !row.goal || row.goal->met(row.ours, ratio);
  if (json_) {
    std::printf(
        "{\"row\": %s, \"unit\": %s, \"ours\": %s, \"spread\": %s, \"peer\": %s, \"theirs\": %s, \"ratio\": %s, \"goal\": %s, "
        "\"ok\": %s, \"durable\": %s, \"note\": %s}\n",
        quoted(row.name).c_str(), quoted(row.unit).c_str(), number(row.ours).c_str(), number(row.spread).c_str(), quoted(row.peer).c_str(),
        number(row.theirs).c_str(), number(ratio).c_str(), quoted(goal_text(row)).c_str(), row.goal ? (ok ? "true" : "false") : "null",
        quoted(row.durable).c_str(), quoted(row.note).c_str());
  } else {
    if (!any_) std::printf("%-30s %10s %10s %8s %11s %4s  %s\n", "row", "ours", "peer", "ratio", "goal", "ok", "unit; peer; durable");
    std::printf("%-30s %10s %10s %8s %11s %4s  %s%s%s%s%s%s%s\n", row.name.c_str(), short_figure(row.ours).c_str(),
                row.theirs ? short_figure(*row.theirs).c_str() : "-", ratio ? short_figure(*ratio).c_str() : "-", goal_text(row).c_str(),
                row.goal ? (ok ? "yes" : "NO") : "-", row.unit.c_str(), row.peer.empty() ? "" : "; ", row.peer.c_str(),
                row.durable.empty() ? "" : "; ", row.durable.c_str(), row.note.empty() ? "" : "; ", row.note.c_str());
  }
  any_ = true;
  std::fflush(stdout);
}

Figures figures(std::vector<double> values) {
  std::ranges::sort(values);
  const double median = values[values.size() / 2];
  return {median, median != 0 ? (values.back() - values.front()) / median : 0};
}

Pair interleaved(int rounds, const std::function<double()>& ours, const std::function<double()>& theirs) {
  std::vector<double> a, b;
  for (int round = -1; round < rounds; ++round) {
    const double mine = ours(), other = theirs();
    if (round < 0) continue;
    a.push_back(mine);
    b.push_back(other);
  }
  return {figures(std::move(a)), figures(std::move(b))};
}

Figures repeated(int rounds, const std::function<double()>& ours) {
  std::vector<double> a;
  for (int round = -1; round < rounds; ++round) {
    const double mine = ours();
    if (round >= 0) a.push_back(mine);
  }
  return figures(std::move(a));
}

double process_cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }
double thread_cpu_seconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace telltale::bench
