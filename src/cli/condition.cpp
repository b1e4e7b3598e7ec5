// `--when 'motor current > 1 and pressure < 8'`: which rows of a table count.
#include "cli/condition.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace telltale::cli {
namespace {

using Op = Condition::Op;
constexpr std::string_view quotes = "'\"`";

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

/// The text cut at each free-standing `word` that is not inside quotes.
std::vector<std::string_view> cut_at(std::string_view text, std::string_view word) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  char quote = 0;
  const auto blank = [&](std::size_t at) { return at >= text.size() || text[at] == ' ' || text[at] == '\t'; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quote) {
      if (text[at] == quote) quote = 0;
    } else if (quotes.contains(text[at])) {
      quote = text[at];
    } else if (text.substr(at).starts_with(word) && at > 0 && blank(at - 1) && blank(at + word.size())) {
      parts.push_back(text.substr(begin, at - begin));
      begin = at + word.size();
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}

struct Operator {
  std::string_view text;
  Op op;
};
constexpr Operator operators[] = {
    // the longer ones first
    {">=", Op::at_least},  {"<=", Op::at_most}, {"!=", Op::not_equal}, {"==", Op::equal},
    {"<>", Op::not_equal}, {">", Op::above},    {"<", Op::below},      {"=", Op::equal},
};

Result<Condition::Term> parse_term(std::string_view text) {
  text = trimmed(text);
  const auto wrong = [&](const std::string& why) {
    return failed(ErrorKind::config, "--when: '" + std::string(text) + "' " + why,
                  "write it as COLUMN > NUMBER, for example 'motor current > 1'");
  };
  const std::size_t after_name = !text.empty() && quotes.contains(text[0]) ? text.find(text[0], 1) : 0;
  if (after_name == std::string_view::npos) return wrong("has an open quote");
  const std::size_t at = text.find_first_of("<>=!", after_name);
  if (at == std::string_view::npos) return wrong("has no comparison");
  for (const Operator& o : operators) {
    if (!text.substr(at).starts_with(o.text)) continue;
    std::string_view name = trimmed(text.substr(0, at));
    const std::string_view number = trimmed(text.substr(at + o.text.size()));
    if (after_name > 0) name = name.substr(1, after_name - 1);
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (name.empty()) return wrong("names no column");
    if (number.empty() || error != std::errc{} || end != number.data() + number.size() || !std::isfinite(value))
      return wrong("compares with no number");
    return Condition::Term{std::string(name), o.op, value};
  }
  return wrong("has no comparison that is known (> >= < <= = !=)");
}

bool fulfilled(const Condition::Term& term, double x) {
  if (std::isnan(x)) return false;
  switch (term.op) {
    case Op::above: return x > term.value;
    case Op::at_least: return x >= term.value;
    case Op::below: return x < term.value;
    case Op::at_most: return x <= term.value;
    case Op::equal: return x == term.value;
    case Op::not_equal: return x != term.value;
  }
  return false;
}

std::size_t distinct_values(const std::vector<double>& sorted) {
  std::size_t n = sorted.empty() ? 0 : 1;
  for (std::size_t k = 1; k < sorted.size(); ++k) n += sorted[k] != sorted[k - 1];
  return n;
}

}  // namespace

Result<Condition> Condition::parse(std::string_view text) {
  Condition condition;
  for (const std::string_view alternative : cut_at(text, "or")) {
    std::vector<Term> all;
    for (const std::string_view part : cut_at(alternative, "and")) {
      auto term = parse_term(part);
      if (!term) return std::unexpected(term.error());
      all.push_back(std::move(*term));
    }
    condition.any_of_all_.push_back(std::move(all));
  }
  return condition;
}

std::vector<std::string> Condition::columns() const {
  std::set<std::string> names;
  for (const auto& all : any_of_all_)
    for (const Term& term : all) names.insert(term.column);
  return {names.begin(), names.end()};
}

bool Condition::holds(const std::function<double(const std::string&)>& value) const {
  return std::ranges::any_of(any_of_all_, [&](const auto& all) {
    return std::ranges::all_of(all, [&](const Term& term) { return fulfilled(term, value(term.column)); });
  });
}

std::optional<double> level_above_zero(std::span<const double> values) {
  std::vector<double> sizes;
  for (const double v : values)
    if (std::isfinite(v)) sizes.push_back(std::fabs(v));
  if (sizes.size() < 100) return std::nullopt;
  std::ranges::sort(sizes);
  const double high = sizes[sizes.size() * 9 / 10];
  const auto share_below = [&](double x) {
    return static_cast<double>(std::ranges::lower_bound(sizes, x) - sizes.begin()) / static_cast<double>(sizes.size());
  };
  const double low = 0.05 * high, middle = 0.25 * high;
  if (high <= 0 || distinct_values(sizes) <= 2) return std::nullopt;  // an on/off signal is no level
  const double idle = share_below(low), between = share_below(middle) - idle;
  // Two heaps with next to nothing between them: at rest for a while, and running.
  if (idle < 0.05 || idle > 0.9 || between > 0.02) return std::nullopt;
  const double limit = 0.15 * high;
  const double unit = std::pow(10.0, std::floor(std::log10(limit)));
  return std::floor(limit / unit) * unit;
}

}  // namespace telltale::cli
