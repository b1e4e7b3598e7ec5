// The payload of an entry: arrival, a word that says which sections follow, the sections in the order of their bits.
#include "stores/entry_codec.h"

#include <algorithm>
#include <cstring>

#include "core/bytes.h"
#include "core/fault.h"
#include "stores/quality_word.h"

namespace telltale::stores {
namespace {

// The bits are stored: never renumber them.
enum Section : std::uint64_t {
  of_source = 1u << 0,
  of_readings = 1u << 1,
  of_conflicts = 1u << 2,
  of_texts = 1u << 3,
  of_rejected = 1u << 4,
  of_unmapped = 1u << 5,
  of_findings = 1u << 6,
  of_transitions = 1u << 7,
  of_command = 1u << 8,
  of_configuration = 1u << 9,
  of_states = 1u << 10,
  of_gap = 1u << 11,
  of_topics = 1u << 12,  // from here on since form 2
  of_call = 1u << 13,
  of_replayed = 1u << 14,
};
constexpr std::uint64_t sections_of_version(std::uint16_t version) { return version == 1 ? (1u << 12) - 1 : (1u << 15) - 1; }

static_assert(static_cast<int>(Transition::Kind::raised) == 0 && static_cast<int>(Transition::Kind::updated) == 1 &&
                  static_cast<int>(Transition::Kind::acknowledged) == 2 && static_cast<int>(Transition::Kind::cleared) == 3,
              "the kinds of a transition are stored as these numbers");

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
  return s;
}

// The word of a reading: two flags, then its quality. A good, normal reading is one zero byte.
constexpr std::uint64_t is_anomaly = 1, was_given_other = 2;
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
class TimeReader {
 public:
  explicit TimeReader(Time start) : last_(static_cast<std::uint64_t>(ns_of(start))) {}
  Time next(std::uint64_t word) {
    last_ += static_cast<std::uint64_t>(unzigzag(word));
    return time_from_ns(static_cast<std::int64_t>(last_));
  }

 private:
  std::uint64_t last_;
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
    if (sections & of_texts) texts();
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

  // The hot section: columns, written without a look at the string's size in between.
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
    out_.varint(e_.texts.size());
    for (const KeptText& t : e_.texts) {
      asset(t.asset);
      time(t.time);
      out_.text(t.name);
      out_.text(t.text);
    }
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

  const Entry& e_;
  SegmentNames& names_;
  std::string& bytes_;
  ByteWriter out_;
  TimeWriter times_;
};

class Decoder {
 public:
  Decoder(std::string_view payload, std::uint16_t version, const Dictionary& dictionary, Entry& entry)
      : in_(payload), known_sections_(sections_of_version(version)), names_(dictionary), e_(entry), times_({}) {}

  bool all() {
    e_.arrival = time_from_ns(static_cast<std::int64_t>(in_.word()));
    times_ = TimeReader(e_.arrival);
    const std::uint64_t sections = in_.varint();
    if ((sections & ~known_sections_) != 0) return false;
    if (sections & of_source) source();
    if (sections & of_readings) readings();
    if (sections & of_conflicts) conflicts();
    if (sections & of_texts) texts();
    if (sections & of_rejected) rejected();
    if (sections & of_unmapped) unmapped();
    if (sections & of_findings) findings();
    if (sections & of_transitions) transitions();
    if (sections & of_command) command();
    if (sections & of_configuration) e_.configuration = in_.text();
    if (sections & of_states) states();
    if (sections & of_gap) gap();
    if (sections & of_topics) topics();
    if (sections & of_call) call();
    if (sections & of_replayed) replayed();
    return !in_.failed() && !unknown_ && in_.left() == 0;
  }

 private:
  Time time() { return times_.next(in_.varint()); }
  AssetId asset() {
    const std::uint64_t number = in_.varint();
    if (number == 0) return no_asset;
    const AssetId id = names_.asset(number - 1);
    unknown_ |= id == no_asset;
    return id;
  }
  SignalId known(std::uint64_t number) {
    const SignalId id = names_.signal(number);
    unknown_ |= id == no_signal;
    return id;
  }
  SignalId signal() {
    const std::uint64_t number = in_.varint();
    return number == 0 ? no_signal : known(number - 1);
  }
  /// Makes room for a list whose elements take at least `bytes_each` bytes and fills it.
  template <typename T, typename Fill>
  void list(std::vector<T>& rows, std::size_t bytes_each, Fill fill) {
    rows.resize(in_.count(bytes_each));
    for (T& row : rows) {
      if (in_.failed()) return;
      fill(row);
    }
  }

  void source() {
    e_.source = in_.text();
    e_.position = in_.text();
    Ledger& l = e_.counts;
    for (std::uint64_t* n : {&l.received, &l.stored, &l.duplicate, &l.conflict, &l.dead_letter, &l.rejected, &l.in_flight})
      *n = in_.varint();
  }
  void readings() {
    auto& rows = e_.readings;
    rows.resize(in_.count(3 + sizeof(double)));
    for (StoredReading& r : rows) r.signal = known(in_.varint());
    for (StoredReading& r : rows) r.time = time();
    if (const char* values = in_.raw(rows.size() * sizeof(double)); values != nullptr) {
      for (std::size_t i = 0; i < rows.size(); ++i) std::memcpy(&rows[i].value, values + i * sizeof(double), sizeof(double));
    }
    std::vector<StoredReading*> given_other;
    for (StoredReading& r : rows) {
      const std::uint64_t word = in_.varint();
      r.anomaly = (word & is_anomaly) != 0;
      r.given = r.quality = quality_of(word >> 2);
      if (word & was_given_other) given_other.push_back(&r);
    }
    for (StoredReading* r : given_other) r->given = quality_of(in_.varint());
  }
  void conflicts() {
    list(e_.conflicts, 11, [&](Conflict& c) {
      c.signal = signal();
      c.time = time();
      c.value = in_.real();
      c.quality = quality_of(in_.varint());
    });
  }
  void texts() {
    list(e_.texts, 4, [&](KeptText& t) {
      t.asset = asset();
      t.time = time();
      t.name = in_.text();
      t.text = in_.text();
    });
  }
  void rejected() {
    list(e_.rejected, 4, [&](Rejected& r) {
      r.item = static_cast<std::uint32_t>(in_.varint());
      r.reason = dead_letter_reason(in_.text()).value_or(DeadLetterReason::other);
      r.text = in_.text();
      r.bytes = in_.text();
      r.topic.clear();
    });
  }
  void unmapped() {
    list(e_.unmapped, 1, [&](std::string& topic) { topic = in_.text(); });
  }
  void findings() {
    list(e_.findings, 40, [&](Finding& f) {
      const std::uint64_t flags = in_.varint();
      f = Finding{};
      f.begins = (flags & 1) != 0;
      f.doubtful = (flags & 2) != 0;
      f.asset = asset();
      f.signal = signal();
      f.rule = in_.text();
      f.item = static_cast<std::uint32_t>(in_.varint());
      f.time = time();
      for (double* v : {&f.value, &f.score, &f.statistic, &f.limit}) *v = in_.real();
      if (flags & 4) f.p = in_.real();
      if (flags & 8) f.low = in_.real();
      if (flags & 16) f.high = in_.real();
      f.priority = static_cast<Priority>(in_.varint());
      f.cause = in_.text();
    });
  }
  void transitions() {
    list(e_.transitions, 27, [&](Transition& t) {
      const std::uint64_t flags = in_.varint();
      t.kind = static_cast<Transition::Kind>(flags >> 1 & 3);
      t.doubtful = (flags & 1) != 0;
      t.id = in_.text();
      t.asset = asset();
      t.signal = signal();
      t.rule = in_.text();
      t.priority = static_cast<Priority>(in_.varint());
      t.cause = in_.text();
      t.value = in_.real();
      t.limit = in_.real();
      t.count = in_.varint();
      t.event_time = time();
      t.arrival = time();
      t.actor = in_.text();
      t.note = in_.text();
    });
  }
  void command() {
    Command& c = e_.command;
    for (std::string* field : {&c.actor, &c.verb, &c.asset, &c.target, &c.note}) *field = in_.text();
  }
  void states() {
    list(e_.states, 11, [&](AssetState& s) {
      s.asset = in_.text();
      s.sequence = in_.varint();
      s.settings = in_.word();
      s.bytes = in_.text();
    });
  }
  void gap() {
    e_.gap_from = in_.varint();
    e_.gap_to = in_.varint();
    e_.gap_reason = in_.text();
  }
  void topics() {
    for (Rejected& r : e_.rejected) r.topic = in_.text();
  }
  void call() {
    for (std::string* field : {&e_.call.key, &e_.call.body, &e_.call.verdicts}) *field = in_.text();
  }
  void replayed() {
    list(e_.replayed, 1, [&](std::uint64_t& letter) { letter = in_.varint(); });
  }

  ByteReader in_;
  const std::uint64_t known_sections_;
  const Dictionary& names_;
  Entry& e_;
  TimeReader times_;
  bool unknown_ = false;
};

}  // namespace

void encode_entry(const Entry& entry, SegmentNames& names, std::string& out) { Encoder(entry, names, out).all(); }

bool decode_entry(EntryKind kind, std::uint16_t version, Sequence sequence, std::string_view payload, const Dictionary& dictionary,
                  Entry& entry) {
  if (version == 0 || version > entry_version(kind)) return false;
  entry.clear();
  entry.kind = kind;
  entry.sequence = sequence;
  return Decoder(payload, version, dictionary, entry).all();
}

}  // namespace telltale::stores
