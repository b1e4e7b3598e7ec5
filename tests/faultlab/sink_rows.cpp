// Sinks of a whole engine: away beyond their budget (R15), slow beside a fast one (R18).
#include <algorithm>
#include <chrono>
#include <set>

#include "tests/faultlab/engine_trial.h"
#include "tests/faultlab/played_sink.h"
#include "tests/faultlab/within.h"

namespace telltale::faultlab {
namespace {

using std::chrono::steady_clock;
using Ledger = std::set<Receiver::Arrival>;  // everything that the sink is owed

constexpr std::uint64_t per_entry = 50;                 // readings
constexpr std::uint64_t budget = 192 << 10;             // bytes of journal
constexpr std::uint64_t slack = 2 * (64 << 10) + 4096;  // unused ends of segments, and one entry

constexpr double noise_ms = 10;  // of a machine that does other work as well

// ---- R15

/// An engine with one sink, which dies and comes back on the same disk; the ledger is what its listeners heard.
class OneSink {
 public:
  OneSink(std::uint64_t seed, std::string policy, Receiver& receiver) : seed_(seed), policy_(std::move(policy)), receiver_(receiver) {}

  std::optional<std::string> start(std::unique_ptr<SimDisk> disk) {
    trial_ = disk ? std::make_unique<EngineTrial>(seed_, std::move(disk)) : std::make_unique<EngineTrial>(seed_);
    trial_->clock().advance(std::chrono::seconds(n_offered_));
    trial_->on_entry = [this](const Entry& entry) {
      const std::lock_guard lock(mutex_);
      for (std::uint32_t k = 0; k < entry.readings.size(); ++k) ledger_.insert({entry.sequence, k});
    };
    return trial_->start("site: sinks\n", {receiver_.configured({{"budget_bytes", std::to_string(budget) + " B"}, {"policy", policy_}})});
  }
  std::optional<std::string> lose_power() {
    auto disk = trial_->after_power_loss();
    trial_->stop();
    delivered_before_ = receiver_.arrived();
    return start(std::move(disk));
  }
  std::optional<std::string> restart() {
    trial_->stop();
    return start(trial_->disk().copy());
  }
  /// Had been delivered when the power went: the sink's cursor may not have been on the disk yet, so the engine need not know.
  bool was_delivered_before(const Receiver::Arrival& thing) const { return delivered_before_.contains(thing); }
  /// One entry more. False: it is not taken.
  bool store() {
    Batch batch;
    ++n_offered_;  // also what is not taken: times never come twice
    trial_->clock().advance(std::chrono::seconds(1));
    for (std::uint64_t k = 0; k < per_entry; ++k)
      trial_->add(batch, "P-1", "s" + std::to_string(k), trial_->clock().now(), 0.1 * static_cast<double>(next_ * per_entry + k));
    if (!trial_->store(std::move(batch))) return false;
    ++next_;
    return true;
  }
  std::size_t owed() const {
    const std::lock_guard lock(mutex_);
    return ledger_.size();
  }
  Ledger ledger() const {
    const std::lock_guard lock(mutex_);
    return ledger_;
  }
  std::uint64_t n_stored() const { return next_; }
  std::uint64_t told_missing() const {
    std::uint64_t sum = 0;
    for (const auto& gap : gaps()) sum += gap.count;
    return sum;
  }
  std::vector<stores::GapRow> gaps() const {
    auto all = trial_->engine().history().gaps(10'000).value_or(std::vector<stores::GapRow>{});
    std::erase_if(all, [](const auto& gap) { return gap.place != "out"; });
    return all;
  }
  /// Until all that the sink is owed has arrived or is told missing; false: 90 s were not enough. What a sink dropped is written down
  /// with the next entry: in a running engine that is the tick.
  bool settles() {
    return within(std::chrono::seconds(90), [&] { return caught_up(); }) && within(std::chrono::seconds(10), [&] { return store(); }) &&
           within(std::chrono::seconds(10),
                  [&] { return owed() == next_ * per_entry && receiver_.n_arrived() + told_missing() >= owed() && caught_up(); });
  }
  std::string standing() const {
    return std::to_string(n_stored() * per_entry) + " readings stored, " + std::to_string(owed()) + " owed, " +
           std::to_string(receiver_.n_arrived()) + " arrived, " + std::to_string(told_missing()) + " told missing, " +
           std::to_string(status().sinks.front().behind) + " entries behind";
  }
  bool caught_up() const { return status().sinks.front().behind == 0; }
  engine::EngineStatus status() const { return trial_->engine().status(); }

 private:
  const std::uint64_t seed_;
  const std::string policy_;
  Receiver& receiver_;
  std::unique_ptr<EngineTrial> trial_;
  std::uint64_t next_ = 0, n_offered_ = 0;
  std::set<Receiver::Arrival> delivered_before_;
  mutable std::mutex mutex_;
  Ledger ledger_;
};

/// What did not arrive is what gap records tell, to the last thing. After a power loss they may tell more: things that were delivered
/// before it, if the cursor that knew was lost.
std::optional<std::string> compare(const OneSink& engine, const Receiver& receiver, Outcome& outcome) {
  const auto arrived = receiver.arrived();
  const auto gaps = engine.gaps();
  std::uint64_t missing = 0, unlisted = 0, perhaps = 0;
  for (const auto& thing : engine.ledger()) {
    const bool listed = std::ranges::any_of(gaps, [&](const auto& gap) { return gap.from <= thing.sequence && thing.sequence <= gap.to; });
    const bool came = arrived.contains(thing);
    missing += came ? 0 : 1;
    unlisted += came || listed ? 0 : 1;
    perhaps += came && listed && engine.was_delivered_before(thing) ? 1 : 0;
  }
  outcome.stored += arrived.size();
  outcome.gaps += gaps.size();
  if (unlisted > 0) {
    outcome.lost += unlisted;
    return std::to_string(unlisted) + " readings did not arrive and no gap record lists them";
  }
  if (const std::uint64_t told = engine.told_missing(); told < missing || told > missing + perhaps)
    return std::to_string(missing) + " readings did not arrive, gap records say " + std::to_string(told);
  return std::nullopt;
}

/// What an outage should cost, as its policy says.
struct Outage {
  std::string policy;
  Sequence first, last;  // entries that came while the sink was away
  std::uint64_t bytes;   // of the journal
  std::size_t n_before;  // gap records of before
};

/// The oldest or the newest entries were kept, as many as the budget holds, and nothing else was dropped.
std::optional<std::string> follows_policy(const Outage& outage, const std::vector<stores::GapRow>& gaps) {
  if (gaps.size() == outage.n_before) {
    if (outage.policy == "block" || outage.bytes <= budget + slack) return std::nullopt;
    return "nothing is dropped of " + std::to_string(outage.bytes) + " bytes";
  }
  if (outage.policy == "block") return "a sink that may stop ingest drops";
  Sequence from = ~Sequence{0}, to = 0;
  for (std::size_t k = 0; k < gaps.size() - outage.n_before; ++k) {  // newest first
    from = std::min(from, gaps[k].from);
    to = std::max(to, gaps[k].to);
  }
  const bool oldest = outage.policy == "drop_oldest";
  const std::uint64_t entries = outage.last - outage.first + 1, kept = oldest ? outage.last - to : from - outage.first;
  const std::uint64_t kept_bytes = kept * (outage.bytes / entries);
  if ((oldest ? from == outage.first : to == outage.last) && kept_bytes <= budget + slack && kept_bytes + slack >= budget)
    return std::nullopt;
  return "of entries " + std::to_string(outage.first) + " to " + std::to_string(outage.last) + ", " + std::to_string(outage.bytes) +
         " bytes, it dropped " + std::to_string(from) + " to " + std::to_string(to) + " under a budget of " + std::to_string(budget);
}

std::optional<std::string> one_outage(OneSink& engine, Receiver& receiver, const std::string& policy, Random& random) {
  Outage outage{policy, engine.status().committed + 1, 0, 0, engine.gaps().size()};
  const std::uint64_t bytes_before = engine.status().journal_bytes, entries = 20 + random.below(400), dies_at = random.below(2 * entries);
  receiver.away(true);
  bool held = false;
  for (std::uint64_t k = 0; k < entries && !held; ++k) {
    if (k == dies_at) {
      if (auto fault = random.below(2) == 0 ? engine.lose_power() : engine.restart()) return fault;
    }
    held = !engine.store();
  }
  if (held && policy != "block") return "it stops ingest";
  outage.last = engine.status().committed;
  outage.bytes = engine.status().journal_bytes - bytes_before;
  const bool beyond = outage.bytes > budget + slack;
  if (policy == "block" && beyond && !held && !within(std::chrono::seconds(3), [&] { return !engine.store(); }))
    return "ingest goes on 3 s after " + std::to_string(outage.bytes) + " bytes wait";
  receiver.away(false);
  if (!engine.settles()) return "the sink does not drain after an outage: " + engine.standing();
  return dies_at < entries ? std::nullopt : follows_policy(outage, engine.gaps());  // a start cuts the journal's last file short
}

Outcome outages(std::uint64_t seed) {
  static const char* policies[] = {"drop_oldest", "reject_new", "block"};
  const std::string policy = policies[seed % 3];
  Outcome outcome;
  Random random(seed);
  Receiver receiver("out");
  OneSink engine(seed, policy, receiver);
  if (auto fault = engine.start(nullptr)) return at_fault(outcome, *fault);
  for (int outage = 0; outage < 3 && !outcome.fault; ++outage) {
    for (std::uint64_t k = 1 + random.below(10); k > 0; --k) {
      if (!within(std::chrono::seconds(10), [&] { return engine.store(); }))
        return at_fault(outcome, "readings are not taken while all is well");
    }
    if (!engine.settles()) return at_fault(outcome, "the sink does not drain: " + engine.standing());
    if (auto fault = one_outage(engine, receiver, policy, random)) at_fault(outcome, policy + ": " + *fault);
  }
  if (auto fault = compare(engine, receiver, outcome)) at_fault(outcome, policy + ": " + *fault);
  outcome.sent = outcome.acked = engine.n_stored() * per_entry;
  return outcome;
}

// ---- R18

/// How long each entry takes from the offer to the fast sink, in ms; a slow sink beside it takes one thing in each second.
std::optional<std::string> fast_beside(bool slow_one, std::uint64_t seed, std::vector<double>& waited, Outcome& outcome) {
  constexpr std::uint64_t n = 400, per_second = 40;
  Receiver fast("fast"), slow("slow");
  slow.one_by_one(true);
  EngineTrial trial(seed);
  std::vector<engine::ConfiguredSink> sinks = {fast.configured()};
  if (slow_one) sinks.push_back(slow.configured());
  if (auto fault = trial.start("site: slow\n", sinks)) return fault;
  std::optional<std::string> fault;
  for (std::uint64_t k = 0; k < n && !fault; ++k) {
    Batch batch;
    trial.clock().advance(std::chrono::milliseconds(1000 / per_second));
    for (int s = 0; s < 10; ++s) trial.add(batch, "P-1", "s" + std::to_string(s), trial.clock().now(), 1.5);
    const auto offered = steady_clock::now();
    if (!trial.store(std::move(batch))) fault = "a batch is not taken";
    const std::uint64_t want = (k + 1) * 10;
    if (!within(std::chrono::seconds(10), [&] { return fast.n_arrived() == want; }))
      fault = "the fast sink has not got what the slow one waits for";
    waited.push_back(std::chrono::duration<double, std::milli>(fast.newest_arrival() - offered).count());
    if (slow_one && k % per_second == 0) slow.let_one_in();
  }
  if (slow_one && slow.n_arrived() > n / per_second + 1) fault = "the slow sink is not slow";
  outcome.sent += n * 10;
  outcome.acked += n * 10;
  outcome.stored += fast.n_arrived();
  slow.one_by_one(false);
  return fault;
}

Outcome beside_a_slow_one(std::uint64_t seed, double room_ms) {
  Outcome outcome;
  std::vector<double> alone, beside;
  for (int round = 0; round < 3 && !outcome.fault; ++round) {
    if (auto fault = fast_beside(false, seed, alone, outcome)) at_fault(outcome, "alone: " + *fault);
    if (auto fault = fast_beside(true, seed, beside, outcome)) at_fault(outcome, "beside a slow one: " + *fault);
  }
  const auto p99 = [](std::vector<double>& values) {
    std::ranges::sort(values);
    return values.empty() ? 0.0 : values[values.size() * 99 / 100];
  };
  char text[160];
  std::snprintf(text, sizeof text, "p99 from offer to the fast sink %.3f ms alone, %.3f ms beside the slow one", p99(alone), p99(beside));
  outcome.note = text;
  if (p99(beside) > 1.05 * p99(alone) + room_ms) at_fault(outcome, outcome.note);
  return outcome;
}

}  // namespace

Outcome slow_sink(const Order& order) {
  return each_seed(order, [&](std::uint64_t seed) { return beside_a_slow_one(seed, order.room_ms(noise_ms)); });
}

Outcome sink_outages(const Order& order) {
  Outcome sum = each_seed(order, outages);
  sum.note =
      std::to_string(3 * sum.n) + " outages, drop_oldest, reject_new and block in turn; acknowledged but not stored was dropped and told";
  return sum;
}

}  // namespace telltale::faultlab
