// Chunks give back every double and every time to the last bit, and nothing from bytes that are none.
#include "stores/chunk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace telltale::stores {
namespace {

using Limits = std::numeric_limits<double>;

Sample sample(std::int64_t ns, double value, Quality quality = {}, bool anomaly = false) {
  return {time_from_ns(ns), value, quality, anomaly};
}

void expect_identical(const std::vector<Sample>& is, const std::vector<Sample>& should) {
  ASSERT_EQ(is.size(), should.size());
  for (std::size_t i = 0; i < is.size(); ++i) {
    ASSERT_TRUE(identical(is[i], should[i])) << "reading " << i << ": " << ns_of(is[i].time) << " ns, " << is[i].value << ", should be "
                                             << ns_of(should[i].time) << " ns, " << should[i].value;
  }
}

void expect_round_trip(const std::vector<Sample>& samples) {
  for (const ChunkForm form : {ChunkForm::hot, ChunkForm::cold}) {
    SCOPED_TRACE(form == ChunkForm::hot ? "hot" : "cold");
    std::string bytes = "before";
    write_chunk(form, samples, bytes);
    std::vector<Sample> back = {sample(-1, -1)};
    ASSERT_TRUE(read_chunk(std::string_view(bytes).substr(6), back));
    ASSERT_EQ(ns_of(back.front().time), -1) << "what was there stays";
    back.erase(back.begin());
    expect_identical(back, samples);
  }
  OpenChunk open;
  std::vector<Sample> taken, back;
  for (const Sample& s : samples) {
    if (open.add(s)) taken.push_back(s);
  }
  open.read(back);
  expect_identical(back, taken);
  EXPECT_EQ(open.count(), taken.size());
  EXPECT_LE(open.bytes(), OpenChunk::most_bytes);
}

std::vector<double> strange_values() {
  std::vector<double> values = {0.0,
                                -0.0,
                                Limits::quiet_NaN(),
                                -Limits::quiet_NaN(),
                                Limits::infinity(),
                                -Limits::infinity(),
                                Limits::denorm_min(),
                                -Limits::denorm_min(),
                                Limits::min(),
                                Limits::max(),
                                Limits::lowest(),
                                Limits::epsilon(),
                                0.1,
                                0.1 + 0.2,
                                1.0 / 3,
                                1e22,
                                1e23,
                                1e-22,
                                123456789012345.0,
                                2251799813685248.0,
                                2251799813685249.0,
                                9007199254740992.0,
                                9007199254740994.0,
                                9223372036854775808.0,
                                4.35,
                                1.005,
                                51.3,
                                static_cast<double>(51.3f),
                                5e-324,
                                2.2250738585072011e-308};
  for (const std::uint64_t payload : {0x7ff0000000000001ull, 0x7ff8dead0000beefull, 0xfff4000000000000ull, 0xffffffffffffffffull}) {
    values.push_back(std::bit_cast<double>(payload));
  }
  return values;
}

TEST(Chunk, GivesBackEveryDoubleToTheLastBit) {
  std::vector<Sample> samples;
  std::int64_t ns = 1'771'805'401'000'000'000;
  for (const double v : strange_values()) {  // each alone behind a plain decimal, and one behind the other
    samples.push_back(sample(ns += 1'000'000'000, v));
    samples.push_back(sample(ns += 1'000'000'000, 203.7));
  }
  for (const double v : strange_values()) samples.push_back(sample(ns += 1'000'000'000, v));
  expect_round_trip(samples);
  for (const double v : strange_values()) expect_round_trip({sample(5, v)});
}

TEST(Chunk, GivesBackAnyBitsAtAll) {
  std::mt19937_64 random(11);
  for (int run = 0; run < 200; ++run) {
    std::vector<Sample> samples;
    std::int64_t ns = 0;
    const std::size_t n = 1 + random() % 300;
    const unsigned share = random() % 5;  // of decimals among the noise
    for (std::size_t i = 0; i < n; ++i) {
      const double noise = std::bit_cast<double>(random());
      const double decimal = static_cast<double>(static_cast<std::int64_t>(random() % 20'000) - 10'000) / std::pow(10, random() % 7);
      const auto quality = Quality::from_bits(random() % 10 == 0 ? static_cast<std::uint32_t>(random()) : 0);
      ns += static_cast<std::int64_t>(1 + random() % 3'000'000'000);
      samples.push_back(sample(ns, random() % 4 < share ? decimal : noise, quality, random() % 7 == 0));
    }
    expect_round_trip(samples);
  }
}

TEST(Chunk, GivesBackEveryTime) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
  expect_round_trip(
      {sample(least, 1), sample(least + 1, 2), sample(-1, 3), sample(0, 4), sample(1, 5), sample(most - 1, 6), sample(most, 7)});
  expect_round_trip({sample(most, 1), sample(least, 2), sample(most, 3), sample(most, 4), sample(0, 5)});  // backwards and equal
  expect_round_trip({sample(7, 1), sample(7, 2), sample(7, 3)});
  expect_round_trip({sample(1'000'000'000, 1), sample(2'000'000'000, 2), sample(3'001'000'000, 3), sample(3'001'000'001, 4)});
}

TEST(Chunk, OfNothingIsOne) { expect_round_trip({}); }

TEST(Chunk, TakesThousandsOfReadings) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < most_samples_in_cold; ++i) {
    samples.push_back(sample(static_cast<std::int64_t>(i) * 100'000'000, std::round(std::sin(static_cast<double>(i) / 50) * 1000) / 10));
  }
  expect_round_trip(samples);
}

TEST(Chunk, ARegularSignalTakesLittle) {
  std::vector<Sample> samples;
  for (int i = 0; i < 4096; ++i) samples.push_back(sample(1'771'805'401'000'000'000 + i * 1'000'000'000LL, 71.5));
  std::string cold, hot;
  write_chunk(ChunkForm::cold, samples, cold);
  write_chunk(ChunkForm::hot, samples, hot);
  EXPECT_LT(cold.size(), 64u);
  EXPECT_LT(hot.size(), 4096u + 32);
}

TEST(Chunk, ReadsNothingIntoBytesThatAreNone) {
  std::mt19937_64 random(3);
  std::vector<Sample> samples;
  for (int i = 0; i < 500; ++i) samples.push_back(sample(i * 1'000'000'000LL, static_cast<double>(random() % 1000) / 10));
  for (const ChunkForm form : {ChunkForm::hot, ChunkForm::cold}) {
    std::string whole;
    write_chunk(form, samples, whole);
    std::vector<Sample> into = {samples[0]};
    for (std::size_t n = 0; n < whole.size(); ++n) {
      EXPECT_FALSE(read_chunk(std::string_view(whole).substr(0, n), into)) << n << " of " << whole.size();
    }
    EXPECT_FALSE(read_chunk(whole + "x", into));
    EXPECT_FALSE(read_chunk("\x07" + whole.substr(1), into)) << "a form that this version does not know";
    EXPECT_EQ(into.size(), 1u);
  }
}

TEST(OpenChunk, IsFullAfterSoManyReadingsOrBytes) {
  OpenChunk few, many;
  EXPECT_EQ(few.bytes(), 0u);
  std::size_t n = 0;
  while (few.add(sample(static_cast<std::int64_t>(n) * 1'000'000'000, 50 + static_cast<double>(n % 7) / 10))) ++n;
  EXPECT_EQ(n, OpenChunk::most_samples);
  std::mt19937_64 random(5);
  n = 0;
  while (many.add(sample(static_cast<std::int64_t>(random()), std::bit_cast<double>(random())))) ++n;
  EXPECT_GE(n, 8u);
  EXPECT_LT(n, 32u);
  EXPECT_LE(many.bytes(), OpenChunk::most_bytes);
}

TEST(OpenChunk, WritesAHotChunkInOrderOfTime) {
  const std::vector<Sample> samples = {sample(1, 1.5), sample(2, 2.5), sample(3, -0.0)};
  OpenChunk regular, late;
  for (const int i : {0, 1, 2}) EXPECT_TRUE(regular.add(samples[static_cast<std::size_t>(i)]));
  for (const int i : {2, 0, 1}) EXPECT_TRUE(late.add(samples[static_cast<std::size_t>(i)]));
  EXPECT_TRUE(regular.in_order());
  EXPECT_FALSE(late.in_order());
  for (const OpenChunk* chunk : {&regular, &late}) {
    std::string bytes;
    chunk->write(bytes);
    std::vector<Sample> back;
    ASSERT_TRUE(read_chunk(bytes, back));
    expect_identical(back, samples);
    EXPECT_EQ(chunk->summary().first_time, samples.front().time);
    EXPECT_EQ(chunk->summary().count, samples.size());
  }
}

TEST(OpenChunk, StartsAnewWhenCleared) {
  OpenChunk chunk;
  EXPECT_TRUE(chunk.add(sample(9, 1)));
  EXPECT_TRUE(chunk.add(sample(5, 1, Quality(Grade::bad), true)));
  chunk.clear();
  EXPECT_EQ(chunk.count(), 0u);
  EXPECT_TRUE(chunk.in_order());
  EXPECT_TRUE(chunk.add(sample(2, 71.5)));
  std::vector<Sample> back;
  chunk.read(back);
  expect_identical(back, {sample(2, 71.5)});
  chunk.release();
  EXPECT_EQ(chunk.bytes(), 0u);
}

}  // namespace
}  // namespace telltale::stores
