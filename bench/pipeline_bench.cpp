// All in one: MQTT frames become readings, are admitted, numbered, validated, judged by three detectors and written to the journal with
// fdatasync, by the engine's own stages and threads. Time is CPU time of all threads.
#include <cstdlib>
#include <filesystem>

#include "compressors.h"
#include "decoders/mapping.h"
#include "engine/lane.h"
#include "engine/pipeline.h"
#include "messages.h"
#include "row.h"
#include "stores/store.h"

namespace {

using namespace telltale;

constexpr std::size_t per_batch = 1000;  // messages, as the source `mqtt` takes them together

class WholePipeline {
 public:
  WholePipeline(std::size_t n_assets, std::size_t n_lanes)
      : directory_(std::filesystem::path("build/bench-data")), site_(bench::compressor_site(n_assets)), n_assets_(n_assets) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    store_ = stores::open_local(directory_.string(), names_).value();
    admission_ = std::make_unique<engine::Admission>(names_, store_->reader());
    for (std::size_t k = 0; k < n_lanes; ++k) {
      lanes_.push_back(std::make_unique<engine::RunningLane>());
      lanes_.back()->lane = engine::make_lane(site_, names_).value();
    }
    pipeline_ = std::make_unique<engine::Pipeline>(
        engine::Pipeline::Parts{.names = names_,
                                .journal = store_->journal(),
                                .admission = *admission_,
                                .lanes = lanes_,
                                .clock = engine::EngineClock(Clock::system(), {}),
                                .next = 1,
                                .queue_bytes = 64u << 20,
                                .committed =
                                    [this](std::shared_ptr<const Entry> entry) {
                                      stored_ += entry->readings.size();
                                      committed_ = entry->sequence;
                                      if (entry->sequence % 64 == 0)
                                        (void)store_->journal().release(entry->sequence);  // as nobody stands behind
                                    },
                                .applied = [this] { return committed_.load(); },
                                .answer_when_applied = [](Sequence, engine::OutcomeDone, Result<engine::Outcome>) {}});
    decoder_ = decoders::make_decoder("compressor", "", *site_->plant, names_).value();
  }
  ~WholePipeline() {
    pipeline_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  /// Messages per CPU second of a stream that is pushed as fast as it is taken.
  double operator()(const std::string& frames, std::size_t n) {
    const std::uint64_t before = stored_;
    const double began = bench::process_cpu_seconds();
    push(frames);
    while (stored_ - before < 6 * n) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return static_cast<double>(n) / (bench::process_cpu_seconds() - began);
  }

 private:
  void push(std::string_view stream) {
    std::string_view topic, payload;
    const Time arrival = time_from_ns((bench::first_second + 1'000'000) * 1'000'000'000);
    Batch batch = pipeline_->spare_batch();
    for (bool more = true; more;) {
      more = bench::next_publish(stream, topic, payload);
      if (more) decoder_->decode({.topic = topic, .bytes = payload, .arrival = arrival}, batch);
      if (batch.n_items == 0 || (more && batch.n_items < per_batch * 6)) continue;
      batch.source = "frames";
      batch.arrival = arrival;
      engine::Offered offered{.batch = std::move(batch)};
      offered.done = [](Result<engine::Outcome>) {};
      pipeline_->push(std::move(offered), {});
      batch = pipeline_->spare_batch();
    }
  }

  const std::filesystem::path directory_;
  Names names_{1'000'000};
  std::shared_ptr<const engine::Site> site_;
  const std::size_t n_assets_;
  std::unique_ptr<stores::Store> store_;
  std::unique_ptr<engine::Admission> admission_;
  std::vector<std::unique_ptr<engine::RunningLane>> lanes_;
  std::unique_ptr<engine::Pipeline> pipeline_;
  std::unique_ptr<decoders::Decoder> decoder_;
  std::atomic<std::uint64_t> stored_ = 0;
  std::atomic<Sequence> committed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  bench::Table table(argc, argv);
  const std::tuple<const char*, std::size_t, std::optional<bench::Goal>> sizes[] = {
      {"pipeline/signals_12", 2, bench::at_least(800'000)},
      {"pipeline/signals_10k", 1667, bench::at_least(800'000)},
      {"pipeline/signals_100k", 16'667, {}}};
  for (const auto& [name, n_assets, goal] : sizes) {
    if (!table.wants(name)) continue;
    WholePipeline whole(n_assets, 1);
    const std::size_t n = 200'000;
    const auto rounds = static_cast<std::size_t>(table.rounds() + 1);
    const auto messages = bench::compressor_messages(n * rounds, n_assets);  // time goes on from round to round
    std::vector<std::string> frames;
    for (std::size_t r = 0; r < rounds; ++r)
      frames.push_back(bench::publish_frames(
          {messages.begin() + static_cast<std::ptrdiff_t>(r * n), messages.begin() + static_cast<std::ptrdiff_t>((r + 1) * n)}));
    std::size_t round = 0;
    const auto ours = bench::repeated(table.rounds(), [&] { return whole(frames[round++], n); });
    table.show({.name = name,
                .unit = "messages of 6 readings per CPU s",
                .ours = ours.median,
                .spread = ours.spread,
                .goal = goal,
                .durable = "fdatasync before it counts"});
  }
}
