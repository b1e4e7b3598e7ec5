// The embedded store put together: a lock, a journal, what stays of it, tables, history, a reader.
#include <algorithm>

#include "core/log.h"
#include "stores/beside_reader.h"
#include "stores/local_projection.h"
#include "stores/local_reader.h"
#include "stores/reserve.h"
#include "stores/upgrade.h"

namespace telltale::stores {
namespace {

constexpr std::size_t entries_at_once = 256;  // of one transaction

/// A segment takes a sixteenth of a small disk, and history is cut from as much less of the journal, so that a gateway's disk can be
/// full of readings and not of room for them.
LocalOptions fitting(const Disk& disk, const std::string& directory, LocalOptions options) {
  const auto space = disk.space(directory);
  const std::uint64_t mib = 1u << 20, share = space ? space->total / 16 / mib * mib : ~std::uint64_t{0};
  const std::size_t wanted = options.segment_bytes;
  options.segment_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, std::max(share, mib)));
  if (options.segment_bytes < wanted)
    options.cut_journal_bytes = static_cast<std::size_t>(std::uint64_t{options.cut_journal_bytes} * options.segment_bytes / wanted);
  return options;
}

Disk& disk_of(const LocalOptions& options) { return options.disk != nullptr ? *options.disk : Disk::system(); }

TablesPlace tables_in(const std::string& directory, const LocalOptions& options) {
  return {disk_of(options), directory + "/telltale.sqlite", options.sqlite_vfs};
}

class LocalStore final : public Store {
 public:
  static Result<std::unique_ptr<LocalStore>> open(const std::string& directory, Names& names, const LocalOptions& options) {
    std::unique_ptr<LocalStore> store(new LocalStore(directory, names, options));
    if (auto done = store->load(); !done) return std::unexpected(done.error());
    return store;
  }
  ~LocalStore() override { work_.reset(); }  // it reports to the tables

  Journal& journal() override { return *journal_; }
  Projection& projection() override { return *projection_; }
  const Reader& reader() const override { return *reader_; }
  Cursors& cursors() override { return *tables_; }
  Result<bool> step() override { return work_->step(); }
  Result<void> compact() override {
    if (auto done = work_->cut(); !done) return done;
    return work_->compact();
  }
  Result<Space> space() const override {
    auto space = disk_.space(directory_);
    if (!space) return space;
    space->used = used();
    space->most = options_.most_bytes;
    space->files_gone = work_->files_gone();
    return space;
  }
  Result<void> still_there() const override {
    if (lock_->stands(directory_ + "/lock")) return {};
    return failed(ErrorKind::storage, "the data directory '" + directory_ + "' was removed or replaced while it was in use",
                  "look what took it away, put it back and start again");
  }
  void hold_reserve(bool hold) override {
    if (hold)
      reserve_.hold();
    else
      reserve_.give_up();
  }

 private:
  LocalStore(std::string directory, Names& names, const LocalOptions& options)
      : disk_(disk_of(options)), directory_(std::move(directory)), names_(names), options_(options), reserve_(disk_, directory_) {}
  Result<void> load();
  Result<void> load_history();
  Result<void> load_tables();
  Result<void> build_tables();
  Result<void> agree();
  Result<void> list_lost(const Undelivered&);
  std::uint64_t used() const;

  Disk& disk_;
  const std::string directory_;
  Names& names_;
  const LocalOptions options_;
  Reserve reserve_;
  std::unique_ptr<FileLock> lock_;  // ends last
  std::unique_ptr<LocalJournal> journal_;
  std::unique_ptr<EventsLog> events_;
  std::unique_ptr<LocalTables> tables_;
  std::unique_ptr<History> history_;
  std::unique_ptr<HistoryWork> work_;
  std::unique_ptr<LocalProjection> projection_;
  std::unique_ptr<LocalReader> reader_;
};

/// Puts what was opened where it belongs.
template <typename T>
Result<void> keep(std::unique_ptr<T>& place, Result<std::unique_ptr<T>> opened) {
  if (!opened) return std::unexpected(opened.error());
  place = std::move(*opened);
  return {};
}

Result<void> LocalStore::load() {
  // Also where it stands already: an earlier start may have died before its name was on disk.
  if (auto done = disk_.make_directory(directory_); !done && !disk_.exists(directory_)) return done;
  if (auto done = keep(lock_, disk_.lock(directory_ + "/lock")); !done) return done;
  const LocalOptions options = fitting(disk_, directory_, options_);
  const JournalOptions journal{.segment_bytes = options.segment_bytes};
  if (auto done = keep(journal_, LocalJournal::open(disk_, directory_ + "/journal", names_, journal)); !done) return done;
  if (auto done = keep(events_, EventsLog::open(disk_, directory_ + "/events", names_)); !done) return done;
  if (auto done = load_history(); !done) return done;
  if (auto done = load_tables(); !done) return done;
  if (auto done = agree(); !done) return done;
  history_->on_damage([this](const Undelivered& lost) { (void)tables_->lose(lost); });
  history_->on_replaced_in_files([this](std::span<const Replacement> written) { tables_->replaced_in_files(written); });
  work_ = std::make_unique<HistoryWork>(*history_, Retention{options_.keep_raw, options_.keep_minute, options_.keep_hour},
                                        Bound{options_.most_bytes, [this] { return used(); }}, options_.background);
  projection_ = std::make_unique<LocalProjection>(LocalProjection::Parts{*journal_, *events_, *tables_, *history_, *work_}, options);
  auto questions = TableQuestions::open(tables_in(directory_, options_));
  if (!questions) return std::unexpected(questions.error());
  if (auto done = restore_replacements(**questions, names_, *history_); !done) return done;
  reader_ = std::make_unique<LocalReader>(*history_, std::move(*questions));
  return {};
}

/// With what tables of the form before still hold of it.
Result<void> LocalStore::load_history() {
  const std::string blocks = directory_ + "/blocks";
  if (auto done = keep(history_, History::open(disk_, blocks, names_)); !done) return done;
  const auto upgraded = upgrade_tables(tables_in(directory_, options_), *history_);
  if (!upgraded) return std::unexpected(upgraded.error());
  return *upgraded ? keep(history_, History::open(disk_, blocks, names_)) : Result<void>{};
}

/// Tables that are behind what left the journal are lost ones, or an older copy: they are built from what stays of it.
Result<void> LocalStore::load_tables() {
  const TablesPlace place = tables_in(directory_, options_);
  if (auto done = keep(tables_, LocalTables::open(place, names_)); !done) return done;
  if (tables_->applied() >= events_->last()) return {};
  if (tables_->applied() > 0) {
    tables_.reset();
    const auto aside = set_aside(place);
    if (!aside) return std::unexpected(aside.error());
    log(LogLevel::error, "store", place.path, "the tables are older than the journal's remains: set aside and built again",
        {{"as", *aside}});
    if (auto done = keep(tables_, LocalTables::open(place, names_)); !done) return done;
  }
  return build_tables();
}

Result<void> LocalStore::build_tables() {
  log(LogLevel::warning, "store", directory_, "building the tables again",
      {{"from", std::to_string(events_->first())}, {"to", std::to_string(events_->last())}});
  for (Sequence from = 1; from <= events_->last();) {
    std::vector<Entry> entries;
    const auto next = events_->read(from, [&](const Entry& e) { return entries.push_back(e), entries.size() < entries_at_once; });
    if (!next) return std::unexpected(next.error());
    if (entries.empty()) break;
    if (auto done = tables_->apply(entries); !done) return done;
    from = *next;
  }
  return {};
}

/// What was numbered already, and what is nowhere any more. A number must never be given twice: tables and history would take the
/// second for done.
Result<void> LocalStore::agree() {
  const Sequence numbered = std::max({tables_->applied(), history_->durable(), events_->last()});
  if (numbered > journal_->last()) {
    Entry gap;
    gap.kind = EntryKind::gap;
    gap.sequence = gap.gap_to = numbered;
    gap.gap_from = journal_->last() + 1;
    gap.gap_reason = "the journal ends before what was built from it";
    if (auto done = journal_->append({&gap, 1}); !done) return done;
    if (auto done = list_lost({.sink = "journal", .from = gap.gap_from, .to = gap.gap_to, .reason = gap.gap_reason}); !done) return done;
  }
  const Sequence first = journal_->first();
  if (tables_->applied() + 1 < first) {
    const std::string reason = "the tables were lost and neither journal nor events reach back";
    if (auto done = list_lost({.sink = "journal", .from = tables_->applied() + 1, .to = first - 1, .reason = reason}); !done) return done;
  }
  if (history_->durable() + 1 < first) {
    const std::string reason = "files of history were lost and the journal does not reach back";
    if (auto done = list_lost({.sink = "history", .from = history_->durable() + 1, .to = first - 1, .reason = reason}); !done) return done;
  }
  for (const LostBlock& lost : history_->lost()) {
    const MissingTime missing{.begin = lost.begin, .end = lost.end};
    if (auto done = list_lost({.sink = "history", .from = lost.from, .to = lost.to, .reason = lost.reason, .missing = missing}); !done)
      return done;
  }
  return {};
}

/// Bytes of all files; what SQLite keeps beside its own ones is not worth a question.
std::uint64_t LocalStore::used() const {
  std::uint64_t bytes = journal_->bytes() + events_->bytes();
  for (const auto& block : *history_->blocks().blocks()) bytes += block->bytes;
  for (const char* ending : {"", "-wal"}) {
    const std::string path = directory_ + "/telltale.sqlite" + ending;
    const auto file = disk_.exists(path) ? disk_.open_to_read(path) : failed(ErrorKind::storage, "");
    const auto size = file ? (*file)->size() : failed(ErrorKind::storage, "");
    bytes += size.value_or(0);
  }
  return bytes;
}

Result<void> LocalStore::list_lost(const Undelivered& lost) {
  log(LogLevel::error, "store", "", "a range is missing",
      {{"where", lost.sink}, {"from", std::to_string(lost.from)}, {"to", std::to_string(lost.to)}, {"why", lost.reason}});
  Undelivered dated = lost;
  dated.at = std::chrono::system_clock::now();
  return tables_->lose(dated);
}

}  // namespace

Result<std::unique_ptr<Store>> open_local(const std::string& directory, Names& names, const LocalOptions& options) {
  auto store = LocalStore::open(directory, names, options);
  if (!store && store.error().kind == ErrorKind::disk_full && Reserve(disk_of(options), directory).give_up()) {
    store = LocalStore::open(directory, names, options);
  }
  if (!store) return std::unexpected(store.error());
  return std::unique_ptr<Store>(std::move(*store));
}

Result<std::unique_ptr<const Reader>> open_local_read_only(const std::string& directory, const LocalOptions& options) {
  auto reader = BesideReader::open(disk_of(options), directory, tables_in(directory, options));
  if (!reader) return std::unexpected(reader.error());
  return std::unique_ptr<const Reader>(std::move(*reader));
}

}  // namespace telltale::stores
