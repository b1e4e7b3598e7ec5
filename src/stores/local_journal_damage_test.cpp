// The journal after damage: what is damaged is named, what was never finished is gone, a disk that fails is not trusted.
#include "stores/local_journal_testing.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;

TEST_F(LocalJournalTest, CutsATornTailAtEveryByte) {
  Names names;
  std::vector<std::size_t> ends;
  {
    const auto journal = open(names);
    for (Sequence s = 1; s <= 6; ++s) {
      fill(*journal, names, s, 1, 3);
      ends.push_back(journal->bytes());
    }
  }
  const std::string whole = bytes_of(only_segment());
  FailingDisk disk;
  disk.really_sync = false;
  for (std::size_t size = 0; size <= ends.back(); ++size) {
    write_bytes(only_segment(), whole.substr(0, size));  // also when the last round set it aside
    Names later;
    {
      const auto journal = open(later, disk);
      ASSERT_NE(journal, nullptr) << size;
      const auto whole_appends = static_cast<std::size_t>(std::ranges::count_if(ends, [&](std::size_t end) { return end <= size; }));
      const auto found = all(*journal, later);
      ASSERT_GE(found.size(), whole_appends) << size;
      ASSERT_LE(found.size(), whole_appends + 1) << size;  // one more: only padding or the second copy of its names is torn
      ASSERT_EQ(found, std::vector(written_.begin(), written_.begin() + static_cast<std::ptrdiff_t>(found.size()))) << size;
      const Entry next = batch_of(later, journal->last() + 1, 2);
      ASSERT_TRUE(journal->append({&next, 1})) << size;
      ASSERT_EQ(all(*journal, later).size(), found.size() + 1) << size;
    }
    for (const auto& file : fs::directory_iterator(directory_)) {
      if (file.path() != only_segment()) fs::remove(file);
    }
  }
}

TEST_F(LocalJournalTest, LosesExactlyTheDamagedFrameForEveryFlippedBit) {
  Names names;
  std::size_t end = 0;
  {
    const auto journal = open(names);
    fill(*journal, names, 1, 5, 2);
    end = journal->bytes();
  }
  const std::string whole = bytes_of(only_segment());
  FailingDisk disk;
  disk.really_sync = false;
  std::size_t lost = 0, harmless = 0;
  for (std::size_t bit = 0; bit < end * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    write_bytes(only_segment(), damaged);
    Names later;
    const auto journal = open(later, disk);
    ASSERT_NE(journal, nullptr) << bit;
    const auto found = all(*journal, later);
    if (found == written_) {
      ++harmless;  // padding, the header, one of the two copies of the names
      continue;
    }
    // One entry became a gap: the closing frame proves that even the newest append was on disk. Every other is what it was.
    ++lost;
    ASSERT_EQ(found.size(), written_.size()) << bit;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::string gap = "gap " + std::to_string(i + 1) + "-" + std::to_string(i + 1);
      ASSERT_TRUE(found[i] == written_[i] || found[i] == gap) << bit << ": " << found[i];
    }
    ASSERT_EQ(std::ranges::count_if(found, [](const auto& t) { return t.starts_with("gap"); }), found.size() == written_.size() ? 1 : 0)
        << bit;
  }
  EXPECT_GT(lost, 0u);
  EXPECT_GT(harmless, 0u);
}

TEST_F(LocalJournalTest, NamesTheRangeOfASegmentThatIsGoneAndOfOneThatIsRubbish) {
  Names names;
  {
    const auto journal = open(names);
    fill(*journal, names, 1, 300, 20);
  }
  std::vector<std::string> segments;
  for (const auto& file : fs::directory_iterator(directory_)) {
    if (file.path().filename().string().starts_with("0")) segments.push_back(file.path().string());
  }
  std::ranges::sort(segments);
  ASSERT_GT(segments.size(), 4u);
  fs::remove(segments[1]);
  write_bytes(segments[3], std::string(small.segment_bytes, 'x'));
  Names later;
  const auto journal = open(later);
  const auto found = all(*journal, later);
  EXPECT_EQ(std::ranges::count_if(found, [](const auto& t) { return t.starts_with("gap"); }), 2);
  for (const std::string& text : found) {
    EXPECT_TRUE(text.starts_with("gap") || std::ranges::contains(written_, text)) << text;
  }
  EXPECT_EQ(found.back(), written_.back());
  EXPECT_TRUE(fs::exists(segments[3] + ".damaged"));
}

TEST_F(LocalJournalTest, CutsAnAppendOfWhichOnlyLaterFramesReachedTheDisk) {
  Names names;
  std::size_t before = 0;
  {
    const auto journal = open(names);
    fill(*journal, names, 1, 2, 2);
    before = journal->bytes();
    const std::vector<Entry> three = {batch_of(names, 3, 2), batch_of(names, 4, 2), batch_of(names, 5, 2)};
    ASSERT_TRUE(journal->append(three));
    write_bytes(scratch_ / "copy", bytes_of(only_segment()));  // the state before the journal is closed
  }
  std::string torn = bytes_of(scratch_ / "copy");
  torn[before + 50] ^= 1;  // of the third entry: its neighbours 4 and 5 of the same append are whole
  write_bytes(only_segment(), torn);
  Names later;
  {
    const auto journal = open(later);
    EXPECT_EQ(journal->last(), 2u);
    const Entry other = batch_of(later, 3, 1);  // shorter than what was there
    ASSERT_TRUE(journal->append({&other, 1}));
  }
  Names last;
  const auto journal = open(last);
  EXPECT_EQ(journal->last(), 3u);
  EXPECT_EQ(all(*journal, last).size(), 3u) << "no frame of the cut append comes to light again";
}

TEST_F(LocalJournalTest, TellsEntriesAtTheEndWhoseNamesAreLost) {  // faultlab run R12 --seed 280
  Names names;
  {
    const auto journal = open(names);
    fill(*journal, names, 1, 2, 6);
    write_bytes(scratch_ / "copy", bytes_of(only_segment()));  // the state before the journal is closed
  }
  std::string damaged = bytes_of(scratch_ / "copy");
  for (auto at = damaged.find("signal 0"); at != std::string::npos; at = damaged.find("signal 0", at)) damaged[at] ^= 1;
  write_bytes(only_segment(), damaged);
  Names later;
  const auto journal = open(later);
  EXPECT_EQ(all(*journal, later), std::vector<std::string>{"gap 1-2"}) << "nothing whole follows that could tell it";
}

TEST_F(LocalJournalTest, RefusesToGoOnAfterAFailedSync) {
  FailingDisk disk;
  Names names;
  const auto journal = open(names, disk);
  fill(*journal, names, 1, 2, 2);
  disk.fail_sync = true;
  Entry entry = batch_of(names, 3, 2);
  auto done = journal->append({&entry, 1});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::storage);
  disk.fail_sync = false;  // the next one would succeed, and mean nothing
  EXPECT_FALSE(journal->append({&entry, 1}));
  EXPECT_EQ(journal->last(), 2u);
}

TEST_F(LocalJournalTest, MeetsAFullDiskBeforeItWritesAndGoesOnWhenThereIsRoom) {
  FailingDisk disk;
  Names names;
  const auto journal = open(names, disk);
  fill(*journal, names, 1, 1, 20);
  disk.fail_reserve = true;
  Result<void> done;
  Sequence next = 2;
  for (; next < 1000 && done; ++next) {
    const Entry entry = batch_of(names, next, 20);
    done = journal->append({&entry, 1});
    if (done) written_.push_back(described(entry, names));
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::disk_full);
  EXPECT_GT(n_segments(), 1u) << "the spare was used first";
  fill(*journal, names, journal->last() + 1, 1, 1);  // a small one still fits, and its names are known there
  disk.fail_reserve = false;
  fill(*journal, names, journal->last() + 1, 1, 20);
  EXPECT_EQ(all(*journal, names), written());
  Names fresh;
  EXPECT_EQ(all(*open(fresh), fresh), written());
}

TEST_F(LocalJournalTest, WritesTheSameAgainWhereThereWasNoRoomForIt) {
  FailingDisk disk;
  Names names;
  {
    const auto journal = open(names, disk);
    for (Sequence next = 1; next <= 120; ++next) {  // in the middle of segments and at the beginning of new ones
      const Entry entry = batch_of(names, next, 20);
      disk.no_room = true;
      auto done = journal->append({&entry, 1});
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().kind, ErrorKind::disk_full);
      EXPECT_EQ(journal->last(), next - 1) << "nothing is acknowledged";
      disk.no_room = false;
      ASSERT_TRUE(journal->append({&entry, 1}));
      written_.push_back(described(entry, names));
    }
    EXPECT_GT(n_segments(), 2u);
    EXPECT_EQ(all(*journal, names), written());
  }
  Names fresh;
  EXPECT_EQ(all(*open(fresh), fresh), written());
}

TEST_F(LocalJournalTest, RefusesANewerFormInWordsAndLeavesItUntouched) {
  Names names;
  {
    const auto journal = open(names);
    fill(*journal, names, 1, 1, 2);
  }
  std::string header;
  const std::size_t begin = begin_frame(header);
  header += "telltale journal segment";
  end_frame(header, begin, {.generation = 1, .sequence = 1, .append = 1, .kind = segment_frame, .version = 2});
  std::string newer = bytes_of(only_segment());
  newer.replace(0, header.size(), header);
  write_bytes(only_segment(), newer);
  const auto journal = LocalJournal::open(Disk::system(), directory_, names, small);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, ErrorKind::config);
  EXPECT_NE(journal.error().message.find("newer version"), std::string::npos);
  EXPECT_EQ(bytes_of(only_segment()), newer);
}

}  // namespace
}  // namespace telltale::stores
