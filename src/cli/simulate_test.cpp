// The words simulate and replay, as a person calls them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/command.h"

namespace telltale::cli {
namespace {
struct Said {
  int status;
  std::string out, err;
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    std::istringstream in(out);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
};

std::string content(std::FILE* file) {
  std::rewind(file);
  std::string text(1 << 20, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

Said call(const std::vector<std::string>& arguments) {
  std::FILE* out = std::tmpfile();
  std::FILE* err = std::tmpfile();
  Console console(out, err);
  const int status = run_line(arguments, console);
  Said said{status, content(out), content(err)};
  std::fclose(out);
  std::fclose(err);
  return said;
}

class SimulateAndReplay : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string file(const std::string& name, const std::string& text = "") const {
    if (!text.empty()) std::ofstream(folder + "/" + name) << text;
    return folder + "/" + name;
  }
  const std::string folder = testing::TempDir() + "simulate_" + std::to_string(getpid());
  const std::string history =
      "time,flow,temp\n2026-01-01T00:00:00Z,50.5,61\n2026-01-01T00:00:10Z,oops,61.2\n2026-01-01T00:00:20Z,,\n2026-01-01T00:00:30Z,51,61."
      "4\n";
};

TEST_F(SimulateAndReplay, WithoutWaitingAnHourIsWrittenAtOnce) {
  const Said said = call({"simulate", "compressor", "--for", "1h", "--speed", "0"});
  EXPECT_EQ(said.status, 0);
  EXPECT_EQ(said.lines().size(), 1800u);
  EXPECT_NE(said.err.find("1,800 messages with 10,800 readings"), std::string::npos) << said.err;
}

TEST_F(SimulateAndReplay, TheSameSeedGivesTheSameValues) {
  const auto values = [](const std::string& seed) {
    std::string all;
    for (std::string line : call({"simulate", "powergrid", "--for", "20s", "--speed", "0", "--seed", seed}).lines())
      all += line.substr(line.find("\"voltage\""));
    return all;
  };
  EXPECT_EQ(values("7"), values("7"));
  EXPECT_NE(values("7"), values("8"));
}

TEST_F(SimulateAndReplay, TheTruthStandsBeside) {
  const std::string truth = file("truth.csv");
  ASSERT_EQ(
      call({"simulate", "compressor", "--for", "20s", "--speed", "0", "--fault", "COMP-001:rpm_drop@6s..12s", "--truth", truth}).status, 0);
  std::ifstream in(truth);
  std::string header, line;
  std::getline(in, header);
  EXPECT_EQ(header, "time,asset,fault,severity,abnormal");
  std::string abnormal;
  while (std::getline(in, line)) abnormal += line.back();
  EXPECT_EQ(abnormal, "0001110000");
}

TEST_F(SimulateAndReplay, JsonEndsWithAStatus) {
  const auto lines = call({"simulate", "fermenter", "--for", "2s", "--speed", "0", "--json"}).lines();
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines.back(), R"({"status":"ok","messages":6,"readings":6})");
}

TEST_F(SimulateAndReplay, WrongWordsEndWithUsageAndAHint) {
  EXPECT_EQ(call({"simulate", "compresor"}).status, 2);
  EXPECT_NE(call({"simulate", "compresor"}).err.find("did you mean 'compressor'?"), std::string::npos);
  EXPECT_EQ(call({"simulate", "compressor", "--fault", "melting"}).status, 2);
  EXPECT_EQ(call({"simulate", "compressor", "--to", "ftp://x"}).status, 2);
  EXPECT_EQ(call({"simulate", "compressor", "--anomalies", "2"}).status, 2);
  EXPECT_EQ(call({"simulate", "compressor", "--speed", "-1"}).status, 2);
  EXPECT_EQ(call({"replay", file("none.csv")}).status, 3);
  EXPECT_EQ(call({"replay", file("empty.csv", "a,b\n")}).status, 78);
}

TEST_F(SimulateAndReplay, EveryRowWithANumberBecomesAMessage) {
  const Said said = call({"replay", file("P-101.csv", history), "--speed", "0"});
  EXPECT_EQ(said.status, 0);
  ASSERT_EQ(said.lines().size(), 3u);
  EXPECT_EQ(said.lines()[0], R"({"asset":"P-101","time":"2026-01-01T00:00:00Z","values":{"flow":50.5,"temp":61}})");
  EXPECT_EQ(said.lines()[1], R"({"asset":"P-101","time":"2026-01-01T00:00:10Z","values":{"temp":61.2}})");
  EXPECT_NE(said.err.find("1 row without a time or a number left out"), std::string::npos) << said.err;
}

TEST_F(SimulateAndReplay, GoesOnWhereItStopped) {
  const std::string csv = file("P-101.csv", history), state = file("P-101.state");
  ASSERT_EQ(call({"replay", csv, "--speed", "0", "--state", state}).status, 0);
  std::ifstream in(state);
  std::string position;
  std::getline(in, position);
  ASSERT_TRUE(position.ends_with(" 4")) << position;
  std::ofstream(state) << position.substr(0, position.size() - 1) << "3\n";  // as if stopped before the last row
  const Said said = call({"replay", csv, "--speed", "0", "--state", state});
  EXPECT_EQ(said.lines().size(), 1u);
  EXPECT_NE(said.err.find("Going on with row 4."), std::string::npos) << said.err;
  file("P-101.csv", history + "2026-01-01T00:00:40Z,51,61.4\n");
  EXPECT_EQ(call({"replay", csv, "--state", state}).status, 78);
}
}  // namespace
}  // namespace telltale::cli
