// Seeded entries and their digest.
#include "tests/faultlab/seeded_entries.h"

#include <bit>
#include <limits>

namespace telltale::faultlab {
namespace {

constexpr std::int64_t first_time = 1'767'225'600'000'000'000;  // 2026-01-01
constexpr double odd_values[] = {0.0, -0.0,  5e-324, -1.7976931348623157e308, 9007199254740993.0, std::numeric_limits<double>::quiet_NaN(),
                                 0.1, 1e-310};

std::string word(Random& random, std::string_view stem, std::uint64_t n) { return std::string(stem) + std::to_string(random.below(n)); }

std::string noise(Random& random, std::size_t n) {
  std::string bytes(n, '\0');
  for (char& c : bytes) c = static_cast<char>(random.bits());
  if (n >= 8 && random.below(4) == 0) bytes.replace(random.below(n - 4), 4, "TLJ1");  // looks like the begin of a frame
  return bytes;
}

double value(Random& random) { return random.below(20) == 0 ? odd_values[random.below(std::size(odd_values))] : random.normal() * 100; }

void add_readings(Random& random, Entry& e, Names& names) {
  const std::size_t n = random.below(30) == 0 ? 300 + random.below(900) : random.below(24);
  for (std::size_t k = 0; k < n; ++k) {
    const SignalId signal = *names.signal(word(random, "P-", 6), word(random, "signal ", 9));
    const Quality given = random.below(9) == 0 ? Quality(Grade::bad, 4) : Quality();
    e.readings.push_back(
        {signal, e.arrival + Nanoseconds{static_cast<std::int64_t>(k) * 100'000}, value(random), given, random.below(9) == 0, given});
  }
  e.counts.received = e.counts.stored = n;
}

void add_dead_letters(Random& random, Entry& e) {
  for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
    e.rejected.push_back({0, DeadLetterReason::not_json, word(random, "broken ", 100), noise(random, random.below(200))});
    if (random.below(3) == 0) e.rejected.back().topic = word(random, "topic/", 9);
  }
  e.counts.received += e.rejected.size();
  e.counts.dead_letter = e.rejected.size();
}

void fill_batch(Random& random, Entry& e, Names& names) {
  e.source = word(random, "source ", 3);
  e.position = word(random, "at ", 1'000'000);
  const bool only_dead_letters = random.below(8) == 0;
  if (!only_dead_letters) add_readings(random, e, names);
  if (only_dead_letters || random.below(6) == 0) add_dead_letters(random, e);
  if (random.below(8) == 0) e.texts.push_back({names.asset(word(random, "P-", 6)), e.arrival, "status", word(random, "text ", 50)});
  if (random.below(12) == 0) e.call = {word(random, "key ", 1000), noise(random, 16), noise(random, random.below(20))};
  if (random.below(20) == 0) e.replayed.push_back(random.below(1000));
  if (random.below(20) == 0) e.unmapped.push_back(word(random, "topic/", 9));
  if (e.readings.empty() || random.below(5) != 0) return;
  const StoredReading& r = e.readings.front();
  e.conflicts.push_back({r.signal, r.time, value(random), {}});
  Finding f{
      .asset = names.asset_of(r.signal), .signal = r.signal, .rule = "zscore", .item = 0, .time = r.time, .value = r.value, .score = 0.5};
  f.cause = word(random, "cause ", 100);
  f.begins = true;
  e.findings.push_back(f);
  Transition t{
      .kind = Transition::Kind::raised, .id = word(random, "id", 1'000'000), .asset = f.asset, .signal = f.signal, .rule = "zscore"};
  t.event_time = t.arrival = e.arrival;
  e.transitions.push_back(t);
}

}  // namespace

Entry seeded_entry(Random& random, Sequence sequence, Names& names) {
  Entry e;
  e.sequence = sequence;
  e.arrival = time_from_ns(first_time + static_cast<std::int64_t>(sequence) * 1'000'000'000);
  switch (random.below(10)) {
    case 0:
      e.kind = EntryKind::tick;
      for (std::uint64_t n = random.below(3); n > 0; --n)
        e.states.push_back({word(random, "P-", 6), sequence - 1, random.bits(), noise(random, random.below(3000))});
      break;
    case 1:
      e.kind = EntryKind::command;
      e.command = {"Ada", "acknowledge", word(random, "P-", 6), word(random, "id", 1'000'000), word(random, "note ", 99)};
      break;
    case 2:
      e.kind = EntryKind::configuration;
      e.configuration = "site: " + word(random, "s", 100);
      break;
    default: fill_batch(random, e, names);
  }
  return e;
}

namespace {
class Digest {
 public:
  explicit Digest(const Names& names) : names_(names) {}
  Digest& operator<<(std::uint64_t v) {
    hash_ = spread(hash_ ^ v);
    return *this;
  }
  Digest& operator<<(double v) { return *this << std::bit_cast<std::uint64_t>(v); }
  Digest& operator<<(Time v) { return *this << static_cast<std::uint64_t>(ns_of(v)); }
  Digest& operator<<(Quality v) { return *this << std::uint64_t{v.bits()}; }
  Digest& operator<<(std::string_view v) {
    for (const char c : v) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return *this << v.size();
  }
  Digest& operator<<(const std::optional<double>& v) { return *this << std::uint64_t{v.has_value()} << v.value_or(0); }
  Digest& asset(AssetId id) { return *this << (id == no_asset ? std::string_view("-") : names_.asset_name(id)); }
  Digest& signal(SignalId id) {
    if (id == no_signal) return *this << std::string_view("-");
    return asset(names_.asset_of(id)) << names_.signal_name(id);
  }
  std::uint64_t hash() const { return hash_; }

 private:
  const Names& names_;
  std::uint64_t hash_ = 1;
};
}  // namespace

std::uint64_t digest(const Entry& e, const Names& names) {
  Digest d(names);
  d << e.sequence << std::uint64_t{static_cast<std::uint8_t>(e.kind)} << e.arrival << e.source << e.position;
  const Ledger& l = e.counts;
  for (const std::uint64_t n : {l.received, l.stored, l.duplicate, l.conflict, l.dead_letter, l.rejected, l.in_flight}) d << n;
  for (const auto& r : e.readings) d.signal(r.signal) << r.time << r.value << r.quality << std::uint64_t{r.anomaly} << r.given;
  for (const auto& c : e.conflicts) d.signal(c.signal) << c.time << c.value << c.quality;
  for (const auto& t : e.texts) d.asset(t.asset) << t.time << t.name << t.text;
  for (const auto& r : e.rejected) d << std::uint64_t{r.item} << name_of(r.reason) << r.text << r.bytes << r.topic;
  d << e.call.key << e.call.body << e.call.verdicts;
  for (const std::uint64_t id : e.replayed) d << id;
  for (const auto& u : e.unmapped) d << std::string_view(u);
  for (const auto& f : e.findings) {
    d.asset(f.asset).signal(f.signal) << f.rule << std::uint64_t{f.item} << f.time << f.value << f.score << f.statistic << f.limit << f.p
                                      << f.low << f.high << std::uint64_t{f.begins} << f.cause;
  }
  for (const auto& t : e.transitions) {
    d << name_of(t.kind) << t.id;
    d.asset(t.asset).signal(t.signal) << t.rule << t.cause << t.value << t.count << t.event_time << t.arrival << t.actor << t.note;
  }
  d << e.command.actor << e.command.verb << e.command.asset << e.command.target << e.command.note << e.configuration;
  for (const auto& s : e.states) d << s.asset << s.sequence << s.settings << s.bytes;
  d << e.gap_from << e.gap_to << e.gap_reason;
  return d.hash();
}

}  // namespace telltale::faultlab
