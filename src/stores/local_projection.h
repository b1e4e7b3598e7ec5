// The projection of the embedded store: tables and history, each brought up to the journal, and the journal given back behind both.
#pragma once

#include "stores/events_log.h"
#include "stores/history_work.h"
#include "stores/local_tables.h"

namespace telltale::stores {

/// One thread, as Projection says.
class LocalProjection final : public Projection {
 public:
  struct Parts {
    LocalJournal& journal;
    EventsLog& events;
    LocalTables& tables;
    History& history;
    HistoryWork& work;
  };
  LocalProjection(const Parts& parts, const LocalOptions& options) : parts_(parts), options_(options) {}

  Result<void> apply(std::span<const Entry>) override;
  Sequence applied() const override { return std::min(parts_.tables.applied(), parts_.history.applied()); }
  Sequence durable() const override { return std::min(parts_.tables.durable(), parts_.history.durable()); }
  Result<void> checkpoint() override;
  Result<void> finish() override;
  Result<void> tidy(Sequence keep_from) override;

 private:
  Result<void> cut_if_due();
  Result<void> give_back(Sequence before);

  const Parts parts_;
  const LocalOptions options_;
};

}  // namespace telltale::stores
