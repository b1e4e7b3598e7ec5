// A reader's answers that come from the tables alone.
#pragma once

#include <memory>

#include "stores/table_questions.h"

namespace telltale::stores {

class TableAnswers : public Reader {
 public:
  Result<std::vector<AlarmRow>> alarms(const AlarmFilter& filter) const override { return tables_->alarms(filter); }
  Result<std::optional<AlarmRow>> alarm(std::string_view id) const override { return tables_->alarm(id); }
  Result<std::vector<AnomalyRow>> anomalies(const AnomalyFilter& filter) const override { return tables_->anomalies(filter); }
  Result<std::vector<DeadLetterRow>> dead_letters(const DeadLetterFilter& f) const override { return tables_->dead_letters(f); }
  Result<std::vector<ConflictRow>> conflicts(std::size_t limit) const override { return tables_->conflicts(limit); }
  Result<std::vector<KeyedCallRow>> keyed_calls() const override { return tables_->keyed_calls(); }
  Result<std::vector<GapRow>> gaps(std::size_t limit) const override { return tables_->gaps(limit); }
  Result<std::map<std::string, Ledger>> ledger() const override { return tables_->ledger(); }
  Result<std::map<std::string, Position>> positions() const override { return tables_->positions(); }

 protected:
  explicit TableAnswers(std::shared_ptr<const TableQuestions> tables) : tables_(std::move(tables)) {}

  const std::shared_ptr<const TableQuestions> tables_;
};

}  // namespace telltale::stores
