// The file sink: whole lines, rotation, and what it says when it cannot write.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "sinks/item_json.h"
#include "sinks/sample_items.h"

namespace telltale::sinks {
namespace {

namespace fs = std::filesystem;

class FileSinkTest : public ::testing::Test {
 protected:
  FileSinkTest() {
    std::string pattern = (fs::temp_directory_path() / "telltale-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~FileSinkTest() override { fs::remove_all(directory_); }

  std::unique_ptr<Sink> make(std::map<std::string, std::string> settings) {
    settings.try_emplace("path", path());
    auto made = part_called("file").make(Settings::of(part_called("file").fields, settings), "files");
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  std::string path() const { return directory_ + "/out/telltale.jsonl"; }
  static std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  std::string directory_;
};

TEST_F(FileSinkTest, WritesOneJsonObjectALine) {
  SampleItems s;
  s.reading("COMP-001", "vibration", SampleItems::at(500), 6.4, true);
  s.anomaly();
  s.alarm();
  auto sink = make({});
  ASSERT_TRUE(sink->open({}));
  EXPECT_EQ(sink->write(s.items, soon()), 3u);
  const auto lines = lines_of(path());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(
      lines[0],
      R"({"kind":"reading","id":"s1-0","asset":"COMP-001","signal":"vibration","time":"2026-01-01T00:00:00.500Z","value":6.4,"quality":"good","anomaly":true})");
  EXPECT_EQ(
      lines[1],
      R"({"kind":"anomaly","id":"s2-6","asset":"COMP-001","signal":"vibration","time":"2026-01-01T00:00:00Z","rule":"zscore","value":6.4,"score":0.75,"limit":3,"high":3.5,"priority":2,"begins":true,"doubtful":false,"cause":"vibration 6.4 mm/s above \"limit\" 6.0 mm/s"})");
  EXPECT_EQ(
      lines[2],
      R"({"kind":"alarm","id":"00ff00ff00ff00ff-raised-1","asset":"COMP-001","signal":"vibration","time":"2026-01-01T00:00:00Z","alarm":"00ff00ff00ff00ff","transition":"raised","rule":"vibration_high","priority":3,"cause":"vibration 6.4 mm/s above limit 6.0 mm/s","value":6.4,"limit":6,"count":1,"doubtful":false,"arrival":"2026-01-01T00:00:00Z"})");
}

TEST_F(FileSinkTest, WantsWhatItsSettingSays) {
  const auto by_default = make({});
  EXPECT_FALSE(by_default->wants(ItemKind::reading));
  EXPECT_TRUE(by_default->wants(ItemKind::finding));
  EXPECT_TRUE(make({{"write", "readings"}})->wants(ItemKind::reading));
  const auto wrong = part_called("file").make(Settings::of(part_called("file").fields, {{"path", "x"}, {"write", "alarm5"}}), "files");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::config);
  EXPECT_NE(wrong.error().hint.find("alarms"), std::string::npos);
}

TEST_F(FileSinkTest, AppendsAfterARestart) {
  SampleItems s;
  s.alarm();
  for (int run = 0; run < 3; ++run) {
    auto sink = make({});
    ASSERT_TRUE(sink->open({}));
    ASSERT_TRUE(sink->write(s.items, soon()));
  }
  EXPECT_EQ(lines_of(path()).size(), 3u);
}

TEST_F(FileSinkTest, RotatesBySizeAndKeepsAsManyAsItShould) {
  SampleItems s;
  s.alarm();
  auto sink = make({{"rotate", "1 kB"}, {"keep", "2"}});
  ASSERT_TRUE(sink->open({}));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(sink->write(s.items, soon()));
  EXPECT_LE(fs::file_size(path()), 1000u);
  EXPECT_GT(lines_of(path() + ".1").size(), 1u);
  EXPECT_TRUE(fs::exists(path() + ".2"));
  EXPECT_FALSE(fs::exists(path() + ".3"));
}

TEST_F(FileSinkTest, SaysWhatIsWrongWithItsPath) {
  auto sink = make({{"path", directory_}});
  const auto opened = sink->open({});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  auto full = make({{"path", "/dev/full"}});
  ASSERT_TRUE(full->open({}));
  SampleItems s;
  s.alarm();
  const auto done = full->write(s.items, soon());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::storage);
  EXPECT_NE(done.error().message.find("/dev/full"), std::string::npos) << done.error().message;
}

TEST(ItemJson, IsJsonWhateverTheTextsHold) {
  SampleItems s;
  s.reading(std::string_view("a\"\\\n\x01\0b", 7), "\xff\xc3(\xed\xa0\x80\xf0\x9f\x98\x80\xc3\xa9", SampleItems::at(0), std::nan(""));
  std::string out;
  append_json(out, s.items[0]);
  EXPECT_TRUE(out.contains(R"("asset":"a\"\\\u000a\u0001\u0000b")")) << out;
  EXPECT_TRUE(out.contains("\"signal\":\"\\ufffd\\ufffd(\\ufffd\\ufffd\\ufffd\xf0\x9f\x98\x80\xc3\xa9\"")) << out;
  EXPECT_TRUE(out.contains("\"value\":null")) << out;
}

}  // namespace
}  // namespace telltale::sinks
