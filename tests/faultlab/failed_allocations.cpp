// R08: the n-th allocation finds no memory, for n = 1, 2, ... through the start of an engine, 1,000 readings and its end.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>

#include "core/last_words.h"
#include "engine/engine.h"
#include "tests/faultlab/faults.h"
#include "tests/faultlab/row.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t batches = 10, per_batch = 100;
constexpr int exhausted = 71, not_well = 3;
constexpr std::int64_t begin = 1'600'000'000;

/// What a process told before it ended.
struct Life {
  int status = -1;                                  // below 0: by a signal
  std::uint64_t acknowledged = 0, allocations = 0;  // batches; known when it came to its end
};

Batch batch_of(engine::Engine& engine, std::uint64_t b) {
  Batch batch;
  for (std::uint64_t k = b * per_batch; k < (b + 1) * per_batch; ++k) {
    const auto signal = engine.names().signal("P-" + std::to_string(k % 3), "flow");
    batch.readings.push_back(
        {*signal, batch.n_items++, time_from_ns((begin + static_cast<std::int64_t>(k)) * 1'000'000'000), static_cast<double>(k) + 0.5, {}});
  }
  return batch;
}

/// In the child: an engine on a real directory; a byte for each acknowledged batch goes to `told`.
int live(const std::string& folder, int told, std::uint64_t fails_at) {
  end_in_words_when_nothing_is_left(exhausted);
  fail_allocation_in(fails_at);
  const auto reading = engine::parse_site("site: memory\nstore: {directory: " + folder + "}\nlog: {level: error}\n", "faultlab", {});
  if (!reading.site) return not_well;
  auto engine = engine::start_engine(reading.site, {.suppress_tick = true, .store = {.segment_bytes = 64 << 10}});
  if (!engine) return not_well;
  for (std::uint64_t b = 0; b < batches; ++b) {
    std::promise<bool> promise;
    auto stored = promise.get_future();
    const auto taken =
        (*engine)->inlet("http").offer(batch_of(**engine, b), [&](auto verdicts) { promise.set_value(verdicts.has_value()); });
    if (taken != sources::Inlet::Taken::accepted || !stored.get()) return not_well;
    const char one = 'a';
    if (::write(told, &one, 1) != 1) return not_well;
  }
  (*engine)->stop();
  engine->reset();
  const std::uint64_t n = n_allocations();
  return ::write(told, &n, sizeof n) == sizeof n ? 0 : not_well;
}

Life one_life(const std::string& folder, std::uint64_t fails_at) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, 1);
    ::dup2(nowhere, 2);
    ::_exit(live(folder, ends[1], fails_at));
  }
  ::close(ends[1]);
  std::string told;
  char buffer[256];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) told.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  Life life{.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)};
  life.acknowledged = std::min<std::uint64_t>(told.size(), batches);
  if (told.size() == batches + sizeof life.allocations) std::memcpy(&life.allocations, told.data() + batches, sizeof life.allocations);
  return life;
}

/// What was acknowledged stands with its values, nothing is told missing.
std::optional<std::string> look(const std::string& folder, std::uint64_t acknowledged, Outcome& outcome) {
  if (!std::filesystem::exists(folder + "/telltale.sqlite"))
    return acknowledged == 0 ? std::nullopt : std::optional<std::string>("there are no tables");
  const auto reader = stores::open_local_read_only(folder);
  if (!reader) return acknowledged == 0 ? std::nullopt : std::optional<std::string>("the data cannot be read: " + reader.error().message);
  std::uint64_t right = 0;
  for (int asset = 0; asset < 3; ++asset) {
    const auto points = (*reader)->points("P-" + std::to_string(asset), "flow", {}, 10'000);
    for (const auto& point : points.value_or(std::vector<stores::HistoryPoint>{})) {
      const auto k = ns_of(point.time) / 1'000'000'000 - begin;
      if (point.value != static_cast<double>(k) + 0.5) return "a reading stands with another value";
      right += static_cast<std::uint64_t>(k) < acknowledged * per_batch ? 1 : 0;
    }
  }
  outcome.stored += right;
  if (right < acknowledged * per_batch) {
    outcome.lost += acknowledged * per_batch - right;
    return std::to_string(acknowledged * per_batch) + " readings were acknowledged, " + std::to_string(right) + " stand";
  }
  const auto gaps = (*reader)->gaps(10);
  return gaps && !gaps->empty() ? std::optional<std::string>("a gap is told") : std::nullopt;
}

std::optional<std::string> one_failure(const std::string& folder, std::uint64_t n, Outcome& outcome) {
  std::filesystem::remove_all(folder);
  const Life life = one_life(folder, n);
  outcome.sent += batches * per_batch;
  outcome.acked += life.acknowledged * per_batch;
  if (life.status != exhausted && life.status != 0)
    return "it ends with " + std::to_string(life.status) + ", not " + std::to_string(exhausted);
  if (auto fault = look(folder, life.acknowledged, outcome)) return fault;
  const Life next = one_life(folder, ~std::uint64_t{0});  // the same readings once more: repeats
  if (next.status != 0) return "the next start ends with " + std::to_string(next.status);
  Outcome ignored;
  return look(folder, batches, ignored);
}

}  // namespace

/// `n` of the order are as many sites, spread evenly over all there are; from the seed on when they are fewer.
Outcome failed_allocations(const Order& order) {
  Outcome outcome;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  outcome.skipped = "a sanitizer has operator new for itself";
  return outcome;
#endif
  const std::string folder = order.folder + "/memory";
  const Life whole = one_life(folder, ~std::uint64_t{0});
  if (whole.status != 0 || whole.allocations == 0)
    return at_fault(outcome, "without a failure it ends with " + std::to_string(whole.status));
  const std::uint64_t sites = order.n == 1 ? 1 : std::min(order.n, whole.allocations);
  for (std::uint64_t k = 0; k < sites && !outcome.fault; ++k) {
    const std::uint64_t site = order.n == 1 ? order.seed : 1 + k * whole.allocations / sites;
    if (auto fault = one_failure(folder, site, outcome)) {
      at_fault(outcome, "allocation " + std::to_string(site) + ": " + *fault);
      outcome.fault_seed = site;
    }
    ++outcome.n;
  }
  outcome.note = std::to_string(sites) + " of " + std::to_string(whole.allocations) + " allocations failed, one in each life";
  return outcome;
}

}  // namespace telltale::faultlab
