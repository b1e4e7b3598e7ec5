// What my_sink promises.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sinks/sink.h"

namespace telltale::sinks {
SinkPart my_sink();
namespace {

std::unique_ptr<Sink> made(const std::string& path) {
  const SinkPart part = my_sink();
  return part.make(Settings::of(part.fields, {{"path", path}}), "test").value();
}

TEST(MySink, WritesALinePerItem) {
  const std::string path = testing::TempDir() + "my_sink_test.txt";
  std::filesystem::remove(path);
  const std::unique_ptr<Sink> sink = made(path);
  ASSERT_TRUE(sink->open({}));
  const Item items[] = {{.kind = ItemKind::reading, .sequence = 7, .index = 2, .asset = "P-101", .signal = "flow"}};
  ASSERT_EQ(sink->write(items, Deadline::max()).value(), 1u);
  std::string line;
  std::getline(std::ifstream(path), line);
  EXPECT_EQ(line, "s7-2 P-101");
}

TEST(MySink, SaysWhatItCouldNotOpen) {
  const auto result = made("/nowhere/at/all")->open({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::not_connected);
  EXPECT_NE(result.error().message.find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace telltale::sinks
