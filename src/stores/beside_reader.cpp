// A view of the files as they are at each question.
#include "stores/beside_reader.h"

#include <type_traits>

namespace telltale::stores {
namespace {
constexpr int most_tries = 5;  // the engine may move a file just while it is being opened
}

Result<std::unique_ptr<BesideReader>> BesideReader::open(Disk& disk, const std::string& directory, const TablesPlace& place) {
  auto tables = TableQuestions::open(place);
  if (!tables) return std::unexpected(tables.error());
  std::unique_ptr<BesideReader> reader(new BesideReader(disk, directory, std::move(*tables)));
  if (const auto standing = reader->now(); !standing) return std::unexpected(standing.error());
  return reader;
}

Result<std::vector<std::string>> BesideReader::list(const std::string& name) const {
  const std::string path = directory_ + "/" + name;
  return disk_.exists(path) ? disk_.list(path) : std::vector<std::string>{};
}

Result<std::shared_ptr<BesideReader::Standing>> BesideReader::load() const {
  for (int tries = 1;; ++tries) {
    auto standing = std::make_shared<Standing>();
    auto blocks = list("blocks"), files = list("journal");
    if (!blocks || !files) return std::unexpected(blocks ? files.error() : blocks.error());
    standing->blocks = std::move(*blocks);
    standing->journal_files = std::move(*files);
    auto history = History::open(disk_, directory_ + "/blocks", standing->names, true);
    if (!history) {
      if (tries < most_tries && history.error().kind == ErrorKind::storage) continue;
      return std::unexpected(history.error());
    }
    standing->history = std::move(*history);
    if (auto done = restore_replacements(*tables_, standing->names, *standing->history); !done) return std::unexpected(done.error());
    const auto read = read_journal(*standing);
    const bool moved = read && standing->journal->first() > standing->history->durable() + 1;
    if ((!read || moved) && tries < most_tries) continue;
    if (!read) return std::unexpected(read.error());
    standing->reader = std::make_unique<LocalReader>(*standing->history, tables_);
    return standing;
  }
}

/// What came since, into memory: as the engine has it.
Result<void> BesideReader::read_journal(Standing& standing) const {
  auto journal = LocalJournal::open(disk_, directory_ + "/journal", standing.names, {.to_read = true});
  if (!journal) return std::unexpected(journal.error());
  standing.journal = std::move(*journal);
  const auto read = standing.journal->read(standing.history->applied() + 1, [&](const Entry& entry) {
    standing.history->put(entry);
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return {};
}

Result<std::shared_ptr<const BesideReader::Standing>> BesideReader::now() const {
  const std::lock_guard lock(mutex_);
  const auto blocks = list("blocks"), files = list("journal");
  if (!blocks || !files) return std::unexpected(blocks ? files.error() : blocks.error());
  if (!standing_ || standing_->blocks != *blocks || standing_->journal_files != *files) {
    auto loaded = load();
    if (!loaded) return std::unexpected(loaded.error());
    standing_ = std::move(*loaded);
  } else if (standing_->journal->has_grown()) {
    if (auto done = read_journal(*standing_); !done) return std::unexpected(done.error());
  }
  return standing_;
}

/// A file that the engine replaced between two looks is looked for again.
template <typename Question>
auto BesideReader::ask(Question question) const -> std::invoke_result_t<Question, const LocalReader&> {
  for (int tries = 1;; ++tries) {
    const auto standing = now();
    if (!standing) return std::unexpected(standing.error());
    auto answer = question(*(*standing)->reader);
    if (answer || answer.error().kind != ErrorKind::timeout || tries == most_tries) return answer;
    const std::lock_guard lock(mutex_);
    standing_.reset();
  }
}

Result<std::vector<HistoryPoint>> BesideReader::points(std::string_view asset, std::string_view signal, Window window, std::size_t limit,
                                                       bool only_anomalies) const {
  return ask([&](const LocalReader& reader) { return reader.points(asset, signal, window, limit, only_anomalies); });
}
Result<std::vector<Bucket>> BesideReader::buckets(std::string_view asset, std::string_view signal, Window window, std::size_t max) const {
  return ask([&](const LocalReader& reader) { return reader.buckets(asset, signal, window, max); });
}
Result<SignalStatistics> BesideReader::statistics(std::string_view asset, std::string_view signal, Window window) const {
  return ask([&](const LocalReader& reader) { return reader.statistics(asset, signal, window); });
}
Result<std::vector<std::pair<std::string, std::string>>> BesideReader::signals() const {
  return ask([&](const LocalReader& reader) { return reader.signals(); });
}
Result<void> BesideReader::newest(const std::function<void(const NewestReading&)>& each) const {
  return ask([&](const LocalReader& reader) { return reader.newest(each); });
}
Result<std::vector<Reader::KeptMessage>> BesideReader::messages(std::string_view asset, std::size_t limit, std::string_view text_name,
                                                                std::string_view not_equal) const {
  return ask([&](const LocalReader& reader) { return reader.messages(asset, limit, text_name, not_equal); });
}
Result<std::vector<std::optional<double>>> BesideReader::find_all(std::string_view asset, std::string_view signal,
                                                                  std::span<const Time> times) const {
  return ask([&](const LocalReader& reader) { return reader.find_all(asset, signal, times); });
}

}  // namespace telltale::stores
