// Questions to the tables: any thread, each with a connection of its own that can only read.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stores/replacements.h"
#include "stores/schema.h"
#include "stores/store.h"

namespace telltale::stores {

/// For how long a kept text stood.
struct TextSpan {
  Time from, to;  // `to` exclusive
  std::string text;
};

class TableQuestions {
 public:
  /// errors   config: no such file, written by another version; storage
  static Result<std::unique_ptr<TableQuestions>> open(const TablesPlace& place);
  ~TableQuestions();

  // As in Reader.
  Result<std::vector<AlarmRow>> alarms(const AlarmFilter&) const;
  Result<std::optional<AlarmRow>> alarm(std::string_view id) const;
  Result<std::vector<AnomalyRow>> anomalies(const AnomalyFilter&) const;
  Result<std::vector<DeadLetterRow>> dead_letters(const DeadLetterFilter&) const;
  Result<std::vector<ConflictRow>> conflicts(std::size_t limit) const;
  Result<std::vector<KeyedCallRow>> keyed_calls() const;
  Result<void> replacements(const std::function<void(std::string_view asset, std::string_view signal, Replacement)>& each) const;
  Result<std::vector<GapRow>> gaps(std::size_t limit) const;
  Result<std::map<std::string, Ledger>> ledger() const;
  Result<std::map<std::string, Position>> positions() const;

  /// The newest texts of that name which began before `before`, newest first.
  Result<std::vector<TextSpan>> text_spans(std::string_view asset, std::string_view name, std::size_t limit, Time before) const;
  /// What stood at that time, by name.
  Result<std::map<std::string, std::string>> texts(std::string_view asset, Time) const;

 private:
  class Connection;
  class Lease;
  explicit TableQuestions(const TablesPlace& place);
  Result<Lease> lease() const;

  const TablesPlace place_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace telltale::stores
