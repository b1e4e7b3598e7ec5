// Rows of a table become readings: for the csv decoder, and for sources that read whole files.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/batch.h"
#include "decoders/mapping.h"
#include "decoders/signal_slots.h"
#include "decoders/table.h"

namespace telltale::decoders {

/// One table, one mapping. The table, the plant and the names must outlive it. One thread.
class TableRows {
 public:
  /// @param default_asset  whose rows these are when neither a column nor the mapping says it
  TableRows(const Table& table, const Mapping& mapping, const machines::Plant& plant, Names& names, const DecoderLimits& limits,
            std::string default_asset);

  /// Appends one row: every cell that holds something becomes a reading or is rejected, and counts as an item.
  /// Bad cells become readings without a value; cells of text in a column of numbers, and rows without a time, are rejected.
  /// @param time   what the readings are stamped with (the row's own time, shifted or not)
  /// @param marks  quality that all of them get
  void add(std::size_t row, Time time, Quality marks, Batch& batch);

  /// What the table itself says of its times.
  Quality marks() const;
  /// The row as it stands in the file.
  std::string_view line(std::size_t row) const;

 private:
  struct Role {
    const Column* column;
    std::string signal, unit;
    bool is_text = false;
  };
  static constexpr std::size_t no_role = static_cast<std::size_t>(-1);
  std::string_view asset_of(std::size_t row) const;
  void add_value(std::size_t row, std::size_t role, Cell cell, double value, Time time, Quality quality, Batch& batch);
  const Table& table_;
  SignalSlots slots_;
  const std::string asset_;
  std::vector<Role> roles_;
  std::vector<std::size_t> role_of_column_;  // [columns of the table]
  std::vector<std::size_t> line_offsets_;    // [lines of the file]
  // The slots of one asset's columns, kept while its rows follow each other.
  std::string last_asset_;
  std::vector<Slot> last_slots_;
};

}  // namespace telltale::decoders
