// What my_source promises.

#include <gtest/gtest.h>

#include <fstream>

#include "sources/source.h"

namespace telltale::sources {
SourcePart my_source();
namespace {

/// Each payload becomes one item that is kept as rejected bytes: enough to see what arrived.
class Recorder final : public decoders::Decoder {
 public:
  void decode(const decoders::Payload& payload, Batch& batch) override {
    batch.reject(batch.n_items, DeadLetterReason::other, "recorded", payload.bytes);
    ++batch.n_items;
  }
};

struct MySourceTest : testing::Test {
  Names names;
  machines::Plant plant;
  ManualClock clock{Time{}};

  std::unique_ptr<Source> made(const std::string& path) {
    const SourcePart part = my_source();
    SourceContext context{"test", names, plant, clock,
                          [] { return Result<std::unique_ptr<decoders::Decoder>>(std::make_unique<Recorder>()); }};
    return part.make(Settings::of(part.fields, {{"path", path}}), std::move(context)).value();
  }
};

TEST_F(MySourceTest, GoesOnWhereItStood) {
  const std::string path = testing::TempDir() + "my_source_test.txt";
  std::ofstream(path) << "one\ntwo\nthree\n";
  const auto source = made(path);
  ASSERT_TRUE(source->open("2", {}));
  Batch batch;
  ASSERT_TRUE(source->read(batch, Deadline::max()));
  ASSERT_EQ(batch.rejected.size(), 1u);
  EXPECT_EQ(batch.rejected[0].bytes, "three");
  EXPECT_EQ(batch.position, "3");
  batch.clear();
  EXPECT_EQ(source->read(batch, Deadline::max()).error().kind, ErrorKind::closed);
}

TEST_F(MySourceTest, SaysWhatItCouldNotRead) {
  const auto result = made("/nowhere/at/all")->open("", {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::not_connected);
}

}  // namespace
}  // namespace telltale::sources
