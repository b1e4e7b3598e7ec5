// The journal: what was appended stands, what is damaged is named, what was never finished is gone.
#include "stores/local_journal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "stores/sample_entries.h"
#include "stores/scratch_directory.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;

constexpr JournalOptions small{.segment_bytes = 16 << 10, .spares = 1};

std::string bytes_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}
/// In place: a file that is emptied and written again would be flushed by the file system each time.
void write_bytes(const std::string& path, const std::string& bytes) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  if (!file) file.open(path, std::ios::binary | std::ios::out);
  file << bytes;
  file.close();
  if (fs::file_size(path) != bytes.size()) fs::resize_file(path, bytes.size());
}

/// A disk whose calls fail on command.
class FailingDisk final : public Disk {
 public:
  bool fail_write = false, fail_sync = false, fail_reserve = false, no_room = false;
  bool really_sync = true;  // false where a test opens ten thousand journals and looks at them in the same process
  int syncs = 0;

  Result<std::unique_ptr<File>> open(const std::string& path) override { return wrap(Disk::system().open(path)); }
  Result<std::unique_ptr<File>> create(const std::string& path) override { return wrap(Disk::system().create(path)); }
  Result<std::vector<std::string>> list(const std::string& directory) const override { return Disk::system().list(directory); }
  Result<void> make_directory(const std::string& path) override {
    return fs::exists(path) ? Result<void>{} : Disk::system().make_directory(path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override { return Disk::system().rename(from, to); }
  Result<void> remove(const std::string& path) override { return Disk::system().remove(path); }
  Result<std::unique_ptr<const File>> open_to_read(const std::string& path) override { return Disk::system().open_to_read(path); }
  bool exists(const std::string& path) const override { return fs::exists(path); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return Disk::system().lock(path); }
  Result<Space> space(const std::string& path) const override { return Disk::system().space(path); }
  Result<void> sync_directory(const std::string& path) override {
    return really_sync ? Disk::system().sync_directory(path) : Result<void>{};
  }

 private:
  class Wrapped final : public File {
   public:
    Wrapped(FailingDisk& disk, std::unique_ptr<File> file) : disk_(disk), file_(std::move(file)) {}
    Result<std::size_t> read_at(std::size_t offset, std::span<char> into) const override { return file_->read_at(offset, into); }
    Result<void> write_at(std::size_t offset, std::string_view bytes) override {
      if (disk_.fail_write) return failed(ErrorKind::storage, "cannot write: Input/output error");
      if (disk_.no_room) {  // half of it got through
        (void)file_->write_at(offset, bytes.substr(0, bytes.size() / 2));
        return failed(ErrorKind::disk_full, "cannot write: No space left on device");
      }
      return file_->write_at(offset, bytes);
    }
    Result<void> sync() override {
      ++disk_.syncs;
      if (disk_.fail_sync) return failed(ErrorKind::storage, "cannot sync: Input/output error");
      return disk_.really_sync ? file_->sync() : Result<void>{};
    }
    Result<std::size_t> size() const override { return file_->size(); }
    Result<void> reserve(std::size_t bytes) override {
      if (disk_.fail_reserve) return failed(ErrorKind::disk_full, "cannot take room: No space left on device");
      return file_->reserve(bytes);
    }

   private:
    FailingDisk& disk_;
    std::unique_ptr<File> file_;
  };
  Result<std::unique_ptr<File>> wrap(Result<std::unique_ptr<File>> file) {
    if (!file) return file;
    return std::make_unique<Wrapped>(*this, std::move(*file));
  }
};

class LocalJournalTest : public ::testing::Test {
 protected:
  std::unique_ptr<LocalJournal> open(Names& names, Disk& disk = Disk::system()) {
    auto journal = LocalJournal::open(disk, directory_, names, small);
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? std::move(*journal) : nullptr;
  }
  /// All entries from `from` on as text, gaps as "gap FROM-TO".
  static std::vector<std::string> all(const Journal& journal, const Names& names, Sequence from = 0) {
    std::vector<std::string> found;
    const auto next = journal.read(from, [&](const Entry& e) {
      if (e.kind == EntryKind::gap) {
        found.push_back("gap " + std::to_string(e.gap_from) + "-" + std::to_string(e.gap_to));
      } else {
        found.push_back(described(e, names));
      }
      return true;
    });
    EXPECT_TRUE(next) << next.error().message;
    return found;
  }
  /// Appends `n` batches of `readings` readings, one append each.
  void fill(LocalJournal& journal, Names& names, Sequence from, std::size_t n, std::size_t readings) {
    for (Sequence s = from; s < from + n; ++s) {
      const Entry entry = batch_of(names, s, readings);
      const auto done = journal.append({&entry, 1});
      ASSERT_TRUE(done) << done.error().message;
      written_.push_back(described(entry, names));
    }
  }
  std::vector<std::string> written(std::size_t from = 0) const {
    return {written_.begin() + static_cast<std::ptrdiff_t>(from), written_.end()};
  }
  std::string only_segment() const { return directory_ + "/0000000001.journal"; }
  std::size_t n_segments() const {
    std::size_t n = 0;
    for (const auto& file : fs::directory_iterator(directory_)) n += file.path().filename().string().starts_with("0");
    return n;
  }

  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "journal";
  std::vector<std::string> written_;
};

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
