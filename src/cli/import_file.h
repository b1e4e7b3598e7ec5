// One file of recorded history on its way into the store: read as a table, cut into entries of the journal, resumable to the row.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/import_keys.h"
#include "core/clock.h"
#include "decoders/table_rows.h"

namespace telltale::cli {

struct ImportOptions {
  decoders::TableOptions table;
  decoders::Mapping mapping;
  std::string asset;  // whose history it is, where no column says so; empty: the file's name
};

/// What an import knows of itself and others: one store, opened for it alone.
struct ImportPlace {
  stores::Store& store;
  Names& names;
  const machines::Plant& plant;
  ImportKeys& keys;
  const Clock& clock;
};

class ImportFile {
 public:
  /// Reads the file, packed or not, and finds the row to go on with.
  /// errors   closed: there is no such file; refused, config: no table in it, or no times of its own
  static Result<std::unique_ptr<ImportFile>> read(const std::string& path, const ImportOptions&, ImportPlace&, const Position& from);

  static std::string source(const std::string& path) { return "import " + path; }
  std::size_t rows() const { return table_.rows(); }
  std::size_t row() const { return row_; }  // the next one
  const decoders::Table& table() const { return table_; }
  const Ledger& counts() const { return counts_; }  // of this run

  /// Rows until `stop` says so or the file ends: each batch is in the journal before its history is built, with the position behind it.
  /// errors   storage, disk_full: what was told to `progress` is in the journal, a later run goes on there
  Result<void> bring_in(const std::function<void(std::size_t row)>& progress, const std::function<bool()>& stop);

 private:
  ImportFile(std::string path, std::uint64_t fingerprint, decoders::Table table, const ImportOptions&, ImportPlace&);
  void collect();
  void refuse_future();
  Result<void> make_entry();
  Result<void> store_entry();
  Position position() const;

  const std::string path_;
  const std::uint64_t fingerprint_;
  const decoders::Table table_;
  ImportPlace& place_;
  decoders::TableRows rows_;
  std::size_t row_ = 0;
  Batch batch_;
  std::vector<KeyFate> fate_;
  Entry entry_;
  Ledger counts_;
};

}  // namespace telltale::cli
