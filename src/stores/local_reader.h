// Questions to the tables: any thread, each with a connection of its own that can only read.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stores/schema.h"
#include "stores/store.h"

namespace telltale::stores {

class LocalReader final : public Reader {
 public:
  /// errors   config: no such file, written by a newer version; storage
  static Result<std::unique_ptr<LocalReader>> open(const TablesPlace& place);
  ~LocalReader() override;

  Result<std::vector<HistoryPoint>> points(std::string_view asset, std::string_view signal, Window, std::size_t limit,
                                           bool only_anomalies) const override;
  Result<std::vector<Bucket>> buckets(std::string_view asset, std::string_view signal, Window, std::size_t max) const override;
  Result<SignalStatistics> statistics(std::string_view asset, std::string_view signal, Window) const override;
  Result<std::vector<AlarmRow>> alarms(const AlarmFilter&) const override;
  Result<std::optional<AlarmRow>> alarm(std::string_view id) const override;
  Result<std::vector<AnomalyRow>> anomalies(const AnomalyFilter&) const override;
  Result<std::vector<DeadLetterRow>> dead_letters(std::size_t limit) const override;
  Result<std::vector<GapRow>> gaps(std::size_t limit) const override;
  Result<std::map<std::string, Ledger>> ledger() const override;
  Result<std::map<std::string, Position>> positions() const override;
  Result<std::vector<std::pair<std::string, std::string>>> signals() const override;
  Result<std::vector<KeptMessage>> messages(std::string_view asset, std::size_t limit, std::string_view text_name,
                                            std::string_view not_equal) const override;
  Result<std::optional<double>> find(std::string_view asset, std::string_view signal, Time) const override;

 private:
  class Connection;
  class Lease;
  explicit LocalReader(const TablesPlace& place);
  Result<Lease> lease() const;

  const TablesPlace place_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace telltale::stores
