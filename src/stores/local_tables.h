// The projector's side of the tables: entries in, rows out, each entry once.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clients/sqlite.h"
#include "core/names.h"
#include "stores/dead_letter_table.h"
#include "stores/keyed_call_table.h"
#include "stores/name_table.h"
#include "stores/replacements.h"
#include "stores/schema.h"
#include "stores/store.h"
#include "stores/text_table.h"

namespace telltale::stores {

/// Projection: one thread. Cursors: any thread; what they save is written with the next transaction of the projection.
class LocalTables final : public Cursors {
 public:
  /// errors   config: written by a newer version; storage
  static Result<std::unique_ptr<LocalTables>> open(const TablesPlace& place, const Names& names);
  ~LocalTables() override;

  /// As Projection's.
  Result<void> apply(std::span<const Entry>);
  Sequence applied() const { return applied_; }
  Sequence durable() const { return durable_; }
  Result<void> checkpoint();

  /// Any thread: files say it now, so these rows may go with the next transaction.
  void replaced_in_files(std::span<const Replacement>);

  Result<Sequence> load(const std::string& sink) const override;
  Result<void> save(const std::string& sink, Sequence next) override;
  Result<void> lose(const Undelivered&) override;
  std::vector<RefusedRange> refused(const std::string& sink) const override;
  void refuse(const std::string& sink, const std::vector<RefusedRange>& all) override;

 private:
  struct Statements;
  LocalTables(clients::SqliteDatabase database, const TablesPlace& place, const Names& names);
  static Result<std::unique_ptr<LocalTables>> open_sound(const TablesPlace& place, const Names& names);
  Result<void> prepare();
  Result<void> read_standing();

  Result<void> in_transaction(std::span<const Entry>);
  Result<void> project(const Entry&);
  Result<void> conflicts(const Entry&);
  Result<void> trim_conflicts();
  void grow_older(Time now);
  Result<void> save_age();
  Result<void> dead_letters(const Entry&);
  Result<void> texts(const Entry&);
  Result<void> findings(const Entry&);
  Result<void> transition(const Transition&);
  Result<void> sources();
  void take_outcomes();
  void give_outcomes_back();
  Result<void> outcomes();
  Result<void> add_gap(const Undelivered&);
  Result<void> checkpoint_if_due();

  const TablesPlace place_;
  const Names& names_;
  clients::SqliteDatabase database_;
  NameTable rows_;
  std::unique_ptr<Statements> sql_;
  struct Counted {
    Ledger counts;
    Position position;
  };
  std::map<std::string, Counted> counted_;  // by source, of the transaction
  DeadLetterTable dead_letters_;
  KeyedCallTable keyed_calls_;
  TextTable texts_;
  std::vector<Undelivered> taken_undelivered_;  // by the transaction
  std::map<std::string, Sequence> taken_cursors_;
  std::map<std::string, std::vector<RefusedRange>> taken_refused_;
  std::vector<Replacement> taken_written_;
  /// How long the engine has run on these tables: what they keep for some time is measured by it. A clock that is set forward, or a time
  /// without engine, counts as a minute.
  Nanoseconds age_{}, saved_age_{};
  Time age_at_{};  // the engine's clock when it was that old
  bool damaged_ = false;
  std::atomic<Sequence> applied_ = 0, durable_ = 0;

  mutable std::mutex mutex_;  // the rest: what sinks and history said since the last transaction
  std::map<std::string, Sequence> cursors_;
  std::map<std::string, std::vector<RefusedRange>> refused_, unsaved_refused_;
  std::map<std::string, Sequence> unsaved_cursors_;
  std::vector<Undelivered> undelivered_;
  std::vector<Replacement> written_;
};

}  // namespace telltale::stores
