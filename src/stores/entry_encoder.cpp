// An entry becomes bytes: arrival, a word that says which sections follow, the sections in the order of their bits.
#include <algorithm>
#include <cstring>

#include "core/bytes.h"
#include "core/fault.h"
#include "stores/entry_codec.h"
#include "stores/entry_sections.h"
#include "stores/quality_word.h"

namespace telltale::stores {
namespace {

bool has_counts(const Ledger& l) {
  return (l.received | l.stored | l.duplicate | l.conflict | l.dead_letter | l.rejected | l.in_flight) != 0;
}
bool has_command(const Command& c) {
  return !c.verb.empty() || !c.asset.empty() || !c.target.empty() || !c.note.empty() || c.actor != "local";
}

std::uint64_t sections_of(const Entry& e) {
  std::uint64_t s = 0;
  if (!e.source.empty() || !e.position.empty() || has_counts(e.counts)) s |= of_source;
  if (!e.readings.empty()) s |= of_readings;
  if (!e.conflicts.empty()) s |= of_conflicts;
  if (!e.texts.empty()) s |= of_texts;
  if (!e.rejected.empty() && !planted(Bug::dead_letters_unsynced)) s |= of_rejected;
  if (!e.unmapped.empty()) s |= of_unmapped;
  if (!e.findings.empty()) s |= of_findings;
  if (!e.transitions.empty()) s |= of_transitions;
  if (has_command(e.command)) s |= of_command;
  if (!e.configuration.empty()) s |= of_configuration;
  if (!e.states.empty()) s |= of_states;
  if (e.gap_from != 0 || e.gap_to != 0 || !e.gap_reason.empty()) s |= of_gap;
  if (std::ranges::any_of(e.rejected, [](const Rejected& r) { return !r.topic.empty(); })) s |= of_topics;
  if (!e.call.key.empty()) s |= of_call;
  if (!e.replayed.empty()) s |= of_replayed;
  if (std::ranges::any_of(e.conflicts, &Conflict::replaces)) s |= of_replacing;
  if (e.decoded_under != 0) s |= of_decoding;
  if (e.restart != RestartPoint{}) s |= of_restart;
  return s;
}

std::uint64_t reading_word(const StoredReading& r) {
  return (packed(r.quality) << 2) | (r.given == r.quality ? 0 : was_given_other) | (r.anomaly ? is_anomaly : 0);
}

/// Times near a time: the differences of neighbours are mostly zero or equal and small.
class TimeWriter {
 public:
  explicit TimeWriter(Time start) : last_(ns_of(start)) {}
  std::uint64_t next(Time t) {  // wraps like the reader's addition does: any two times work
    const std::uint64_t delta = static_cast<std::uint64_t>(ns_of(t)) - static_cast<std::uint64_t>(last_);
    last_ = ns_of(t);
    return zigzag(static_cast<std::int64_t>(delta));
  }

 private:
  std::int64_t last_;
};

class Encoder {
 public:
  Encoder(const Entry& entry, SegmentNames& names, std::string& out)
      : e_(entry), names_(names), bytes_(out), out_(out), times_(entry.arrival) {}

  void all() {
    const std::uint64_t sections = sections_of(e_);
    out_.word(static_cast<std::uint64_t>(ns_of(e_.arrival)));
    out_.varint(sections);
    if (sections & of_source) source();
    if (sections & of_readings) readings();
    if (sections & of_conflicts) conflicts();
    if (sections & of_rejected) rejected();
    if (sections & of_unmapped) unmapped();
    if (sections & of_findings) findings();
    if (sections & of_transitions) transitions();
    if (sections & of_command) command();
    if (sections & of_configuration) out_.text(e_.configuration);
    if (sections & of_states) states();
    if (sections & of_gap) gap();
    if (sections & of_topics) topics();
    if (sections & of_call) call();
    if (sections & of_replayed) replayed();
    if (sections & of_replacing) replacing();
    if (sections & of_decoding) out_.word(e_.decoded_under);
    if (sections & of_texts) texts();
    if (sections & of_restart) restart();
  }

 private:
  void time(Time t) { out_.varint(times_.next(t)); }
  void asset(AssetId id) { out_.varint(id == no_asset ? 0 : names_.asset(id) + std::uint64_t{1}); }
  void signal(SignalId id) { out_.varint(id == no_signal ? 0 : names_.signal(id) + std::uint64_t{1}); }

  void source() {
    out_.text(e_.source);
    out_.text(e_.position);
    const Ledger& l = e_.counts;
    for (const std::uint64_t n : {l.received, l.stored, l.duplicate, l.conflict, l.dead_letter, l.rejected, l.in_flight}) out_.varint(n);
  }

  // The hot sections, this one and the texts, are written without a look at the string's size in between.
  void readings() {
    const auto& rows = e_.readings;
    out_.varint(rows.size());
    const std::size_t before = bytes_.size();
    const std::size_t most = rows.size() * (4 * longest_varint + sizeof(double));
    bytes_.resize_and_overwrite(before + most, [&](char* start, std::size_t) {
      char* p = start + before;
      for (const StoredReading& r : rows) p = put_varint(p, names_.signal(r.signal));
      for (const StoredReading& r : rows) p = put_varint(p, times_.next(r.time));
      for (const StoredReading& r : rows) {
        std::memcpy(p, &r.value, sizeof r.value);
        p += sizeof r.value;
      }
      for (const StoredReading& r : rows) p = put_varint(p, reading_word(r));
      for (const StoredReading& r : rows) {
        if (r.given != r.quality) p = put_varint(p, packed(r.given));
      }
      return static_cast<std::size_t>(p - start);
    });
  }

  void conflicts() {
    out_.varint(e_.conflicts.size());
    for (const Conflict& c : e_.conflicts) {
      signal(c.signal);
      time(c.time);
      out_.real(c.value);
      out_.varint(packed(c.quality));
    }
  }
  void texts() {
    const Sayings& sayings = e_.texts.sayings();
    out_.varint(sayings.size());
    for (std::uint32_t number = 0; number < sayings.size(); ++number) {
      out_.text(sayings[number].name);
      out_.text(sayings[number].text);
    }
    const auto& rows = e_.texts.rows();
    out_.varint(rows.size());
    const std::size_t before = bytes_.size();
    bytes_.resize_and_overwrite(before + rows.size() * 3 * longest_varint, [&](char* start, std::size_t) {
      char* p = start + before;
      for (const KeptTexts::Row& t : rows) {
        p = put_varint(p, t.asset == no_asset ? 0 : names_.asset(t.asset) + std::uint64_t{1});
        p = put_varint(p, times_.next(t.time));
        p = put_varint(p, t.saying);
      }
      return static_cast<std::size_t>(p - start);
    });
  }
  void rejected() {
    out_.varint(e_.rejected.size());
    for (const Rejected& r : e_.rejected) {
      out_.varint(r.item);
      out_.text(name_of(r.reason));
      out_.text(r.text);
      out_.text(r.bytes);
    }
  }
  void unmapped() {
    out_.varint(e_.unmapped.size());
    for (const std::string& topic : e_.unmapped) out_.text(topic);
  }
  void findings() {
    out_.varint(e_.findings.size());
    for (const Finding& f : e_.findings) {
      const std::uint64_t flags = (f.begins ? 1u : 0u) | (f.doubtful ? 2u : 0u) | (f.p ? 4u : 0u) | (f.low ? 8u : 0u) | (f.high ? 16u : 0u);
      out_.varint(flags);
      asset(f.asset);
      signal(f.signal);
      out_.text(f.rule);
      out_.varint(f.item);
      time(f.time);
      for (const double v : {f.value, f.score, f.statistic, f.limit}) out_.real(v);
      for (const auto& v : {f.p, f.low, f.high}) {
        if (v) out_.real(*v);
      }
      out_.varint(f.priority);
      out_.text(f.cause);
    }
  }
  void transitions() {
    out_.varint(e_.transitions.size());
    for (const Transition& t : e_.transitions) {
      out_.varint((static_cast<std::uint64_t>(t.kind) << 1) | (t.doubtful ? 1u : 0u));
      out_.text(t.id);
      asset(t.asset);
      signal(t.signal);
      out_.text(t.rule);
      out_.varint(t.priority);
      out_.text(t.cause);
      out_.real(t.value);
      out_.real(t.limit);
      out_.varint(t.count);
      time(t.event_time);
      time(t.arrival);
      out_.text(t.actor);
      out_.text(t.note);
    }
  }
  void command() {
    const Command& c = e_.command;
    for (const std::string* field : {&c.actor, &c.verb, &c.asset, &c.target, &c.note}) out_.text(*field);
  }
  void states() {
    out_.varint(e_.states.size());
    for (const AssetState& s : e_.states) {
      out_.text(s.asset);
      out_.varint(s.sequence);
      out_.word(s.settings);
      out_.text(s.bytes);
    }
  }
  void restart() {
    out_.varint(e_.restart.states_from);
    out_.varint(e_.restart.rerun_from);
  }
  void gap() {
    out_.varint(e_.gap_from);
    out_.varint(e_.gap_to);
    out_.text(e_.gap_reason);
  }
  void topics() {  // as many as there are rejected
    for (const Rejected& r : e_.rejected) out_.text(r.topic);
  }
  void call() {
    for (const std::string* field : {&e_.call.key, &e_.call.body, &e_.call.verdicts}) out_.text(*field);
  }
  void replayed() {
    out_.varint(e_.replayed.size());
    for (const std::uint64_t letter : e_.replayed) out_.varint(letter);
  }
  void replacing() {
    out_.varint(static_cast<std::uint64_t>(std::ranges::count_if(e_.conflicts, &Conflict::replaces)));
    for (std::size_t i = 0; i < e_.conflicts.size(); ++i) {
      if (!e_.conflicts[i].replaces) continue;
      out_.varint(i);
      out_.real(e_.conflicts[i].displaced);
    }
  }

  const Entry& e_;
  SegmentNames& names_;
  std::string& bytes_;
  ByteWriter out_;
  TimeWriter times_;
};

}  // namespace

void encode_entry(const Entry& entry, SegmentNames& names, std::string& out) { Encoder(entry, names, out).all(); }

}  // namespace telltale::stores
