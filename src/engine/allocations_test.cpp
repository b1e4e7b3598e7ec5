// In the steady state nothing is allocated for a reading: counted from the bytes of a message to the commit.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <new>

#include "decoders/mapping.h"
#include "engine/lane_testing.h"
#include "engine/pipeline.h"
#include "engine/test_store.h"

namespace {
std::atomic<std::uint64_t> allocations = 0;
thread_local std::uint64_t on_this_thread = 0;  // of them: what the pipeline does behind its answer is not the decoder's

// Not inlined, as the others: else the compiler sees malloc behind one side of a pair and says that they do not match.
[[gnu::noinline]] void* counted_or_null(std::size_t bytes, std::size_t alignment) noexcept {
  ++allocations;
  ++on_this_thread;
  return alignment == 0 ? std::malloc(bytes == 0 ? 1 : bytes)
                        : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* counted(std::size_t bytes, std::size_t alignment) {
  void* const p = counted_or_null(bytes, alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
}  // namespace

// The whole test program counts; only the test below asks.
void* operator new(std::size_t bytes) { return counted(bytes, 0); }
void* operator new[](std::size_t bytes) { return counted(bytes, 0); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return counted_or_null(bytes, 0); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return counted_or_null(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) { return counted(bytes, static_cast<std::size_t>(alignment)); }
void* operator new[](std::size_t bytes, std::align_val_t alignment) { return counted(bytes, static_cast<std::size_t>(alignment)); }
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace telltale::engine {
namespace {

/// A journal that takes everything and keeps nothing: what the others keep is not this test's matter.
class Nowhere final : public stores::Journal {
 public:
  Result<void> append(std::span<const Entry> entries) override {
    readings += entries.back().readings.size();
    last_ = entries.back().sequence;
    return {};
  }
  Result<Sequence> read(Sequence from, const std::function<bool(const Entry&)>&) const override { return from; }
  Sequence first() const override { return 0; }
  Sequence last() const override { return last_; }
  Result<void> release(Sequence) override { return {}; }
  std::size_t bytes() const override { return 0; }
  std::atomic<std::size_t> readings = 0;

 private:
  Sequence last_ = 0;
};

class Core {
 public:
  Core() : admission_(names_, history_) {
    const auto site = testing::site_with({testing::detector("threshold"), testing::detector("zscore"), testing::detector("ewma")});
    plant_ = site->plant;
    lanes_.push_back(std::make_unique<RunningLane>());
    lanes_.back()->lane = *make_lane(site, names_);
    pipeline_ = std::make_unique<Pipeline>(
        Pipeline::Parts{.names = names_,
                        .journal = journal_,
                        .admission = admission_,
                        .lanes = lanes_,
                        .clock = EngineClock(clock_, Time::min()),
                        .next = 1,
                        .queue_bytes = 64u << 20,
                        .committed = [this](std::shared_ptr<const Entry> entry) { applied_ = entry->sequence; },
                        .applied = [this] { return applied_.load(); },
                        .answer_when_applied = [](Sequence, OutcomeDone done, Result<Outcome> outcome) { done(std::move(outcome)); }});
    decoder_ = *decoders::make_decoder("compressor", "", *plant_, names_);
  }

  /// A batch of messages of 40 machines, six readings each, decoded, pushed and committed.
  void batch(int n_messages) {
    Batch batch = pipeline_->spare_batch();
    for (int k = 0; k < n_messages; ++k, ++n_) {
      const std::int64_t second = 1'760'000'000 + n_ / 40;
      text_.resize(512);
      const int size = std::snprintf(
          text_.data(), text_.size(),
          R"({"unit_id": "C-%03d", "site": "TX-01", "timestamp": "%s", "unix_ts": %lld.5, "suction_pressure_psi": %.1f, "rpm": %d, )"
          R"("discharge_pressure_psi": %.1f, "temp_f": 181.%d, "oil_pressure_psi": 34.%d, "vibration_mmps": 2.6%d, "status": "NORMAL"})",
          n_ % 40, to_rfc3339(time_from_ns(second * 1'000'000'000)).substr(0, 20).c_str(), static_cast<long long>(second),
          50 + random_.normal(), 1200 + n_ % 7, 200 + random_.normal(), n_ % 10, n_ % 9, n_ % 8);
      made_ = on_this_thread;
      decoder_->decode({.topic = "compressor/telemetry",
                        .bytes = std::string_view(text_).substr(0, static_cast<std::size_t>(size)),
                        .arrival = clock_.now()},
                       batch);
      in_decoder_ += on_this_thread - made_;
    }
    std::promise<bool> committed;
    batch.source = "press";
    Offered offered{.batch = std::move(batch)};
    offered.done = [&committed](Result<Outcome> outcome) { committed.set_value(outcome.has_value()); };
    const std::uint64_t before = allocations;
    ASSERT_TRUE(pipeline_->push(std::move(offered), {}));
    ASSERT_TRUE(committed.get_future().get());
    in_pipeline_ += allocations - before;
  }
  void forget() { in_decoder_ = in_pipeline_ = 0; }
  std::uint64_t in_decoder() const { return in_decoder_; }
  std::uint64_t in_pipeline() const { return in_pipeline_; }
  std::size_t readings() const { return journal_.readings; }

 private:
  Names names_;
  ManualClock clock_{time_from_ns(1'770'000'000'000'000'000)};
  Nowhere journal_;
  KeysInMemory history_;
  Admission admission_;
  std::shared_ptr<const machines::Plant> plant_;
  std::vector<std::unique_ptr<RunningLane>> lanes_;
  std::atomic<Sequence> applied_ = 0;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<decoders::Decoder> decoder_;
  Random random_{3};
  std::string text_;
  int n_ = 0;
  std::uint64_t made_ = 0, in_decoder_ = 0, in_pipeline_ = 0;
};

TEST(Allocations, NothingIsAllocatedForAReadingInTheSteadyState) {
  Core core;
  for (int k = 0; k < 30; ++k) core.batch(400);
  core.forget();
  const std::size_t before = core.readings();
  constexpr int batches = 40;
  for (int k = 0; k < batches; ++k) core.batch(400);
  ASSERT_EQ(core.readings() - before, 6u * 400 * batches);
  EXPECT_LT(core.in_decoder(), 60u * batches) << "a batch whose memory is not back yet takes its own, a reading nothing";
  EXPECT_LT(core.in_pipeline(), 60u * batches) << "a batch may allocate a handful (receipt, verdicts, queues), a reading nothing";
}

}  // namespace
}  // namespace telltale::engine
