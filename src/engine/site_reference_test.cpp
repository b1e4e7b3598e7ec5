// The project's own site files, what is generated from the descriptions, and site files that are wrong in every way.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/setting_tree.h"
#include "engine/site.h"
#include "engine/site_reference.h"

namespace telltale::engine {
namespace {

namespace fs = std::filesystem;

std::string all_of(const SiteReading& reading) {
  std::string all;
  for (const auto& m : reading.mistakes) all += m.where.text + ": " + m.message + (m.hint.empty() ? "" : " (" + m.hint + ")") + "\n";
  return all;
}

std::shared_ptr<const Site> read(std::string_view yaml, const Overrides& overrides = {}) {
  const SiteReading reading = parse_site(yaml, "s.yaml", overrides);
  EXPECT_NE(reading.site, nullptr) << all_of(reading);
  return reading.site;
}

std::string mistakes(std::string_view yaml, const Overrides& overrides = {}) {
  const SiteReading reading = parse_site(yaml, "s.yaml", overrides);
  EXPECT_EQ(reading.site, nullptr);
  return all_of(reading);
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(SiteFiles, SaysEveryMistakeAtOnceWithItsPlaceAndANearName) {
  const std::string all = mistakes(R"(site: x
asets: []
assets:
  - {id: A, type: gas_compresor}
  - {id: A}
sources:
  - {name: one, mqtt: {topic: a, qos: 7}}
  - {name: one, mqqt: {url: "mqtt://h"}}
  - {name: two, mqtt: {url: "mqtt://h"}, mapping: compresor}
detectors:
  - {zscore: {windw: 30}}
api: {listen: "0.0.0.0:8000"}
log: {level: loud}
)");
  for (const char* part : {"s.yaml:2:1: unknown key 'asets' in site (did you mean 'assets'?)", "s.yaml:4:",
                           "no machine type 'gas_compresor' (did you mean 'gas_compressor'?)", "s.yaml:5:5: two assets are called 'A'",
                           "s.yaml:7:5: sources.one: 'url' is missing", "s.yaml:7:39: sources.one: qos: 7 is not from 0 to 1",
                           "there is no source 'mqqt' (did you mean 'mqtt'?)", "no mapping 'compresor' (did you mean 'compressor'?)",
                           "s.yaml:11:22: detectors.zscore: unknown setting 'windw' (did you mean 'window'?)", "s.yaml:13:", "'loud'"}) {
    EXPECT_SAYS(all, part);
  }
  EXPECT_LT(all.find("s.yaml:2:1"), all.find("s.yaml:4:19")) << "in file order";
}

TEST(SiteFiles, ATagListDeclaresSignals) {
  const auto folder = fs::temp_directory_path() / ("telltale_tags_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "tags.csv")
      << "source,asset,signal,unit,low,high,description\npump,P-1,flow,l/min,0,100,\"Flow, main\"\npump,P-1,temp,degC,,,\n";
  std::ofstream(folder / "site.yaml") << "tags: tags.csv\n";
  const auto good = read_site((folder / "site.yaml").string(), {});
  std::ofstream(folder / "tags.csv")
      << "source,asset,signal,unit,low,high,description\npump,,flow,l/min,0,100,\npump,P-1,flow,l/min,9,3,\npump,P-1,x,,low,3,\n";
  const auto bad = read_site((folder / "site.yaml").string(), {});
  fs::remove_all(folder);
  ASSERT_NE(good.site, nullptr) << all_of(good);
  EXPECT_EQ(good.site->plant->signal("P-1", "flow")->range_high, 100);
  EXPECT_EQ(good.site->plant->signal("P-1", "flow")->description, "Flow, main");
  EXPECT_EQ(good.site->plant->signal("P-1", "temp")->unit, "°C");
  EXPECT_EQ(bad.mistakes.size(), 3u) << all_of(bad);
  EXPECT_SAYS(all_of(bad), "tags.csv:3: low must lie below high");
  EXPECT_SAYS(all_of(bad), "tags.csv:4: low 'low' is no number");
}

TEST(SiteFiles, AnUnknownZoneIsAMistake) {
  EXPECT_SAYS(mistakes("sources: [{name: a, http: {}, zone: Mars}]"), "s.yaml:1:37: zone: no such zone 'Mars'");
  EXPECT_NE(read("sources: [{name: a, http: {}, zone: '-05:30'}]"), nullptr);
}

TEST(SiteFiles, WhatIsNoYamlOrNoFileSaysSo) {
  EXPECT_SAYS(mistakes("site: [x\nassets: {"), "s.yaml:");
  EXPECT_SAYS(mistakes("- a\n- b\n"), "site must be `key: value` lines");
  EXPECT_SAYS(mistakes("just words"), "site must be `key: value` lines");
  EXPECT_SAYS(mistakes("site: a\nsite: b\n"), "'site' stands twice");
  EXPECT_SAYS(all_of(read_site("/no/such/site.yaml", {})), "cannot open '/no/such/site.yaml'");
  EXPECT_SAYS(all_of(read_site("/", {})), "is a directory");
}

TEST(SiteFiles, EverySiteFileOfTheProjectHasNoMistake) {
  std::size_t n = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(TELLTALE_SOURCE_DIR) / "sites")) {
    if (entry.path().extension() != ".yaml") continue;
    const SiteReading reading = read_site(entry.path().string(), {});
    EXPECT_NE(reading.site, nullptr) << all_of(reading);
    ++n;
  }
  EXPECT_GE(n, 5u);
}

TEST(SiteReference, TheReferenceNamesEverySettingOfEveryPart) {
  const std::string page = reference_site();
  const SiteReading reading = parse_site(page, "reference.yaml", {});
  ASSERT_NE(reading.site, nullptr) << all_of(reading);
  EXPECT_EQ(reading.site->sources.size(), sources::source_parts().size());
  EXPECT_EQ(reading.site->detectors.size(), detectors::detector_parts().size());
  EXPECT_EQ(reading.site->sinks.size(), sinks::sink_parts().size());
  const auto names = [&](const std::vector<Field>& fields) {
    for (const Field& f : fields) {
      const std::string key = std::string(f.name).substr(f.name.rfind('.') + 1) + ":";
      EXPECT_NE(page.find(" " + key), std::string::npos) << f.name;
    }
  };
  for (const auto* fields : {&engine_fields(), &store_fields(), &api_fields(), &log_fields(), &source_fields(), &detector_fields()})
    names(*fields);
  if (!sinks::sink_parts().empty()) names(sink_fields());
  for (const auto& part : sources::source_parts()) names(part.fields);
  for (const auto& part : detectors::detector_parts()) names(part.fields);
  for (const auto& part : sinks::sink_parts()) names(part.fields);
}

TEST(SiteReference, ValuesOfTheReferenceAreTheDefaults) {
  const SiteReading reading = parse_site(reference_site(), "reference.yaml", {});
  ASSERT_NE(reading.site, nullptr) << all_of(reading);
  const auto plain = read("");
  for (const Field& f : engine_fields()) EXPECT_EQ(reading.site->engine.shown(f.name), plain->engine.shown(f.name)) << f.name;
  for (const Field& f : api_fields()) EXPECT_EQ(reading.site->api.shown(f.name), plain->api.shown(f.name)) << f.name;
  for (const auto& d : reading.site->detectors) {
    const Settings defaults = Settings::of(d.part->fields, {});
    EXPECT_EQ(d.settings.hash(), defaults.hash()) << d.name;
  }
}

TEST(SiteReference, TheSettingsOfAPartNestAsTheirDotsSay) {
  const std::vector<Field> fields{Field("a", 1, "", ""), Field::optional_text("tls.ca", ""), Field::secret("tls.inner.key", ""),
                                  Field::required_text("tls.x", "")};  // the tree points into them
  const auto tree = setting_tree(fields);
  ASSERT_EQ(tree.size(), 2u);
  ASSERT_EQ(tree[1].children.size(), 3u);
  EXPECT_EQ(tree[1].children[1].children[0].key, "key");
  EXPECT_FALSE(tree[1].children[1].is_live());
  EXPECT_TRUE(tree[1].is_live());
}

}  // namespace
}  // namespace telltale::engine
