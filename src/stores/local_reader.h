// The embedded store's answers: history and tables put together.
#pragma once

#include "stores/history.h"
#include "stores/table_answers.h"

namespace telltale::stores {

/// What tables know of values that stand in others' places, into history.
Result<void> restore_replacements(const TableQuestions&, Names&, History&);

class LocalReader final : public TableAnswers {
 public:
  LocalReader(const History& history, std::shared_ptr<const TableQuestions> tables) : TableAnswers(std::move(tables)), history_(&history) {}

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
  bool may_replace() const override { return history_->replacements().size() < Replacements::most; }

 private:
  Result<std::vector<Time>> newest_times(std::string_view asset, const std::vector<std::string>& signals, std::size_t limit,
                                         Window window) const;
  Result<std::vector<Time>> times_with_other_text(std::string_view asset, const std::vector<std::string>& signals, std::size_t limit,
                                                  std::string_view name, std::string_view not_equal) const;

  const History* history_;
};

}  // namespace telltale::stores
