// Bytes become an entry again. Whatever they hold, nothing is read beyond them and nothing unknown is passed over.
#include <cstring>

#include "core/bytes.h"
#include "stores/entry_codec.h"
#include "stores/entry_sections.h"
#include "stores/quality_word.h"

namespace telltale::stores {
namespace {

/// The times that the encoder wrote as differences of neighbours.
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
    if (sections & of_texts_in_full) texts_in_full();
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
    if (sections & of_replacing) replacing();
    if (sections & of_decoding) e_.decoded_under = in_.word();
    if (sections & of_texts) texts();
    if (sections & of_restart) restart();
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
  void texts_in_full() {
    for (std::size_t n = in_.count(4); n > 0 && !in_.failed(); --n) {
      const AssetId id = asset();
      const Time at = time();
      const std::string_view name = in_.text();
      e_.texts.push_back({id, at, name, in_.text()});
    }
  }
  /// What the encoder numbered may have other numbers here: bytes may say the same twice.
  void texts() {
    std::vector<std::uint32_t> sayings(in_.count(2));
    for (std::uint32_t& saying : sayings) {
      const std::string_view name = in_.text();
      saying = e_.texts.sayings().number_of(name, in_.text());
    }
    for (std::size_t n = in_.count(3); n > 0 && !in_.failed(); --n) {
      const AssetId id = asset();
      const Time at = time();
      const std::uint64_t number = in_.varint();
      unknown_ |= number >= sayings.size();
      if (unknown_) return;
      e_.texts.add({id, sayings[number], at});
    }
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
  void restart() {
    e_.restart.states_from = in_.varint();
    e_.restart.rerun_from = in_.varint();
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
    unknown_ |= e_.call.key.empty();  // nobody writes a call without its key
  }
  void replayed() {
    list(e_.replayed, 1, [&](std::uint64_t& letter) { letter = in_.varint(); });
  }
  void replacing() {
    for (std::size_t n = in_.count(1 + sizeof(double)); n > 0 && !in_.failed(); --n) {
      const std::uint64_t index = in_.varint();
      const double displaced = in_.real();
      unknown_ |= index >= e_.conflicts.size();
      if (unknown_) return;
      e_.conflicts[index].replaces = true;
      e_.conflicts[index].displaced = displaced;
    }
  }

  ByteReader in_;
  const std::uint64_t known_sections_;
  const Dictionary& names_;
  Entry& e_;
  TimeReader times_;
  bool unknown_ = false;
};

}  // namespace

bool decode_entry(EntryKind kind, std::uint16_t version, Sequence sequence, std::string_view payload, const Dictionary& dictionary,
                  Entry& entry) {
  if (version == 0 || version > entry_version(kind)) return false;
  entry.clear();
  entry.kind = kind;
  entry.sequence = sequence;
  return Decoder(payload, version, dictionary, entry).all();
}

}  // namespace telltale::stores
