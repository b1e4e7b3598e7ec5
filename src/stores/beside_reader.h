// Reads a data directory beside the engine that writes it, or one that no engine has: without changing anything.
#pragma once

#include <type_traits>

#include "stores/local_journal.h"
#include "stores/local_reader.h"

namespace telltale::stores {

/// What the engine has in memory is in its journal: each question first looks whether something was added there.
class BesideReader final : public TableAnswers {
 public:
  /// errors   config: nothing is stored there, or it was written by another version; storage
  static Result<std::unique_ptr<BesideReader>> open(Disk&, const std::string& directory, const TablesPlace&);

  Result<std::vector<HistoryPoint>> points(std::string_view asset, std::string_view signal, Window, std::size_t limit,
                                           bool only_anomalies) const override;
  Result<std::vector<Bucket>> buckets(std::string_view asset, std::string_view signal, Window, std::size_t max) const override;
  Result<SignalStatistics> statistics(std::string_view asset, std::string_view signal, Window) const override;
  Result<std::vector<std::pair<std::string, std::string>>> signals() const override;
  Result<void> newest(const std::function<void(const NewestReading&)>& each) const override;
  Result<std::vector<KeptMessage>> messages(std::string_view asset, std::size_t limit, std::string_view text_name,
                                            std::string_view not_equal) const override;
  Result<std::vector<std::optional<double>>> find_all(std::string_view asset, std::string_view signal,
                                                      std::span<const Time> times) const override;

 private:
  BesideReader(Disk& disk, std::string directory, std::shared_ptr<const TableQuestions> tables)
      : TableAnswers(std::move(tables)), disk_(disk), directory_(std::move(directory)) {}

  /// The directory as it was at one moment.
  struct Standing {
    std::vector<std::string> blocks, journal_files;
    Names names{~std::size_t{0}};
    std::unique_ptr<History> history;
    std::unique_ptr<LocalJournal> journal;
    std::unique_ptr<LocalReader> reader;
  };
  Result<std::shared_ptr<Standing>> load() const;
  Result<void> read_journal(Standing&) const;
  Result<std::vector<std::string>> list(const std::string& name) const;
  template <typename Question>
  auto ask(Question question) const -> std::invoke_result_t<Question, const LocalReader&>;
  /// As the directory is now.
  Result<std::shared_ptr<const Standing>> now() const;

  Disk& disk_;
  const std::string directory_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<Standing> standing_;
};

}  // namespace telltale::stores
