// Block files: what was written comes back; damage costs itself, and gives no wrong reading.
#include "stores/block_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "core/log.h"
#include "stores/block_index.h"
#include "stores/frame.h"
#include "stores/scratch_directory.h"
#include "stores/summaries.h"

namespace telltale::stores {
namespace {

using Name = std::pair<std::string, std::string>;
using Contents = std::map<Name, std::vector<std::vector<Sample>>>;  // chunks of each signal

constexpr std::int64_t second = 1'000'000'000, begin_ns = 1'771'805'401 * second;

std::string asset_name(std::size_t i) { return "COMP-" + std::to_string(1000 + i); }

Contents contents(std::size_t assets, std::size_t chunks, std::size_t readings, unsigned seed) {
  std::mt19937_64 random(seed);
  Contents all;
  for (std::size_t a = 0; a < assets; ++a) {
    for (const std::string signal : {"pressure", "temperature"}) {
      std::int64_t ns = begin_ns;
      double walk = 50 + static_cast<double>(a);
      for (std::size_t c = 0; c < chunks; ++c) {
        std::vector<Sample> samples;
        for (std::size_t i = 0; i < readings; ++i, ns += second) {
          walk += static_cast<double>(static_cast<int>(random() % 7) - 3) / 10;
          const Quality quality = random() % 40 == 0 ? Quality(Grade::uncertain, 8) : Quality{};
          samples.push_back(
              {time_from_ns(ns), random() % 50 == 0 ? std::nan("") : std::round(walk * 10) / 10, quality, random() % 30 == 0});
        }
        all[{asset_name(a), signal}].push_back(std::move(samples));
      }
    }
  }
  return all;
}

void write_file(const std::string& path, const Contents& all, ChunkForm form, const BlockHeader& header) {
  auto writer = BlockWriter::create(Disk::system(), path, header);
  ASSERT_TRUE(writer) << writer.error().message;
  std::string chunk;
  for (const auto& [name, chunks] : all) {
    for (const auto& samples : chunks) {
      chunk.clear();
      write_chunk(form, samples, chunk);
      ASSERT_TRUE((*writer)->add(name.first, name.second, chunk, summary_of(samples)));
    }
  }
  ASSERT_TRUE((*writer)->finish());
  ASSERT_EQ((*writer)->bytes(), std::filesystem::file_size(path));
}

void expect_identical(const std::vector<Sample>& is, const std::vector<Sample>& should) {
  ASSERT_EQ(is.size(), should.size());
  for (std::size_t i = 0; i < is.size(); ++i) ASSERT_TRUE(identical(is[i], should[i])) << i;
}

/// Everything that the file gives for a signal is what was written, or an error of kind storage with a place; counts the errors.
void expect_right_or_gap(const BlockFile& file, const Name& name, const std::vector<std::vector<Sample>>& chunks, std::size_t& gaps) {
  const auto places = file.find(name.first, name.second, Time::min(), Time::max());
  if (!places) {
    ASSERT_EQ(places.error().kind, ErrorKind::storage);
    ASSERT_NE(places.error().message.find("byte"), std::string::npos) << places.error().message;
    gaps += chunks.size();
    return;
  }
  ASSERT_EQ(places->size(), chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    ASSERT_TRUE(identical((*places)[i].summary, summary_of(chunks[i])));
    std::vector<Sample> back;
    if (const auto done = file.read((*places)[i], back); done) {
      expect_identical(back, chunks[i]);
    } else {
      ASSERT_EQ(done.error().kind, ErrorKind::storage);
      ASSERT_NE(done.error().message.find("byte"), std::string::npos) << done.error().message;
      ASSERT_TRUE(back.empty());
      ++gaps;
    }
  }
}

/// Damage is logged: a line a run would be thousands.
struct Quiet {
  Quiet() { configure_log(LogLevel::error, LogFormat::logfmt, nullptr); }
  ~Quiet() { configure_log(LogLevel::info, LogFormat::logfmt, nullptr); }
};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void put(const std::string& path, std::string_view bytes) { std::ofstream(path, std::ios::binary) << bytes; }

TEST(BlockFile, GivesBackWhatWasWritten) {
  const ScratchDirectory directory;
  for (const ChunkForm form : {ChunkForm::hot, ChunkForm::cold}) {
    const std::string path = directory / (form == ChunkForm::hot ? "hot" : "cold");
    const Contents all = contents(200, 3, 60, 1);  // 1,200 chunks: several pages of the index
    write_file(path, all, form, {.number = 7, .level = BlockLevel::raw, .from = 11, .to = 99, .replaces = {3, 5}});
    const auto file = BlockFile::open(Disk::system(), path);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ((*file)->header().number, 7u);
    EXPECT_EQ((*file)->header().from, 11u);
    EXPECT_EQ((*file)->header().to, 99u);
    EXPECT_EQ((*file)->header().replaces, (std::vector<std::uint64_t>{3, 5}));
    EXPECT_EQ((*file)->readings(), 400u * 3 * 60);
    EXPECT_EQ(ns_of((*file)->first()), begin_ns);
    EXPECT_EQ(ns_of((*file)->last()), begin_ns + 179 * second);
    std::size_t gaps = 0;
    for (const auto& [name, chunks] : all) expect_right_or_gap(**file, name, chunks, gaps);
    EXPECT_EQ(gaps, 0u);
    EXPECT_TRUE((*file)->check().empty());
    const auto names = (*file)->signals();
    ASSERT_TRUE(names);
    EXPECT_TRUE(std::ranges::equal(*names, all, {}, {}, [](const auto& entry) { return entry.first; }));
    EXPECT_EQ(BlockFile::finished(Disk::system(), path).value(), true);
  }
}

TEST(BlockFile, FindsTheChunksThatTouchAWindow) {
  const ScratchDirectory directory;
  const std::string path = directory / "blocks";
  write_file(path, contents(2, 5, 60, 2), ChunkForm::cold, {.number = 1});
  const auto file = BlockFile::open(Disk::system(), path).value();
  const auto found = [&](std::int64_t from, std::int64_t to) {
    return file->find("COMP-1001", "pressure", time_from_ns(begin_ns + from * second), time_from_ns(begin_ns + to * second)).value().size();
  };
  EXPECT_EQ(found(0, 300), 5u);
  EXPECT_EQ(found(59, 61), 2u);
  EXPECT_EQ(found(60, 61), 1u);
  EXPECT_EQ(found(-10, 0), 0u) << "`to` does not belong to the window";
  EXPECT_EQ(found(300, 400), 0u);
  EXPECT_TRUE(file->find("COMP-1001", "speed", Time::min(), Time::max()).value().empty());
  EXPECT_TRUE(file->find("A", "pressure", Time::min(), Time::max()).value().empty());
  EXPECT_TRUE(file->find("Z", "pressure", Time::min(), Time::max()).value().empty());
}

TEST(BlockFile, KeepsRollUpsToTheLastBit) {
  const ScratchDirectory directory;
  const std::string path = directory / "minutes";
  std::vector<Summary> slices;
  const Contents all = contents(1, most_slices_in_rollup + 10, 6, 3);
  for (const auto& samples : all.begin()->second) slices.push_back(summary_of(samples));
  {
    auto writer = BlockWriter::create(Disk::system(), path, {.number = 2, .level = BlockLevel::minute}).value();
    ASSERT_TRUE(writer->add_rollup("COMP-1000", "pressure", slices));
    ASSERT_TRUE(writer->finish());
  }
  const auto file = BlockFile::open(Disk::system(), path).value();
  EXPECT_EQ(file->header().level, BlockLevel::minute);
  std::vector<Summary> back;
  const auto places = file->find("COMP-1000", "pressure", Time::min(), Time::max());
  ASSERT_TRUE(places);
  for (const ChunkPlace& place : *places) ASSERT_TRUE(file->read_rollup(place, back));
  ASSERT_EQ(back.size(), slices.size());
  for (std::size_t i = 0; i < slices.size(); ++i) ASSERT_TRUE(identical(back[i], slices[i])) << i;
}

TEST(BlockFile, KeepsSummariesOfAnyReadings) {
  std::mt19937_64 random(9);
  std::vector<Summary> all(3);  // the first three are of nothing
  for (int i = 0; i < 300; ++i) {
    std::vector<Sample> samples(1 + random() % 4);
    for (Sample& s : samples) {
      s = {time_from_ns(static_cast<std::int64_t>(random())), std::bit_cast<double>(random()),
           Quality::from_bits(random() % 2 == 0 ? 0 : static_cast<std::uint32_t>(random())), random() % 2 == 0};
    }
    all.push_back(summary_of(samples));
  }
  std::string bytes;
  write_summaries(all, bytes);
  ByteReader in(bytes);
  std::vector<Summary> back;
  ASSERT_TRUE(read_summaries(in, all.size(), back));
  EXPECT_EQ(in.left(), 0u);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_TRUE(identical(back[i], all[i])) << i;
}

TEST(BlockFile, OfNothingIsOne) {
  const ScratchDirectory directory;
  write_file(directory / "empty", {}, ChunkForm::hot, {.number = 4});
  const auto file = BlockFile::open(Disk::system(), directory / "empty");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->readings(), 0u);
  EXPECT_TRUE((*file)->signals().value().empty());
  EXPECT_TRUE((*file)->find("A", "a", Time::min(), Time::max()).value().empty());
}

TEST(BlockFile, OneFlippedBitCostsNoMoreThanItsChunkOrItsPage) {
  const Quiet quiet;
  const ScratchDirectory directory;
  const std::string path = directory / "blocks";
  const Contents all = contents(300, 2, 30, 5);
  write_file(path, all, ChunkForm::cold, {.number = 70'000});
  const std::string whole = bytes_of(path);
  std::mt19937_64 random(17);
  std::size_t harmless = 0, chunk = 0, page = 0;
  for (int run = 0; run < 250; ++run) {
    SCOPED_TRACE(run);
    std::string bytes = whole;
    // A third of them at the two ends, where the header, the directory and the last frame stand.
    const std::size_t at = run % 3 == 0 ? (random() % 2 == 0 ? random() % 64 : bytes.size() - 1 - random() % 300) : random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
    put(path, bytes);
    EXPECT_EQ(BlockFile::finished(Disk::system(), path).value_or(false), true) << "damage at " << at << " is not a write cut short";
    const auto file = BlockFile::open(Disk::system(), path);
    ASSERT_TRUE(file) << at << ": " << file.error().message;
    ASSERT_EQ((*file)->header().number, 70'000u);
    std::size_t gaps = 0;
    for (const auto& [name, chunks] : all) expect_right_or_gap(**file, name, chunks, gaps);
    if (HasFatalFailure()) return;
    EXPECT_EQ((*file)->check().size(), gaps == 0 ? 0u : 1u);
    EXPECT_LE(gaps, 258u) << "more than a page";
    ++(gaps == 0 ? harmless : gaps == 1 ? chunk : page);
  }
  EXPECT_GT(harmless, 0u);
  EXPECT_GT(chunk, 0u);
  EXPECT_GT(page, 0u);
}

TEST(BlockFile, RuinedBytesGiveNoWrongReadings) {
  const Quiet quiet;
  const ScratchDirectory directory;
  const std::string path = directory / "blocks";
  const Contents all = contents(40, 4, 50, 6);
  write_file(path, all, ChunkForm::hot, {.number = 3});
  const std::string whole = bytes_of(path);
  std::mt19937_64 random(23);
  for (int run = 0; run < 200; ++run) {
    SCOPED_TRACE(run);
    std::string bytes = whole;
    for (std::size_t n = 1 + random() % 30; n > 0; --n) {  // runs of noise or zeros, anywhere
      const std::size_t at = random() % bytes.size(), length = std::min<std::size_t>(1 + random() % 600, bytes.size() - at);
      for (std::size_t i = 0; i < length; ++i) bytes[at + i] = random() % 3 == 0 ? '\0' : static_cast<char>(random());
    }
    put(path, bytes);
    const auto file = BlockFile::open(Disk::system(), path);
    if (!file) {
      EXPECT_EQ(file.error().kind, ErrorKind::storage) << file.error().message;
      continue;
    }
    for (const auto& [name, chunks] : all) {  // a lost page may make signals unknown; what is given must be right
      const auto places = (*file)->find(name.first, name.second, Time::min(), Time::max());
      if (!places) continue;
      for (const ChunkPlace& place : *places) {
        std::vector<Sample> back;
        if (!(*file)->read(place, back)) continue;
        ASSERT_TRUE(std::ranges::any_of(chunks, [&](const auto& chunk) {
          return std::ranges::equal(chunk, back, [](const Sample& a, const Sample& b) { return identical(a, b); });
        }));
      }
    }
  }
}

TEST(BlockFile, KnowsWhatWasNeverFinished) {
  const ScratchDirectory directory;
  const std::string path = directory / "blocks";
  write_file(path, contents(20, 3, 60, 7), ChunkForm::cold, {.number = 1});
  const std::string whole = bytes_of(path);
  const auto file = BlockFile::open(Disk::system(), path).value();
  for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{40}, std::size_t{80}, whole.size() / 2, whole.size() - 2000}) {
    put(path, whole.substr(0, n));
    EXPECT_EQ(BlockFile::finished(Disk::system(), path).value_or(true), false) << n;
    const auto part = BlockFile::open(Disk::system(), path);
    ASSERT_FALSE(part) << n;
    EXPECT_EQ(part.error().kind, ErrorKind::storage);
    EXPECT_NE(part.error().message.find("never finished"), std::string::npos) << part.error().message;
  }
  put(path, std::string(10'000, '\0'));
  EXPECT_EQ(BlockFile::finished(Disk::system(), path).value_or(true), false);
}

TEST(BlockFile, LeavesForeignFilesAlone) {
  const ScratchDirectory directory;
  const std::string path = directory / "notes";
  std::string journal;
  end_frame(journal, begin_frame(journal), {.generation = 1, .sequence = 1, .append = 1, .kind = segment_frame, .version = 1});
  const std::vector<std::string> foreign = {"Dear diary, today the compressor was quiet.", "x", journal};
  for (const std::string& bytes : foreign) {
    put(path, bytes);
    const std::vector errors = {BlockFile::open(Disk::system(), path).error(), BlockFile::finished(Disk::system(), path).error()};
    for (const Error& error : errors) {
      EXPECT_EQ(error.kind, ErrorKind::storage);
      EXPECT_NE(error.message.find("no block file"), std::string::npos) << error.message;
    }
    EXPECT_EQ(bytes_of(path), bytes);
  }
  EXPECT_EQ(BlockFile::open(Disk::system(), directory / "absent").error().kind, ErrorKind::storage);
}

TEST(BlockFile, RefusesWhatANewerVersionWrote) {
  const ScratchDirectory directory;
  const std::string path = directory / "blocks";
  write_file(path, contents(2, 2, 60, 8), ChunkForm::cold, {.number = 1});
  std::string newer_end = bytes_of(path);
  newer_end.resize(newer_end.size() - sizeof(FrameHeader) - ending_payload);
  std::string frame;
  const std::size_t begin = begin_frame(frame);
  frame += "what comes after version 1";
  end_frame(frame, begin, {.generation = 1, .kind = directory_frame, .version = 2});
  newer_end += frame;
  frame.clear();
  begin_frame(frame);
  frame += "a newer head";
  end_frame(frame, 0, {.generation = 1, .kind = block_frame, .version = 2});
  const std::vector newer_files = {newer_end, frame};
  for (const std::string& bytes : newer_files) {
    put(path, bytes);
    const auto file = BlockFile::open(Disk::system(), path);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, ErrorKind::config) << file.error().message;
    EXPECT_EQ(BlockFile::finished(Disk::system(), path).error().kind, ErrorKind::config);
    EXPECT_EQ(bytes_of(path), bytes) << "untouched";
  }
}

}  // namespace
}  // namespace telltale::stores
