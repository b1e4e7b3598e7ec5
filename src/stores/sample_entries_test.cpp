// Entries as text, so that a test can compare two and a person can read the difference.
#include "stores/sample_entries.h"

#include <bit>
#include <sstream>

namespace telltale::stores {
namespace {

class Describer {
 public:
  explicit Describer(const Names& names) : names_(names) {}
  Describer& operator<<(std::string_view v) { return write(v); }
  Describer& operator<<(const std::string& v) { return write(v); }
  Describer& operator<<(std::uint64_t v) { return write(v); }
  Describer& operator<<(bool v) { return write(v ? "yes" : "no"); }
  Describer& operator<<(double v) { return write(std::bit_cast<std::uint64_t>(v)); }
  Describer& operator<<(Time v) { return write(ns_of(v)); }
  Describer& operator<<(Quality v) { return write(v.bits()); }
  Describer& operator<<(const std::optional<double>& v) { return v ? *this << *v : *this << "none"; }
  Describer& asset(AssetId id) { return *this << (id == no_asset ? std::string_view("-") : names_.asset_name(id)); }
  Describer& signal(SignalId id) {
    if (id == no_signal) return *this << "-";
    return asset(names_.asset_of(id)) << names_.signal_name(id);
  }
  Describer& line(std::string_view what) {
    out_ << '\n';
    return *this << what;
  }
  std::string text() const { return out_.str(); }

 private:
  template <typename T>
  Describer& write(const T& v) {
    out_ << '[' << v << ']';
    return *this;
  }
  const Names& names_;
  std::ostringstream out_;
};

}  // namespace

std::string described(const Entry& e, const Names& names) {
  Describer d(names);
  d << e.sequence << std::uint64_t{static_cast<std::uint8_t>(e.kind)} << e.arrival << e.source << e.position;
  const Ledger& l = e.counts;
  for (const std::uint64_t n : {l.received, l.stored, l.duplicate, l.conflict, l.dead_letter, l.rejected, l.in_flight}) d << n;
  for (const auto& r : e.readings) d.line("reading").signal(r.signal) << r.time << r.value << r.quality << r.anomaly << r.given;
  d.line("decoded under") << e.decoded_under;
  for (const auto& c : e.conflicts) d.line("conflict").signal(c.signal) << c.time << c.value << c.quality << c.replaces << c.displaced;
  for (const auto& t : e.texts) d.line("text").asset(t.asset) << t.time << t.name << t.text;
  for (const auto& r : e.rejected) d.line("rejected") << std::uint64_t{r.item} << name_of(r.reason) << r.text << r.bytes << r.topic;
  for (const auto& u : e.unmapped) d.line("unmapped") << u;
  for (const auto& f : e.findings) {
    d.line("finding").asset(f.asset).signal(f.signal)
        << f.rule << std::uint64_t{f.item} << f.time << f.value << f.score << f.statistic << f.limit << f.p << f.low << f.high
        << std::uint64_t{f.priority} << f.begins << f.doubtful << f.cause;
  }
  for (const auto& t : e.transitions) {
    d.line("transition") << name_of(t.kind) << t.id;
    d.asset(t.asset).signal(t.signal) << t.rule << std::uint64_t{t.priority} << t.cause << t.value << t.limit << t.count << t.doubtful
                                      << t.event_time << t.arrival << t.actor << t.note;
  }
  d.line("command") << e.command.actor << e.command.verb << e.command.asset << e.command.target << e.command.note << e.configuration;
  for (const auto& s : e.states) d.line("state") << s.asset << s.sequence << s.settings << s.bytes;
  d.line("call") << e.call.key << e.call.body << e.call.verdicts;
  for (const std::uint64_t letter : e.replayed) d.line("replayed") << letter;
  d.line("gap") << e.gap_from << e.gap_to << e.gap_reason;
  return d.text();
}

}  // namespace telltale::stores
