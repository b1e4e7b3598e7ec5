// All in one: MQTT frames become readings, are admitted, numbered, validated, judged by three detectors and written to the journal with
// fdatasync, by the engine's own stages and threads. Time is CPU time of all threads.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

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
      : directory_(std::filesystem::path("build/bench-data/pipeline")), site_(bench::compressor_site(n_assets)), n_assets_(n_assets) {
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

/// What a script of bench/peers says of the same messages: one number, theirs per CPU second.
double peer(const char* script, const std::string& messages) {
  const std::string command = "TELLTALE_BENCH_DATA=build/bench-data python3 bench/peers/" + std::string(script) + " " + messages;
  std::FILE* said = popen(command.c_str(), "r");
  double rate = 0;
  const bool found = said && std::fscanf(said, "%lf", &rate) == 1;
  if (said) pclose(said);
  if (!found) std::fprintf(stderr, "no figure from: %s\n", command.c_str());
  return rate;
}

/// Frames of consecutive messages, `n` to a round: time goes on from round to round.
std::vector<std::string> rounds_of(const std::vector<std::string>& messages, std::size_t n) {
  std::vector<std::string> rounds;
  for (auto at = messages.begin(); at != messages.end(); at += static_cast<std::ptrdiff_t>(n))
    rounds.push_back(bench::publish_frames({at, at + static_cast<std::ptrdiff_t>(n)}));
  return rounds;
}

/// Ours and a peer in turns, over the same machines and values.
void against(bench::Table& table, const char* row, const char* script, const char* who, const char* durable,
             std::optional<bench::Goal> goal, std::size_t n_peer) {
  if (!table.wants(row)) return;
  constexpr std::size_t n = 200'000, n_assets = 100;
  const auto frames = rounds_of(bench::compressor_messages(n * static_cast<std::size_t>(table.rounds() + 1), n_assets), n);
  std::filesystem::create_directories("build/bench-data");
  const std::string file = "build/bench-data/messages.jsonl";
  {
    std::ofstream out(file);
    for (const std::string& m : bench::compressor_messages(n_peer, n_assets)) out << m << '\n';
  }
  WholePipeline whole(n_assets, 1);
  std::size_t round = 0;
  const auto pair = bench::interleaved(
      table.rounds(), [&] { return whole(frames[round++], n); }, [&] { return peer(script, std::filesystem::absolute(file).string()); });
  std::filesystem::remove(file);
  table.show({.name = row,
              .unit = "messages of 6 readings per CPU s",
              .ours = pair.ours.median,
              .spread = pair.ours.spread,
              .peer = who,
              .theirs = pair.theirs.median,
              .goal = goal,
              .durable = durable});
}

}  // namespace

int main(int argc, char** argv) {
  bench::Table table(argc, argv);
  against(table, "pipeline/python", "seed_like.py", "Python like the originals, no transport",
          "fdatasync per commit | SQLite commit per 100", bench::ratio_at_least(100), 10'000);
  against(table, "pipeline/victoria", "victoria.py", "VictoriaMetrics, lines of 6 values", "fdatasync per commit | nothing synced",
          bench::ratio_at_least(3), 200'000);
  against(table, "pipeline/influx", "influx.py", "InfluxDB 1, lines of 6 values", "fdatasync per commit | its log synced per 10,000 lines",
          {}, 200'000);
  if (table.peers()) {
    against(table, "pipeline/benthos", "benthos.py", "Benthos 4.27, six thresholds, no transport", "fdatasync per commit | nothing stored",
            bench::ratio_at_least(10), 100'000);
  }
  const std::tuple<const char*, std::size_t, std::optional<bench::Goal>> sizes[] = {
      {"pipeline/signals_12", 2, bench::at_least(800'000)},
      {"pipeline/signals_10k", 1667, bench::at_least(800'000)},
      {"pipeline/signals_100k", 16'667, {}}};
  for (const auto& [name, n_assets, goal] : sizes) {
    if (!table.wants(name)) continue;
    WholePipeline whole(n_assets, 1);
    const std::size_t n = 200'000;
    const auto frames = rounds_of(bench::compressor_messages(n * static_cast<std::size_t>(table.rounds() + 1), n_assets), n);
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
