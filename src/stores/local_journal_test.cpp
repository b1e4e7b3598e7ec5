// The journal: what was appended stands, and its files are used again.
#include "stores/local_journal_testing.h"

namespace telltale::stores {
namespace {

TEST_F(LocalJournalTest, GivesBackWhatWasAppendedAlsoAfterARestart) {
  Names names;
  const auto entries = sample_entries(names);
  {
    const auto journal = open(names);
    EXPECT_EQ(journal->first(), 0u);
    ASSERT_TRUE(journal->append(entries));
    EXPECT_EQ(journal->first(), 1u);
    EXPECT_EQ(journal->last(), 5u);
    EXPECT_EQ(all(*journal, names).size(), 5u);
  }
  Names other;
  other.signal("something", "else");  // other numbers than when it was written
  const auto journal = open(other);
  EXPECT_EQ(journal->last(), 5u);
  std::vector<std::string> found;
  ASSERT_TRUE(journal->read(0, [&](const Entry& e) { return found.push_back(described(e, other)), true; }));
  ASSERT_EQ(found.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(found[i], described(entries[i], names));
}

TEST_F(LocalJournalTest, ReadsFromTheMiddleOverManySegments) {
  Names names;
  auto journal = open(names);
  fill(*journal, names, 1, 300, 20);
  EXPECT_GT(n_segments(), 3u);
  for (const Sequence from : {1, 2, 77, 150, 299, 300}) EXPECT_EQ(all(*journal, names, from), written(from - 1)) << from;
  EXPECT_TRUE(all(*journal, names, 301).empty());
  journal.reset();
  Names later;
  journal = open(later);
  for (const Sequence from : {1, 2, 77, 150, 299, 300}) EXPECT_EQ(all(*journal, later, from), written(from - 1)) << from;
}

TEST_F(LocalJournalTest, StopsWhereItsReaderHasEnoughAndSaysWhereToGoOn) {
  Names names;
  const auto journal = open(names);
  fill(*journal, names, 1, 10, 2);
  Sequence seen = 0;
  EXPECT_EQ(journal->read(3, [&](const Entry& e) { return (seen = e.sequence) < 5; }), 6u);
  EXPECT_EQ(seen, 5u);
  EXPECT_EQ(journal->read(6, [](const Entry&) { return true; }), 11u);
  EXPECT_EQ(journal->read(11, [](const Entry&) { return true; }), 11u);
}

TEST_F(LocalJournalTest, WritesAndSyncsOncePerAppend) {
  FailingDisk disk;
  Names names;
  const auto journal = open(names, disk);
  fill(*journal, names, 1, 1, 2);
  const int before = disk.syncs;
  fill(*journal, names, 2, 5, 2);
  EXPECT_EQ(disk.syncs, before + 5);
}

TEST_F(LocalJournalTest, NeverTakesFramesOfAnEarlierUseOfTheFileForItsOwn) {
  Names names;
  const auto journal = open(names);
  Sequence next = 1;
  for (int round = 0; round < 20; ++round) {
    fill(*journal, names, next, 40, 20);
    next += 40;
    ASSERT_TRUE(journal->release(next - 5));
    ASSERT_LE(n_segments(), 3u);
  }
  const Sequence first = journal->first();
  EXPECT_GT(first, 1u);
  EXPECT_LE(first, next - 5);
  EXPECT_EQ(all(*journal, names), written(first - 1));
  Names later;
  const auto again = LocalJournal::open(Disk::system(), directory_, later, small);
  ASSERT_TRUE(again);
  EXPECT_EQ(all(**again, later), written(first - 1));
}

TEST_F(LocalJournalTest, LetsAReaderFinishASegmentThatIsReleasedMeanwhile) {
  Names names;
  const auto journal = open(names);
  fill(*journal, names, 1, 300, 20);
  std::vector<std::string> found;
  ASSERT_TRUE(journal->read(1, [&](const Entry& e) {
    if (e.sequence == 1) {
      EXPECT_TRUE(journal->release(290));
      fill(*journal, names, 301, 200, 20);  // would write into the released files if they were used again
    }
    found.push_back(described(e, names));
    return e.sequence < 300;
  }));
  EXPECT_EQ(found, std::vector(written_.begin(), written_.begin() + 300));
}

TEST_F(LocalJournalTest, TakesAnEntryLargerThanASegment) {
  Names names;
  const auto journal = open(names);
  fill(*journal, names, 1, 2, 2);
  Entry large = batch_of(names, 3, 1);
  large.rejected.push_back({0, DeadLetterReason::not_json, "no JSON", std::string(3 * small.segment_bytes, 'z')});
  ASSERT_TRUE(journal->append({&large, 1}));
  written_.push_back(described(large, names));
  fill(*journal, names, 4, 2, 2);
  EXPECT_EQ(all(*journal, names), written());
}

TEST_F(LocalJournalTest, SaysWhatIsWrongWithItsDirectory) {
  write_bytes(directory_, "a file");
  Names names;
  const auto journal = LocalJournal::open(Disk::system(), directory_, names, small);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, ErrorKind::storage);
  EXPECT_NE(journal.error().message.find(directory_), std::string::npos) << journal.error().message;
}

}  // namespace
}  // namespace telltale::stores
