// Fuzz target: delimited text. Whatever comes, columns and rows have one length, and a number is finite.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "decoders/table.h"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = decoders::read_table(std::string(reinterpret_cast<const char*>(data), size));
  if (!table) {
    if (table.error().message.empty()) std::abort();
    return 0;
  }
  const std::size_t n = table->rows();
  if (table->usable.size() != n || table->lines.size() != n || table->time_texts.size() != n) std::abort();
  for (const decoders::Column& column : table->columns) {
    if (!column.values.empty() && (column.values.size() != n || column.cells.size() != n)) std::abort();
    for (std::size_t r = 0; r < column.values.size(); ++r) {
      if (std::isinf(column.values[r]) || (column.cells[r] == decoders::Cell::number && std::isnan(column.values[r]))) std::abort();
    }
  }
  return 0;
}
