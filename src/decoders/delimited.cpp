// Lines and cells of delimited text, and how a file is delimited.
#include "decoders/delimited.h"

#include <algorithm>
#include <array>
#include <map>

#include "decoders/cells.h"
#include "decoders/time_text.h"
#include "machines/units.h"

namespace telltale::decoders {
namespace {

constexpr std::size_t sample_records = 500;
constexpr std::size_t longest_quoted = 65536;

using Record = std::vector<std::string_view>;

struct Sample {
  std::vector<Record> records;
  std::vector<std::size_t> lines;
  std::size_t width = 1;  // how many cells most records have
  double share = 0;       // of the records that have so many
};

Sample take_sample(std::string_view text, char delimiter) {
  Sample sample;
  Records records(text, delimiter);
  Record cells;
  std::map<std::size_t, std::size_t> widths;
  while (sample.records.size() < sample_records && records.next(cells)) {
    sample.records.push_back(cells);
    sample.lines.push_back(records.line());
    ++widths[cells.size()];
  }
  std::size_t most = 0;
  for (const auto& [width, n] : widths) {
    if (n >= most) sample.width = width, most = n;
  }
  if (!sample.records.empty()) sample.share = static_cast<double>(most) / static_cast<double>(sample.records.size());
  return sample;
}

/// A separator that is rare in cells (tab, ';', '|') is believed before the comma, the comma before the blank.
Sample best_sample(std::string_view text, char& delimiter) {
  if (delimiter) return take_sample(text, delimiter);
  Sample best;
  char found = ',';
  for (const char candidate : {'\t', ';', '|', ',', ' '}) {
    Sample sample = take_sample(text, candidate);
    if (sample.width > 1 && sample.share > best.share + 0.05) {
      best = std::move(sample);
      found = candidate;
    }
    if (best.share >= 0.95 && candidate != '\t') break;
  }
  delimiter = found;
  return best.records.empty() ? take_sample(text, ',') : best;
}

enum class Look : std::uint8_t { nothing, number, time, word };

Look look_of(std::string_view cell) {
  double value = 0;
  if (const Cell kind = read_cell(cell, Notation::point, value); kind != Cell::text)
    return kind == Cell::number ? Look::number : Look::nothing;
  if (read_cell(cell, Notation::comma, value) == Cell::number) return Look::number;
  return read_calendar(trimmed(cell)) ? Look::time : Look::word;
}

/// What most cells of each column look like, over the later half of the sample.
std::vector<Look> usual_looks(const Sample& sample) {
  std::vector<Look> looks(sample.width, Look::nothing);
  for (std::size_t c = 0; c < sample.width; ++c) {
    std::array<std::size_t, 4> votes{};
    for (std::size_t r = sample.records.size() / 2; r < sample.records.size(); ++r) {
      if (sample.records[r].size() == sample.width) ++votes[static_cast<std::size_t>(look_of(sample.records[r][c]))];
    }
    votes[0] = 0;
    const auto most = std::ranges::max_element(votes);
    looks[c] = *most == 0 ? Look::nothing : static_cast<Look>(most - votes.begin());
  }
  return looks;
}

/// A line of data has no word where numbers or times are usual, and at least one of these.
bool is_data(const Record& record, const std::vector<Look>& usual) {
  if (record.size() != usual.size()) return false;
  bool any = false;
  for (std::size_t c = 0; c < record.size(); ++c) {
    const Look look = look_of(record[c]);
    if (look == Look::word && (usual[c] == Look::number || usual[c] == Look::time)) return false;
    any = any || look == Look::number || look == Look::time;
  }
  return any;
}

bool is_units(const Record& record) {
  std::size_t known = 0, filled = 0;
  for (const std::string_view cell : record) {
    std::string_view text = trimmed(cell);
    if (text.size() > 2 && (text.front() == '[' || text.front() == '(')) text = text.substr(1, text.size() - 2);
    if (text.empty()) continue;
    ++filled;
    known += machines::find_unit(text).has_value();
  }
  return filled > 0 && known * 2 >= filled && known * 3 >= record.size();
}

std::vector<std::string> names_of(const Record& record, std::size_t width) {
  std::vector<std::string> names(width);
  // A header one cell short names everything but the row numbers in front.
  const std::size_t shift = record.size() + 1 == width ? 1 : 0;
  for (std::size_t c = 0; c < record.size() && c + shift < width; ++c) names[c + shift] = unquoted(trimmed(record[c]));
  if (names[0].starts_with('#')) names[0] = std::string(trimmed(std::string_view(names[0]).substr(1)));
  return names;
}

bool all_words(const Record& record) {
  return std::ranges::none_of(record, [](std::string_view cell) { return look_of(cell) == Look::time; });
}

}  // namespace

std::string_view Records::quoted_cell() {
  const std::size_t begin = at_ + 1;
  const std::size_t limit = std::min(text_.size(), begin + longest_quoted);
  for (std::size_t i = begin; i < limit; ++i) {
    if (text_[i] != '"') continue;
    if (i + 1 < text_.size() && text_[i + 1] == '"') {
      ++i;
      continue;
    }
    line_ += static_cast<std::size_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.begin() + static_cast<std::ptrdiff_t>(i), '\n'));
    at_ = i + 1;
    return text_.substr(begin, i - begin);
  }
  unclosed_ = true;
  return {};
}

bool Records::next(std::vector<std::string_view>& cells) {
  cells.clear();
  unclosed_ = false;
  while (at_ < text_.size()) {  // blank lines
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    if (!trimmed(text_.substr(at_, end - at_)).empty()) break;
    at_ = end + 1;
    ++line_;
  }
  if (at_ >= text_.size()) return false;
  record_line_ = line_;
  record_offset_ = at_;
  const bool blanks = delimiter_ == ' ';
  for (;;) {
    while (at_ < text_.size() && (text_[at_] == ' ' || (blanks && text_[at_] == '\t'))) ++at_;
    if (blanks && (at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r')) break;
    std::string_view quoted;
    const bool is_quoted = at_ < text_.size() && text_[at_] == '"';
    if (is_quoted) quoted = quoted_cell();
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != delimiter_ && text_[end] != '\n' && !(blanks && text_[end] == '\t')) ++end;
    cells.push_back(is_quoted && !unclosed_ ? quoted : trimmed(text_.substr(at_, end - at_)));
    at_ = end;
    if (at_ >= text_.size() || text_[at_] == '\n') break;
    ++at_;  // the delimiter
  }
  while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  ++at_;
  ++line_;
  return true;
}

std::string unquoted(std::string_view cell) {
  std::string out;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    out += cell[i];
    if (cell[i] == '"' && i + 1 < cell.size() && cell[i + 1] == '"') ++i;
  }
  return out;
}

Dialect find_dialect(std::string_view text, char delimiter) {
  Dialect dialect;
  const Sample sample = best_sample(text, delimiter);
  dialect.delimiter = delimiter;
  dialect.n_columns = sample.width;
  dialect.names.resize(sample.width);
  const std::vector<Look> usual = usual_looks(sample);
  std::size_t first = 0;
  while (first < sample.records.size() && !is_data(sample.records[first], usual)) ++first;
  if (first == sample.records.size()) return dialect;
  dialect.first_data_line = sample.lines[first];
  if (first == 0) return dialect;
  std::size_t header = first - 1;
  const auto fits = [&](std::size_t r) {
    return sample.records[r].size() <= sample.width && sample.records[r].size() + 1 >= sample.width && all_words(sample.records[r]);
  };
  if (header > 0 && fits(header) && is_units(sample.records[header]) && fits(header - 1)) {
    dialect.units = names_of(sample.records[header], sample.width);
    --header;
  }
  if (fits(header)) {
    dialect.header_line = sample.lines[header];
    dialect.names = names_of(sample.records[header], sample.width);
  }
  return dialect;
}

}  // namespace telltale::decoders
