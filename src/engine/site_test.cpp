// The site file: file < environment < flags, and every mistake at once with its place.
#include "engine/site.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace telltale::engine {
namespace {

std::shared_ptr<const Site> sound(std::string_view yaml, const Overrides& overrides = {}) {
  const SiteReading reading = parse_site(yaml, "site.yaml", overrides);
  for (const auto& m : reading.mistakes) ADD_FAILURE() << m.where.text << ": " << m.message << " (" << m.hint << ")";
  return reading.site;
}

std::vector<std::string> mistakes(std::string_view yaml, const Overrides& overrides = {}) {
  std::vector<std::string> lines;
  for (const auto& m : parse_site(yaml, "site.yaml", overrides).mistakes)
    lines.push_back(m.where.text + ": " + m.message + (m.hint.empty() ? "" : " -> " + m.hint));
  return lines;
}

TEST(SiteFile, ThatIsEmptyIsASiteWithDefaults) {
  const auto site = sound("");
  EXPECT_EQ(site->api.text("listen"), "127.0.0.1:8000");
  EXPECT_EQ(site->store.text("directory"), "telltale-data");
  EXPECT_FALSE(site->validators.empty());
  EXPECT_FALSE(site->detectors.empty());
  EXPECT_TRUE(site->sources.empty());
}

TEST(SiteFile, NamesAssetsSourcesAndDetectors) {
  const auto site = sound(R"(
site: EMIT-SITE-TX-01
assets:
  - {id: COMP-001, type: gas_compressor, area: wellpad-3}
sources:
  - {name: wellpad, simulator: {machine: compressor}, mapping: compressor}
detectors:
  - threshold
  - {name: drift, zscore: {window: 50}, signals: ["COMP-*.vibration"], priority: 2}
validators:
  - range
store: local
)");
  EXPECT_EQ(site->plant->site(), "EMIT-SITE-TX-01");
  EXPECT_EQ(site->plant->find("COMP-001")->area, "wellpad-3");
  EXPECT_EQ(site->sources.at(0).name, "wellpad");
  EXPECT_EQ(site->detectors.at(0).name, "threshold");
  EXPECT_EQ(site->detectors.at(1).settings.count("window"), 50u);
  EXPECT_EQ(site->detectors.at(1).common.count("priority"), 2u);
  EXPECT_EQ(site->validators.size(), 1u);
}

TEST(SiteFile, ReadsAMachineTypeOnceForAllMachinesOfIt) {
  const auto site = sound("assets: [{id: A, type: gas_compressor}, {id: B, type: gas_compressor}, {id: C, type: fermenter}]");
  const auto& assets = site->plant->assets();
  EXPECT_EQ(assets[0].type, assets[1].type) << "one object, so that what watches it is made once";
  EXPECT_NE(assets[0].type, assets[2].type);
}

TEST(SiteFile, LiesBelowTheEnvironmentAndThatBelowFlags) {
  const std::string_view yaml = "api: {listen: 127.0.0.1:1}\nstore: {directory: a}\nlog: {level: debug}\n";
  Overrides overrides;
  overrides.environment = {{"TELLTALE_API__LISTEN", "127.0.0.1:2"}, {"TELLTALE_STORE__DIRECTORY", "b"}};
  overrides.flags["api.listen"] = {{"127.0.0.1:3"}, false, {"flag --listen"}};
  const auto site = sound(yaml, overrides);
  EXPECT_EQ(site->api.text("listen"), "127.0.0.1:3");
  EXPECT_EQ(site->api.origin("listen").text, "flag --listen");
  EXPECT_EQ(site->store.text("directory"), "b");
  EXPECT_EQ(site->store.origin("directory").text, "environment TELLTALE_STORE__DIRECTORY");
  EXPECT_EQ(site->log.origin("level").text, "site.yaml:3:14");
}

TEST(SiteFile, TakesVariablesWithDefaults) {
  Overrides overrides;
  overrides.environment = {{"PORT", "81"}};
  EXPECT_EQ(sound("api: {listen: \"127.0.0.1:${PORT:-80}\"}", overrides)->api.text("listen"), "127.0.0.1:81");
  EXPECT_EQ(sound("api: {listen: \"127.0.0.1:${PORT:-80}\"}")->api.text("listen"), "127.0.0.1:80");
  EXPECT_EQ(
      mistakes("store: {directory: \"${NOWHERE}\"}"),
      std::vector<std::string>{"site.yaml:1:20: the environment variable NOWHERE is not set -> set it, or write ${NOWHERE:-default}"});
}

TEST(SiteFile, UnderstandsTheOriginalsOwnVariables) {
  Overrides overrides;
  overrides.environment = {{"BROKER_HOST", "broker"}, {"BROKER_PORT", "1884"}};
  const auto site = sound("sources:\n  - {name: grid, mqtt: {url: \"mqtt://localhost:1883\", topic: grid/sensors/#}}\n", overrides);
  EXPECT_EQ(site->sources.at(0).settings.text("url"), "mqtt://broker:1884");
}

TEST(SiteFile, ReadsASecretFromItsFileAndNeverShowsIt) {
  const auto path = std::filesystem::temp_directory_path() / ("telltale-secret-" + std::to_string(getpid()));
  std::ofstream(path) << "hunter2\n";
  const auto site = sound("sources:\n  - {name: a, mqtt: {url: \"mqtt://x\", topic: t, user: u, password_file: " + path.string() + "}}\n");
  EXPECT_EQ(site->sources.at(0).settings.secret("password").reveal(), "hunter2");
  EXPECT_EQ(site->sources.at(0).settings.shown("password"), "***");
  std::filesystem::remove(path);
}

TEST(SiteFile, ReportsEveryMistakeWithItsPlaceAndTheNearestWord) {
  const auto lines = mistakes(R"(
sitee: x
assets:
  - {id: A, type: gas_compresor}
  - {id: A}
sources:
  - {name: w, simulater: {}}
  - {name: v, simulator: {machin: compressor}}
detectors:
  - zsocre
engine: {lanes: 0}
)");
  const std::string all = [&] {
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    return text;
  }();
  for (const char* part :
       {"site.yaml:2:1: unknown key 'sitee' in site -> did you mean 'site'?", "did you mean 'gas_compressor'?", "two assets are called 'A'",
        "site.yaml:7:5: there is no source 'simulater' -> did you mean 'simulator'?", "did you mean 'machine'?",
        "site.yaml:10:5: there is no detector 'zsocre' -> did you mean 'zscore'?", "lanes: 0 is not from 1 to 64"}) {
    EXPECT_NE(all.find(part), std::string::npos) << part << "\nin\n" << all;
  }
}

TEST(SiteFile, ThatIsNoYamlSaysWhere) {
  const auto lines = mistakes("api: {listen: [}\n");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("site.yaml:1:")) << lines[0];
}

TEST(SiteFile, RefusesAListenerForEverybodyWithoutAWord) {
  const auto lines = mistakes("api: {listen: \"0.0.0.0:8000\"}");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("allow_anonymous"), std::string::npos);
  EXPECT_TRUE(sound("api: {listen: \"0.0.0.0:8000\", allow_anonymous: true}"));
  EXPECT_EQ(mistakes("api: {listen: \":8000\"}").size(), 1u);
}

TEST(SiteFile, TakesItsAssetsFromAList) {
  std::string pattern = (std::filesystem::temp_directory_path() / "telltale-asset-list-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "site.yaml") << "assets: fleet.csv\n";
  std::ofstream(folder / "fleet.csv") << "area,id,type\nnorth,COMP-1,gas_compressor\n# spare\nsouth,COMP-2,gas_compressor\n,PUMP-1,\n";
  const auto site = read_site((folder / "site.yaml").string(), {}).site;
  ASSERT_TRUE(site);
  ASSERT_EQ(site->plant->assets().size(), 3u);
  EXPECT_EQ(site->plant->find("COMP-2")->area, "south");
  EXPECT_EQ(site->plant->find("COMP-1")->type, site->plant->find("COMP-2")->type);
  EXPECT_EQ(site->plant->type_name("PUMP-1"), "generic");
  std::ofstream(folder / "fleet.csv") << "id,type,area\nCOMP-1,gas_compresor,north\nCOMP-2,,\nCOMP-2,,\n,generic,\n";
  const auto wrong = read_site((folder / "site.yaml").string(), {}).mistakes;
  ASSERT_EQ(wrong.size(), 3u);
  EXPECT_EQ(wrong[0].message, "no machine type 'gas_compresor'");
  EXPECT_EQ(wrong[0].hint, "did you mean 'gas_compressor'?");
  EXPECT_TRUE(wrong[0].where.text.ends_with("fleet.csv:2"));
  EXPECT_EQ(wrong[1].message, "two assets are called 'COMP-2'");
  EXPECT_EQ(wrong[2].message, "an asset needs an id");
  std::filesystem::remove_all(folder);
}

TEST(SiteFile, ReadsAListAsASpreadsheetWritesIt) {
  std::string pattern = (std::filesystem::temp_directory_path() / "telltale-asset-list-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "site.yaml") << "assets: fleet.csv\n";
  std::ofstream(folder / "fleet.csv") << "\xEF\xBB\xBFid;type\r\nCOMP-1;gas_compressor\r\n\"PUMP; 1\";\r\n";
  const auto site = read_site((folder / "site.yaml").string(), {}).site;
  ASSERT_TRUE(site);
  EXPECT_NE(site->plant->find("COMP-1"), nullptr);
  EXPECT_NE(site->plant->find("PUMP; 1"), nullptr);
  std::ofstream(folder / "fleet.csv") << "id,type\nPUMP, 1,generic\n\"PUMP-2,generic\n";
  const auto wrong = read_site((folder / "site.yaml").string(), {}).mistakes;
  ASSERT_EQ(wrong.size(), 2u);
  EXPECT_EQ(wrong[0].message, "3 cells below 2 columns");
  EXPECT_EQ(wrong[1].message, "a quote is opened and never closed");
  std::filesystem::remove_all(folder);
}

TEST(SiteFile, RefusesAStoreWithoutRoomForHistory) {
  EXPECT_EQ(mistakes("store: {max_bytes: 10}").size(), 1u);
  EXPECT_EQ(mistakes("store: {max_bytes: 256 MiB}").size(), 0u);
}

TEST(SiteFile, TakesItsSignalsFromATagList) {
  const auto folder = std::filesystem::temp_directory_path() / ("telltale-tags-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "site.yaml") << "tags: tags.csv\n";
  std::ofstream(folder / "tags.csv")
      << "source,asset,signal,unit,low,high,description\r\nbroker,P-101,flow,l/min,0,200,\"Flow, discharge\"\r\nbroker,P-101,temp,Cel,,,\n";
  const SiteReading reading = read_site((folder / "site.yaml").string(), {});
  ASSERT_TRUE(reading.site);
  const auto* flow = reading.site->plant->signal("P-101", "flow");
  ASSERT_NE(flow, nullptr);
  EXPECT_EQ(flow->unit, "l/min");
  EXPECT_EQ(flow->range_high, 200);
  EXPECT_EQ(flow->description, "Flow, discharge");
  std::ofstream(folder / "tags.csv") << "source,asset,signal,unit,low,high,description\nbroker,P-101,flow,l/min,five,200,\n";
  const SiteReading wrong = read_site((folder / "site.yaml").string(), {});
  ASSERT_EQ(wrong.mistakes.size(), 1u);
  EXPECT_EQ(wrong.mistakes[0].message, "low 'five' is no number");
  EXPECT_TRUE(wrong.mistakes[0].where.text.ends_with("tags.csv:2"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace telltale::engine
