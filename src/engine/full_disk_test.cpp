// Contract C11: a full disk stops the taking of readings and nothing else, and taking goes on by itself.
// On a real disk, filled to its last byte under load: rows R09 and R10 of tests/faultlab.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "engine/engine.h"
#include "stores/disk.h"

namespace telltale::engine {
namespace {
namespace fs = std::filesystem;
using Taken = sources::Inlet::Taken;

/// The system's disk, of which a test says how full it is.
class DiskWithLittleRoom final : public stores::Disk {
 public:
  std::atomic<std::uint64_t> free = 50ull << 30;
  std::atomic<bool> full = false;  // nothing more can be taken

  Result<std::unique_ptr<stores::File>> open(const std::string& path) override { return system().open(path); }
  Result<std::unique_ptr<const stores::File>> open_to_read(const std::string& path) override { return system().open_to_read(path); }
  Result<std::unique_ptr<stores::File>> create(const std::string& path) override {
    if (full) return failed(ErrorKind::disk_full, "cannot create '" + path + "': No space left on device");
    return system().create(path);
  }
  Result<std::vector<std::string>> list(const std::string& directory) const override { return system().list(directory); }
  bool exists(const std::string& path) const override { return system().exists(path); }
  Result<void> make_directory(const std::string& path) override { return system().make_directory(path); }
  Result<void> rename(const std::string& from, const std::string& to) override { return system().rename(from, to); }
  Result<void> remove(const std::string& path) override { return system().remove(path); }
  Result<std::unique_ptr<stores::FileLock>> lock(const std::string& path) override { return system().lock(path); }
  Result<void> sync_directory(const std::string& path) override { return system().sync_directory(path); }
  Result<stores::Space> space(const std::string&) const override { return stores::Space{.free = free, .total = 100ull << 30}; }
};

class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "telltale-full-disk-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(folder_);
  }
  Result<void> start(stores::Disk* disk = nullptr, std::size_t segment_bytes = 64u << 20, const std::string& sources = "") {
    const SiteReading reading = parse_site("store: {directory: " + (folder_ / "data").string() + "}\n" + sources, "test", {});
    EXPECT_TRUE(reading.site) << reading.mistakes.front().message;
    auto engine = start_engine(
        reading.site,
        {.suppress_tick = true, .look_at_disk = std::chrono::milliseconds(5), .store = {.disk = disk, .segment_bytes = segment_bytes}});
    if (!engine) return std::unexpected(engine.error());
    engine_ = std::move(*engine);
    return {};
  }
  using Answered = std::future<Result<std::vector<Verdict>>>;
  /// A batch of `n` readings, each call later ones. @param taken  whether the engine takes it
  Answered offer(std::size_t n, Taken& taken) {
    Batch batch;
    for (std::size_t k = 0; k < n; ++k)
      batch.readings.push_back({*engine_->names().signal("P-101", "flow"),
                                batch.n_items++,
                                time_from_ns(1'700'000'000'000'000'000 + static_cast<std::int64_t>(next_++) * 1'000'000),
                                1.5,
                                {}});
    auto promise = std::make_shared<std::promise<Result<std::vector<Verdict>>>>();
    auto answer = promise->get_future();
    taken = engine_->inlet("http").offer(std::move(batch), [promise](auto verdicts) { promise->set_value(std::move(verdicts)); });
    return answer;
  }
  bool stored(std::size_t n = 1) {
    Taken taken{};
    auto answer = offer(n, taken);
    return taken == Taken::accepted && answer.get().has_value();
  }
  /// Until `condition` holds; ten seconds are what the contract allows.
  template <typename Condition>
  static bool within_ten_seconds(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }
  bool read_only() const { return engine_->status().read_only; }
  std::uint64_t n_stored() { return engine_->history().statistics("P-101", "flow", {})->count; }

  fs::path folder_;
  DiskWithLittleRoom disk;  // outlives the engine
  std::unique_ptr<Engine> engine_;
  std::uint64_t next_ = 0;
};

TEST_F(FullDiskTest, ContractC11BelowThreePercentNothingIsTakenQueriesWorkAndItGoesOnByItself) {
  ASSERT_TRUE(start(&disk));
  ASSERT_TRUE(stored());
  disk.free = 2ull << 30;
  ASSERT_TRUE(within_ten_seconds([&] { return read_only(); }));
  Taken taken{};
  (void)offer(1, taken);
  EXPECT_EQ(taken, Taken::read_only);
  EXPECT_EQ(n_stored(), 1u) << "queries work";
  const auto status = engine_->status();
  ASSERT_EQ(status.not_ready_because.size(), 1u);
  EXPECT_EQ(status.not_ready_because[0], "read-only: 2048 MiB of 102400 MiB free on the disk of the data folder, below 3 %");
  std::promise<Result<Transition>> refused;
  engine_->command({.verb = "acknowledge", .target = "x"}, [&](Result<Transition> t) { refused.set_value(std::move(t)); });
  EXPECT_EQ(refused.get_future().get().error().kind, ErrorKind::disk_full) << "a command would be written too";
  disk.free = 4ull << 30;
  ASSERT_TRUE(within_ten_seconds([&] { return !read_only(); }));
  EXPECT_TRUE(stored());
  EXPECT_TRUE(engine_->status().disk_low) << "4 % are a warning still";
  EXPECT_EQ(n_stored(), 2u);
  EXPECT_TRUE(engine_->status().total.balances());
}

TEST_F(FullDiskTest, ContractC11StartsReadOnlyOnAFullDisk) {
  ASSERT_TRUE(start(&disk));
  ASSERT_TRUE(stored());
  engine_.reset();
  disk.free = 1ull << 30;
  ASSERT_TRUE(start(&disk));
  EXPECT_TRUE(read_only());
  EXPECT_EQ(n_stored(), 1u);
  disk.free = 50ull << 30;
  EXPECT_TRUE(within_ten_seconds([&] { return !read_only(); }));
  EXPECT_TRUE(stored());
}

TEST_F(FullDiskTest, ContractC11AWriteThatFindsNoRoomWaitsAndIsAcknowledgedOnlyWhenItIsOnDisk) {
  ASSERT_TRUE(start(&disk, 64 << 10));
  ASSERT_TRUE(stored());
  disk.full = true;  // what was taken in advance can be filled; a new segment cannot be had
  Taken taken = Taken::accepted;
  std::vector<Answered> answers;
  ASSERT_TRUE(within_ten_seconds([&] {
    if (engine_->status().read_only) return true;
    auto answer = offer(1000, taken);
    if (taken == Taken::accepted) answers.push_back(std::move(answer));
    return false;
  }));
  EXPECT_EQ(answers.back().wait_for(std::chrono::seconds(0)), std::future_status::timeout) << "not acknowledged";
  EXPECT_TRUE(engine_->status().total.balances());
  disk.full = false;
  ASSERT_TRUE(within_ten_seconds([&] { return !read_only(); }));
  for (auto& answer : answers) EXPECT_TRUE(answer.get().has_value());
  EXPECT_EQ(n_stored(), 1 + 1000 * answers.size());
}

TEST_F(FullDiskTest, ContractC11StopsWithoutRoomAndLosesNothingThatWasAcknowledged) {
  ASSERT_TRUE(start(&disk, 64 << 10));
  ASSERT_TRUE(stored());
  disk.full = true;
  Taken taken = Taken::accepted;
  std::vector<Answered> answers;
  ASSERT_TRUE(within_ten_seconds([&] {
    if (engine_->status().read_only) return true;
    auto answer = offer(1000, taken);
    if (taken == Taken::accepted) answers.push_back(std::move(answer));
    return false;
  }));
  engine_->stop();
  std::size_t acknowledged = 0;
  for (auto& answer : answers) {
    const auto verdicts = answer.get();  // every one is answered
    acknowledged += verdicts ? 1 : 0;
    EXPECT_TRUE(verdicts || verdicts.error().kind == ErrorKind::disk_full);
  }
  EXPECT_LT(acknowledged, answers.size());
  EXPECT_TRUE(engine_->status().total.balances());
  engine_.reset();
  disk.full = false;
  ASSERT_TRUE(start(&disk));
  EXPECT_EQ(n_stored(), 1 + 1000 * acknowledged);
}

TEST_F(FullDiskTest, ContractC11ASourceWaitsWhileReadOnlyAndGoesOnWhereItStood) {
  disk.free = 1ull << 30;
  std::ofstream(folder_ / "pump.csv") << "time,flow\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:01Z,2\n2026-01-01T00:00:02Z,3\n";
  ASSERT_TRUE(
      start(&disk, 64u << 20,
            "sources:\n  - {name: file, csv: {file: " + (folder_ / "pump.csv").string() + ", asset: P-101, speed: 0, shift: none}}\n"));
  ASSERT_TRUE(within_ten_seconds([&] { return engine_->status().sources.front().state == SourceStatus::State::paused; }));
  EXPECT_EQ(n_stored(), 0u);
  disk.free = 50ull << 30;
  engine_->wait_until_idle({});
  EXPECT_EQ(n_stored(), 3u);
  EXPECT_EQ(engine_->status().sources.front().state, SourceStatus::State::ended);
}

}  // namespace
}  // namespace telltale::engine
