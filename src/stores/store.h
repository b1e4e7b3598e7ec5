// A store answers questions. Its journal is the truth; everything else is built from the journal by a projection.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/entry.h"
#include "core/names.h"
#include "core/result.h"
#include "stores/space.h"

namespace telltale::stores {

class Journal {  // the truth: files in `local`, a PostgreSQL table where engines share
 public:
  virtual ~Journal() = default;
  /// Commit thread. Durable on return, all or nothing; sequences stand in the entries and are consecutive: the first is last() + 1,
  /// or any number in an empty journal. Nothing is acknowledged after an error. disk_full: nothing is in the journal, the same append
  /// may come again; storage: what is on the disk is unknown, the program ends with status 74 and a restart finds out.
  virtual Result<void> append(std::span<const Entry>) = 0;
  /// Any thread. Entries with sequence >= from, in order, until `each` returns false (that one counts as read) or the end; returns the
  /// sequence to go on with. What was released is passed over. A damaged range arrives as an Entry of kind gap whose sequence is its
  /// last one; its neighbours follow. The entry lives until `each` returns.
  virtual Result<Sequence> read(Sequence from, const std::function<bool(const Entry&)>& each) const = 0;
  virtual Sequence first() const = 0;  // the oldest entry that still stands; 0: empty
  virtual Sequence last() const = 0;   // the newest durable entry; 0: empty
  /// Any thread. Cursors, saved states and the projection's durable() are past it: what lies before may go, in whole segments.
  virtual Result<void> release(Sequence before) = 0;
  virtual std::size_t bytes() const = 0;
  /// What entries from `from` on take, to about 64 KiB: how far a reader that stands there is behind. Any thread.
  virtual std::size_t bytes_from(Sequence from) const { return from > last() ? 0 : bytes(); }
};

class Projection {  // tables and history: built from the journal, and only from it
 public:
  virtual ~Projection() = default;
  /// One thread. Idempotent by sequence; one transaction.
  /// errors   disk_full: nothing of it is applied, the same may come again; storage: nothing of it is applied. A database found damaged
  ///          has been set aside: the next open builds it again.
  virtual Result<void> apply(std::span<const Entry>) = 0;
  virtual Sequence applied() const = 0;   // queries see everything up to here
  virtual Sequence durable() const = 0;   // survives power loss; the journal keeps what follows
  virtual Result<void> checkpoint() = 0;  // moves durable() up to applied()
  /// Every few seconds, from the same thread: moves durable() on as far as is cheap, and gives back the journal that nobody needs any
  /// more. @param keep_from  the lowest entry that others (sinks, saved states) still need
  virtual Result<void> tidy(Sequence keep_from) = 0;
  /// The engine ends in order: what the next start would have to read from the journal again is put where it belongs, if it is much.
  virtual Result<void> finish() { return {}; }
};

/// The id of a reading: a hash of its key, below 2^53 so that every JSON reader keeps it whole.
std::uint64_t reading_id(std::string_view asset, std::string_view signal, Time);

/// One row of history.
struct HistoryPoint {
  std::uint64_t id;  // stable per reading: reading_id()
  Time time;
  double value;
  Quality quality;
  bool anomaly;
};

/// What happened to a signal within a slice of time. No reading: count is 0 and it is not listed (a gap).
struct Bucket {
  Time from;
  std::uint64_t count = 0, anomalies = 0, not_good = 0;
  double min = 0, max = 0, first = 0, last = 0, sum = 0;
  Time first_time{}, last_time{};
  Quality quality;  // the worst grade and all reasons within
};

struct SignalStatistics {
  std::uint64_t count = 0, good = 0, anomalies = 0;
  double min = 0, max = 0, mean = 0, deviation = 0;  // of the sample, over readings that are not bad; NaN when there are none
  std::optional<Time> first, last;
};

struct AlarmRow {
  std::string id, asset, signal, rule, cause;  // signal "*": the asset as a whole
  Priority priority = 3;
  double value = 0, limit = 0;
  std::uint64_t count = 1;
  bool doubtful = false;
  Time raised{}, raised_arrival{}, updated{}, updated_arrival{};
  std::optional<Time> acknowledged, cleared, cleared_arrival;
  std::string acknowledged_by, note;
  bool open() const { return !cleared; }
};

/// The id of an anomaly: finding `index` of an entry. The live stream and the tables say the same.
constexpr std::uint64_t anomaly_id(Sequence sequence, std::size_t index) { return sequence << 20 | index; }

struct AnomalyRow {
  std::uint64_t id;  // anomaly_id()
  std::string asset, signal, rule, cause;
  Time time, arrival;
  double value, score, statistic, limit;
  std::optional<double> p, low, high;
  Priority priority;
  bool begins, doubtful;
};

/// The id of a dead letter: rejected item `index` of an entry. (Tables written before form 2 counted them up from 1.)
constexpr std::uint64_t dead_letter_id(Sequence sequence, std::size_t index) { return sequence << 20 | index; }

struct DeadLetterRow {
  std::uint64_t id = 0;
  std::string source, reason, text, bytes, topic = {};
  Time first{}, last{};
  std::uint64_t count = 1;          // as many as it stands for
  std::uint64_t replays = 0;        // how often it was decoded once more
  std::optional<Time> replayed;     // when that gave readings
  std::uint64_t decoded_under = 0;  // a hash of its source's settings; 0: not known
  std::string_view stage() const { return source.starts_with("sink ") ? "deliver" : "decode"; }
};

struct DeadLetterFilter {      // answered newest first
  std::string source, reason;  // empty: all
  std::optional<std::uint64_t> id, before_id;
  std::optional<bool> replayed;
  std::size_t limit = 1000;
};

/// A reading whose key stood already with another value.
struct ConflictRow {
  Sequence sequence = 0;
  std::string asset, signal;
  Time time{};
  double value = 0;  // that came second
  Quality quality;
  bool replaces = false;  // it stands now
  double displaced = 0;   // what stood before; only with `replaces`
};

/// A call with an Idempotency-Key, as long as it is remembered.
struct KeyedCallRow {
  KeyedCall call;
  Time at{};
};

/// When the readings were that are missing, and whose they were, as far as that is known.
struct MissingTime {
  std::optional<Time> begin, end;       // unset: not known
  std::string asset = {}, signal = {};  // empty: any
};

/// A range of entries that is not in the tables (place "journal"), a piece of history (place "history"), or not at a sink (its name).
struct GapRow {
  std::string place;
  Sequence from = 0, to = 0;  // inclusive
  std::uint64_t count = 0;    // readings and other things lost, where known
  std::string reason;
  Time at{};  // when it was found
  MissingTime missing = {};
};

struct Window {  // from inclusive, to exclusive; unset: open
  std::optional<Time> from, to;
};

struct AlarmFilter {  // answered newest raised first
  std::optional<bool> open;
  std::string asset, signal;  // empty: all
  std::optional<Priority> priority;
  Window window;  // by raise time
  std::size_t limit = 1000;
};
struct AnomalyFilter {  // answered newest first
  std::string asset, signal;
  Window window;
  bool only_begins = true;  // one row per event
  std::size_t limit = 1000;
};

/// The newest reading of a signal; names are valid during the call that gives it.
struct NewestReading {
  SignalId id;  // in the names that the store was opened with; a reader beside the engine has its own
  std::string_view asset, signal;
  Time time;
  double value;
  Quality quality;
  bool anomaly;
};

/// Questions; any thread. Names as text: what is asked for may be unknown, then the answer is empty.
class Reader {
 public:
  virtual ~Reader() = default;
  /// The newest `limit` points of the window, oldest first.
  virtual Result<std::vector<HistoryPoint>> points(std::string_view asset, std::string_view signal, Window, std::size_t limit,
                                                   bool only_anomalies = false) const = 0;
  /// At most `max` buckets of equal width over the window; min, max, first and last survive.
  virtual Result<std::vector<Bucket>> buckets(std::string_view asset, std::string_view signal, Window, std::size_t max) const = 0;
  virtual Result<SignalStatistics> statistics(std::string_view asset, std::string_view signal, Window) const = 0;
  virtual Result<std::vector<AlarmRow>> alarms(const AlarmFilter&) const = 0;
  virtual Result<std::optional<AlarmRow>> alarm(std::string_view id) const = 0;
  virtual Result<std::vector<AnomalyRow>> anomalies(const AnomalyFilter&) const = 0;
  virtual Result<std::vector<DeadLetterRow>> dead_letters(const DeadLetterFilter&) const = 0;
  virtual Result<std::vector<ConflictRow>> conflicts(std::size_t limit) const = 0;       // newest first
  virtual Result<std::vector<GapRow>> gaps(std::size_t limit) const = 0;                 // newest first
  virtual Result<std::map<std::string, Ledger>> ledger() const = 0;                      // per source, over all time
  virtual Result<std::map<std::string, Position>> positions() const = 0;                 // per source, of its newest applied batch
  virtual Result<std::vector<std::pair<std::string, std::string>>> signals() const = 0;  // (asset, signal) that have history
  /// The newest reading of every signal that has history; cheap for a hundred thousand.
  virtual Result<void> newest(const std::function<void(const NewestReading&)>& each) const = 0;
  virtual Result<std::vector<KeyedCallRow>> keyed_calls() const { return {}; }  // of the last day
  /// Newest messages with their kept texts (S1's /readings and /faults): value per signal and text, newest `limit`, oldest first.
  struct KeptMessage {
    std::string asset;
    Time time;
    std::map<std::string, double> values;
    std::map<std::string, std::string> texts;
  };
  virtual Result<std::vector<KeptMessage>> messages(std::string_view asset, std::size_t limit, std::string_view text_name = {},
                                                    std::string_view not_equal = {}) const = 0;
  /// The values that stand under these times of one signal, in the same order: bits tell duplicate from conflict. Times ascend.
  virtual Result<std::vector<std::optional<double>>> find_all(std::string_view asset, std::string_view signal,
                                                              std::span<const Time> times) const = 0;
  Result<std::optional<double>> find(std::string_view asset, std::string_view signal, Time time) const {
    const auto found = find_all(asset, signal, std::span(&time, 1));
    if (!found) return std::unexpected(found.error());
    return found->front();
  }
  /// May one more value take the place of another? False: too many have that no file says yet.
  virtual bool may_replace() const { return true; }
};

/// A range of the journal that a sink will never deliver: its budget or a damage took it away. Contract C1: it is listed. (One thing
/// that the other side refuses for good is a dead letter and comes back as an input.)
struct Undelivered {
  std::string sink;
  Sequence from = 0, to = 0;  // inclusive
  std::uint64_t count = 0;    // things (readings, anomalies, alarms) within it
  std::string reason;         // "budget", "damaged"
  Time at{};
  MissingTime missing = {};
};

/// A range that a sink with the policy `reject_new` will never be offered. What it holds is listed when the sink comes there.
struct RefusedRange {
  Sequence from = 0, to = 0;  // inclusive
};

/// Where sinks stand. Any thread. What is saved here is written with the next transaction of the projection, so it is never ahead of
/// what is listed; after a crash an older cursor only repeats.
class Cursors {
 public:
  virtual ~Cursors() = default;
  virtual Result<Sequence> load(const std::string& sink) const = 0;  // the next entry it wants; 0: never saved
  virtual Result<void> save(const std::string& sink, Sequence next) = 0;
  virtual Result<void> lose(const Undelivered&) = 0;  // before the cursor that passes it is saved
  virtual std::vector<RefusedRange> refused(const std::string& sink) const = 0;
  virtual void refuse(const std::string& sink, const std::vector<RefusedRange>& all) = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Journal& journal() = 0;
  virtual Projection& projection() = 0;
  virtual const Reader& reader() const = 0;
  virtual Cursors& cursors() = 0;
  /// Room of the disk that the store is on. errors  storage
  virtual Result<Space> space() const { return Space{}; }
  /// errors  storage: the data directory was removed or replaced while it was in use; what is written from now on could never be read
  virtual Result<void> still_there() const { return {}; }
  /// Holds some room back, which is given up when the disk is full: then tables can still be brought up to the journal and closed.
  virtual void hold_reserve(bool) {}
  /// A piece of what is otherwise done in the background; false: there is nothing to do. Only where the store was opened without it.
  /// errors   storage
  virtual Result<bool> step() { return false; }
  /// Brings everything in memory into files and these into as few as can be. errors  storage, disk_full
  virtual Result<void> compact() { return {}; }
};

class Disk;

/// How the embedded store lies on its disk. Tests make everything small, and run it on a disk that breaks.
struct LocalOptions {
  Disk* disk = nullptr;                                // null: the system's
  std::string sqlite_vfs = {};                         // SQLite's name of that disk; empty: the system's
  std::size_t segment_bytes = 64u << 20;               // of the journal
  std::size_t cut_bytes = 8u << 20;                    // so much history in memory becomes a block file
  std::size_t cut_journal_bytes = 32u << 20;           // or so much journal that is kept for it
  Nanoseconds keep_raw{}, keep_minute{}, keep_hour{};  // how long history is kept; zero: for ever
  std::uint64_t most_bytes = 0;                        // of the directory: beyond it the oldest days go; 0: no bound
  bool background = true;                              // false: Store::step does it, in the caller's thread
};

/// Opens or makes the embedded store in one directory. A damaged file never prevents the start: it is set aside and said.
/// errors   storage: cannot be made or locked (another engine has it), with path and reason; config: written by a newer version
Result<std::unique_ptr<Store>> open_local(const std::string& directory, Names& names, const LocalOptions& options = {});
/// Without writing, for command-line words beside a running engine or on a stopped one.
Result<std::unique_ptr<const Reader>> open_local_read_only(const std::string& directory, const LocalOptions& options = {});

}  // namespace telltale::stores
