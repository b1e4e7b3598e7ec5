// Lines and cells of delimited text, and how a file is delimited.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::decoders {

/// Cells of one record, as they stand: quotes around a cell are taken off, doubled quotes within stay doubled.
/// A quoted cell may hold line breaks; one that never closes is read as it stands.
class Records {
 public:
  Records(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}
  /// False at the end. Blank lines are skipped.
  bool next(std::vector<std::string_view>& cells);
  std::size_t line() const { return record_line_; }      // of the record, from 1
  std::size_t offset() const { return record_offset_; }  // of the record's first byte
  bool unclosed_quote() const { return unclosed_; }      // of the last record

 private:
  std::string_view quoted_cell();
  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0, line_ = 1, record_line_ = 0, record_offset_ = 0;
  bool unclosed_ = false;
};

/// '"a ""b"" c"' without its doubling.
std::string unquoted(std::string_view cell);

struct Dialect {
  char delimiter = ',';
  std::size_t n_columns = 1;
  std::size_t header_line = 0;      // 0: there is none
  std::size_t first_data_line = 0;  // 0: no line holds data
  std::vector<std::string> names;   // [n_columns], empty texts where there is no header
  std::vector<std::string> units;   // [n_columns] of a line of units between header and data; empty vector: there is none
};
/// Looks at the first 500 records. @param delimiter  0: found
Dialect find_dialect(std::string_view text, char delimiter);

}  // namespace telltale::decoders
