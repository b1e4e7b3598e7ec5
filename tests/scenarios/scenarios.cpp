// Runs every scenario of this folder through real lanes: as it is, stopped in the middle, and on four lanes.
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/time.h"
#include "engine/lane.h"
#include "engine/site.h"

namespace telltale::engine {
namespace {
namespace fs = std::filesystem;

constexpr std::int64_t start_ns = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

struct Given {
  Nanoseconds at{};
  std::string asset, signal;
  double value = 0;
  Command command;     // when its verb is not empty
  std::string source;  // who sent it; empty: nobody whom the site names
};

struct Scenario {
  std::string title, site, given_text;
  std::vector<Given> given;
  Nanoseconds end{};
  std::vector<std::string> expected;
};

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; in >> word;) {
    if (word.front() == '"') {
      while (word.size() < 2 || word.back() != '"') {
        std::string more;
        if (!(in >> more)) break;
        word += " " + more;
      }
      word = word.substr(1, word.size() - 2);
    }
    words.push_back(word);
  }
  return words;
}

Nanoseconds duration(const std::string& text) {
  const auto d = parse_duration(text);
  if (!d) throw std::runtime_error(d.error().message);
  return *d;
}

std::vector<double> values_of(const std::string& text) {
  std::vector<double> values;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one, '|');)
    values.push_back(one == "nan" ? std::numeric_limits<double>::quiet_NaN() : std::stod(one));
  return values;
}

/// "from wellpad" at the end of a line of readings.
std::string source_of(std::vector<std::string>& words) {
  if (words.size() < 2 || words[words.size() - 2] != "from") return "";
  std::string source = words.back();
  words.resize(words.size() - 2);
  return source;
}

/// "20s A s 6.4", "0s..20s every 1s A s 2.4|2.5 from wellpad", "acknowledge 25s A rule Ada "note"", "tick until 60s".
void read_given(const std::string& line, Scenario& scenario) {
  auto words = words_of(line);
  if (words.empty()) return;
  const std::string source = source_of(words);
  if (words[0] == "tick") {
    scenario.end = std::max(scenario.end, duration(words.at(2)));
  } else if (words[0] == "acknowledge") {
    Given g{.at = duration(words.at(1)), .asset = words.at(2), .signal = words.at(3)};
    g.command = {.actor = words.at(4), .verb = "acknowledge", .asset = g.asset, .target = "", .note = words.size() > 5 ? words[5] : ""};
    scenario.given.push_back(g);
  } else if (const auto dots = words[0].find(".."); dots != std::string::npos) {
    const Nanoseconds from = duration(words[0].substr(0, dots)), to = duration(words[0].substr(dots + 2)), step = duration(words.at(2));
    const auto values = values_of(words.at(5));
    std::size_t n = 0;
    for (Nanoseconds at = from; at < to; at += step)
      scenario.given.push_back({at, words.at(3), words.at(4), values[n++ % values.size()], {}, source});
  } else {
    scenario.given.push_back({duration(words[0]), words.at(1), words.at(2), values_of(words.at(3)).front(), {}, source});
  }
}

Scenario read_scenario(const fs::path& file) {
  std::ifstream in(file);
  Scenario scenario;
  std::string section, line;
  while (std::getline(in, line)) {
    if (section.empty() && line.starts_with("#"))
      scenario.title += line + "\n";
    else if (!line.empty() && line.front() != ' ' && !line.starts_with("#"))
      section = line;
    else if (line.empty())
      continue;
    else if (section == "site")
      scenario.site += line.substr(2) + "\n";
    else if (section == "given") {
      scenario.given_text += line + "\n";
      read_given(line, scenario);
    } else if (section == "expected")
      scenario.expected.push_back(line.substr(2));
  }
  std::ranges::stable_sort(scenario.given, {}, &Given::at);
  if (!scenario.given.empty()) scenario.end = std::max(scenario.end, scenario.given.back().at);
  return scenario;
}

/// Lanes fed by hand: a tick each second, each reading an input of its own.
class Play {
 public:
  Play(const Scenario& scenario, std::size_t n_lanes) : scenario_(scenario) {
    SiteReading reading = parse_site(scenario.site, "scenario", {});
    for (const auto& mistake : reading.mistakes) throw std::runtime_error(mistake.where.text + ": " + mistake.message);
    site_ = reading.site;
    for (std::size_t k = 0; k < n_lanes; ++k) lanes_.push_back(fresh_lane());
  }

  /// @param stop_at  where all lanes are saved, thrown away and restored; negative: never
  std::vector<std::string> run(Nanoseconds stop_at) {
    std::size_t next = 0;
    bool stopped = stop_at < Nanoseconds{0};
    for (Nanoseconds now{0}; now <= scenario_.end; now += std::chrono::seconds(1)) {
      now_ = now;
      tick();
      for (; next < scenario_.given.size() && scenario_.given[next].at < now + std::chrono::seconds(1); ++next) feed(scenario_.given[next]);
      if (!stopped && now >= stop_at) {
        restart();
        stopped = true;
      }
    }
    return lines_;
  }

 private:
  std::unique_ptr<Lane> fresh_lane() {
    auto lane = make_lane(site_, names_);
    if (!lane) throw std::runtime_error(lane.error().message);
    return std::move(*lane);
  }
  void restart() {
    for (auto& lane : lanes_) {
      const auto states = lane->save(std::numeric_limits<std::size_t>::max());
      lane = fresh_lane();
      for (const AssetState& state : states) {
        if (!lane->restore(state)) throw std::runtime_error("the state of " + state.asset + " was refused");
      }
    }
  }
  LanePart part(EntryKind kind) {
    return {.sequence = sequence_, .kind = kind, .tick = Time{Nanoseconds{start_ns}} + now_, .readings = {}, .command = {}};
  }
  void tick() {
    ++sequence_;
    for (auto& lane : lanes_) process(*lane, part(EntryKind::tick));
  }
  void feed(const Given& g) {
    ++sequence_;
    Lane& lane = *lanes_[lane_of(g.asset, lanes_.size())];
    if (!g.command.verb.empty()) {
      LanePart p = part(EntryKind::command);
      p.command = g.command;
      p.command.target = open_.at(g.asset + " " + g.signal);
      process(lane, p);
      return;
    }
    LanePart p = part(EntryKind::batch);
    const bool bad = std::isnan(g.value);
    Quality quality;
    if (bad) quality.mark(Reason::missing, Grade::bad);
    p.readings.push_back({*names_.signal(g.asset, g.signal), 0, Time{Nanoseconds{start_ns}} + g.at, g.value, quality});
    Lane& hears_sources = *lanes_[lane_of(whole_site, lanes_.size())];
    if (&hears_sources == &lane) p.source = g.source;
    process(lane, p);
    if (&hears_sources == &lane || g.source.empty()) return;
    LanePart heard = part(EntryKind::batch);
    heard.source = g.source;
    process(hears_sources, heard);
  }
  void process(Lane& lane, const LanePart& part) {
    lane.process(part, result_);
    for (const Transition& t : result_.transitions) {
      const std::string signal = t.signal == no_signal ? "*" : std::string(names_.signal_name(t.signal));
      const std::string asset(names_.asset_name(t.asset));
      std::string line = to_clock(t.event_time) + " " + std::string(name_of(t.kind)) + " [" + std::to_string(t.priority) + "] " + asset +
                         " " + signal + " " + t.rule;
      if (t.kind == Transition::Kind::acknowledged)
        line += " by " + t.actor + (t.note.empty() ? "" : ": " + t.note);
      else
        line += ": " + t.cause;
      if (t.kind == Transition::Kind::raised) open_[asset + " " + t.rule] = t.id;
      if (t.kind != Transition::Kind::updated) lines_.push_back(line);
    }
    if (result_.command_error) lines_.push_back("refused: " + result_.command_error->message);
  }

  const Scenario& scenario_;
  std::shared_ptr<const Site> site_;
  Names names_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  LaneResult result_;
  Sequence sequence_ = 0;
  Nanoseconds now_{};
  std::map<std::string, std::string> open_;
  std::vector<std::string> lines_;
};

void rewrite(const fs::path& file, const Scenario& scenario, const std::vector<std::string>& lines) {
  std::ofstream out(file);
  out << scenario.title << "site\n";
  std::istringstream site(scenario.site);
  for (std::string line; std::getline(site, line);) out << "  " << line << "\n";
  out << "given\n" << scenario.given_text << "expected\n";
  for (const std::string& line : lines) out << "  " << line << "\n";
}

class ScenarioTest : public ::testing::Test {
 public:
  explicit ScenarioTest(fs::path file) : file_(std::move(file)) {}
  void TestBody() override {
    const Scenario scenario = read_scenario(file_);
    ASSERT_FALSE(scenario.given.empty()) << file_ << " gives no readings";
    const auto lines = Play(scenario, 1).run(Nanoseconds{-1});
    if (std::getenv("TELLTALE_UPDATE_SCENARIOS") != nullptr)
      rewrite(file_, scenario, lines);
    else
      EXPECT_EQ(lines, scenario.expected);
    EXPECT_EQ(Play(scenario, 1).run(scenario.end / 2), lines) << "stopped in the middle it says something else";
    EXPECT_EQ(Play(scenario, 4).run(Nanoseconds{-1}), lines) << "on four lanes it says something else";
  }

 private:
  const fs::path file_;
};

void register_all() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(TELLTALE_SCENARIOS)) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    ::testing::RegisterTest("Scenario", file.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [file]() -> ::testing::Test* { return new ScenarioTest(file); });
  }
}

}  // namespace
}  // namespace telltale::engine

int main(int argc, char** argv) {
  telltale::engine::register_all();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
