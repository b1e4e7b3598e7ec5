// The block files in tests/fixtures/blocks, which tests/block_reader.py reads from the description in docs/store.md alone: this program
// must go on reading what it wrote then. TELLTALE_WRITE_FIXTURES=1 writes them anew: only for a form that is not released yet.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <format>
#include <fstream>
#include <map>
#include <sstream>

#include "stores/block_file.h"

namespace telltale::stores {
namespace {

const std::string folder = TELLTALE_SOURCE_DIR "/tests/fixtures/blocks";
using Series = std::map<std::pair<std::string, std::string>, std::vector<Sample>>;

Series read_expected() {
  Series all;
  std::ifstream in(folder + "/expected.csv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::stringstream cells(line);
    std::string asset, signal, time, bits, quality, anomaly;
    for (std::string* cell : {&asset, &signal, &time, &bits, &quality, &anomaly}) std::getline(cells, *cell, ',');
    all[{asset, signal}].push_back({time_from_ns(std::stoll(time)), std::bit_cast<double>(std::stoull(bits, nullptr, 16)),
                                    Quality::from_bits(static_cast<std::uint32_t>(std::stoul(quality, nullptr, 16))), anomaly == "1"});
  }
  return all;
}

std::vector<Sample> series(double base, unsigned kind) {
  std::vector<Sample> samples;
  std::int64_t ns = 1'771'805'400'000'000'000;
  for (int i = 0; i < 100; ++i) {
    double value = std::round((base + 20 * std::sin(i / 9.0) + (i * 37 % 11) / 10.0) * 10) / 10;
    if (kind == 1 && i % 25 == 3) value = i % 50 == 3 ? std::nan("") : -0.0;
    if (kind == 1 && i == 40) value = 0.1 + 0.2;
    if (kind == 2) value = base * std::sqrt(i + 2.0);  // no decimals at all
    if (kind == 3) value = base + i * 3.0;             // a counter
    ns += kind == 1 ? 1'000'000'000 + (i * 53 % 17) * 1'000'000 : kind == 2 ? 977'777'777 : 1'000'000'000;
    const Quality quality = kind == 1 && i >= 60 && i < 70 ? Quality(Grade::bad, 1)
                            : i == 90                      ? Quality(Grade::uncertain, 0x2000'0008)
                                                           : Quality{};
    samples.push_back({time_from_ns(ns), value, quality, kind == 1 && i % 30 == 7});
  }
  return samples;
}

void write_fixtures() {
  const Series all = {{{"COMP-001", "discharge_pressure"}, series(203.7, 0)},
                      {{"COMP-001", "temperature"}, series(-11.5, 1)},
                      {{"COMP-002", "pieces"}, series(1'000'000, 3)},
                      {{"COMP-002", "ratio"}, series(1.25, 2)}};
  std::ofstream csv(folder + "/expected.csv");
  csv << "asset,signal,time_ns,value_bits,quality_bits,anomaly\n";
  for (const auto& [name, samples] : all) {
    for (const Sample& s : samples) {
      csv << std::format("{},{},{},{:016x},{:x},{}\n", name.first, name.second, ns_of(s.time), std::bit_cast<std::uint64_t>(s.value),
                         s.quality.bits(), s.anomaly ? 1 : 0);
    }
  }
  for (const ChunkForm form : {ChunkForm::hot, ChunkForm::cold}) {
    const std::string path = folder + (form == ChunkForm::hot ? "/hot.block" : "/cold.block");
    std::remove(path.c_str());
    const auto writer =
        BlockWriter::create(Disk::system(), path, {.number = 12, .level = BlockLevel::raw, .from = 5, .to = 90, .replaces = {7, 9}});
    ASSERT_TRUE(writer);
    for (const auto& [name, samples] : all) {
      const std::size_t each = form == ChunkForm::hot ? 30 : 70;
      for (std::size_t at = 0; at < samples.size(); at += each) {
        const auto some = std::span(samples).subspan(at, std::min(each, samples.size() - at));
        std::string chunk;
        write_chunk(form, some, chunk);
        ASSERT_TRUE((*writer)->add(name.first, name.second, chunk, summary_of(some)));
      }
    }
    ASSERT_TRUE((*writer)->finish());
  }
}

TEST(BlockFixture, IsReadAsItWasWritten) {
  if (std::getenv("TELLTALE_WRITE_FIXTURES") != nullptr) write_fixtures();
  const Series expected = read_expected();
  ASSERT_EQ(expected.size(), 4u);
  for (const std::string name : {"/hot.block", "/cold.block"}) {
    const auto file = BlockFile::open(Disk::system(), folder + name);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ((*file)->header().replaces, (std::vector<std::uint64_t>{7, 9}));
    for (const auto& [key, samples] : expected) {
      const auto places = (*file)->find(key.first, key.second, Time::min(), Time::max());
      ASSERT_TRUE(places);
      std::vector<Sample> back;
      for (const ChunkPlace& place : *places) {
        const std::size_t before = back.size();
        ASSERT_TRUE((*file)->read(place, back));
        EXPECT_TRUE(identical(place.summary, summary_of(std::span(back).subspan(before))));
      }
      ASSERT_EQ(back.size(), samples.size());
      for (std::size_t i = 0; i < back.size(); ++i) EXPECT_TRUE(identical(back[i], samples[i])) << name << " " << key.second << " " << i;
    }
  }
}

}  // namespace
}  // namespace telltale::stores
