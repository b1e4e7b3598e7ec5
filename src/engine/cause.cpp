// Causes in words.
#include "engine/cause.h"

#include <algorithm>
#include <cmath>

#include "core/figure.h"
#include "core/time.h"

namespace telltale::engine {
namespace {

std::string with_doubt(std::string cause, Quality quality) {
  if (!doubtful(quality)) return cause;
  return cause + " (doubtful: the reading is " + to_text(quality) + ")";
}

std::string with_unit(std::string number, std::string_view unit) { return unit.empty() ? number : number + " " + std::string(unit); }

/// So that the width of the range shows with two digits: 49.9 to 52.3, 60.1 to 61.9.
int decimals_for(double width) {
  if (!(width > 0) || !std::isfinite(width)) return 3;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(width))), 0, 12);
}

}  // namespace

bool doubtful(Quality quality) {
  constexpr auto only_itself = static_cast<std::uint32_t>(Reason::spike);
  return !quality.good() && (quality.bad() || (quality.reasons() & ~only_itself) != 0);
}

std::string cause_of_limit(std::string_view signal, std::string_view unit, const machines::Limit& limit, double value, Quality quality) {
  return with_doubt(
      std::string(signal) + " " + figure(value, unit) + (limit.above ? " above limit " : " below limit ") + figure(limit.value, unit),
      quality);
}

std::string cause_of_statistic(std::string_view signal, std::string_view unit, const Finding& f, Quality quality) {
  if (!f.low || !f.high) {
    return with_doubt(std::string(signal) + " " + figure(f.value, unit) + ", " + figure(std::abs(f.statistic), 3) +
                          " deviations off, limit " + figure(f.limit, 3),
                      quality);
  }
  const int decimals = decimals_for(*f.high - *f.low);
  return with_doubt(std::string(signal) + " " + with_unit(fixed_figure(f.value, decimals), unit) + ", expected " +
                        fixed_figure(*f.low, decimals) + " to " + with_unit(fixed_figure(*f.high, decimals), unit),
                    quality);
}

std::string cause_of_silence(std::string_view who, double seconds, double limit) {
  const auto words = [](double s) { return to_words(Nanoseconds{static_cast<std::int64_t>(s * 1e9)}); };
  return std::string(who) + " silent for " + words(seconds) + ", usual is " + words(limit) + " at most";
}

namespace {

/// A sentence with places: "{value} above limit {limit}".
struct Template {
  std::string_view code, sentence;
};
constexpr Template templates[] = {
    {"above_limit", "{signal} {value} above limit {limit}"},
    {"below_limit", "{signal} {value} below limit {limit}"},
    {"expected", "{signal} {value}, expected {low} to {high}"},
    {"deviations", "{signal} {value}, {deviations} deviations off, limit {limit}"},
    {"silent", "{who} silent for {silence}, usual is {usual} at most"},
};
constexpr std::string_view doubt = " (doubtful: the reading is ";

/// Matches the sentence from its end, so that a name at its beginning may hold whatever it likes.
bool match(std::string_view sentence, std::string_view text, std::map<std::string, std::string>& values) {
  while (true) {
    const std::size_t close = sentence.rfind('}');
    const std::string_view after = close == sentence.npos ? sentence : sentence.substr(close + 1);
    if (!text.ends_with(after)) return false;
    text.remove_suffix(after.size());
    if (close == sentence.npos) return text.empty();
    const std::size_t open = sentence.rfind('{');
    const std::string name(sentence.substr(open + 1, close - open - 1));
    sentence = sentence.substr(0, open);
    const std::size_t before = sentence.rfind('}');
    const std::string_view separator = before == sentence.npos ? sentence : sentence.substr(before + 1);
    const std::size_t at = separator.empty() ? 0 : text.rfind(separator);
    if (at == text.npos) return false;
    values[name] = text.substr(at + separator.size());
    text = text.substr(0, at + separator.size());
  }
}

}  // namespace

std::optional<CauseWords> words_of_cause(std::string_view cause, std::string_view signal) {
  CauseWords words;
  if (cause == "the rule is no longer configured") return CauseWords{.code = "no_rule", .values = {}};
  if (const std::size_t at = cause.rfind(doubt); at != cause.npos && cause.ends_with(')')) {
    words.values["quality"] = cause.substr(at + doubt.size(), cause.size() - at - doubt.size() - 1);
    cause = cause.substr(0, at);
  }
  for (const Template& one : templates) {
    std::map<std::string, std::string> values;
    const bool of_signal = one.sentence.starts_with("{signal} ");
    if (of_signal && !(cause.starts_with(signal) && cause.substr(signal.size()).starts_with(' '))) continue;
    const std::string_view rest = of_signal ? cause.substr(signal.size() + 1) : cause;
    if (!match(of_signal ? one.sentence.substr(9) : one.sentence, rest, values)) continue;
    if (of_signal) values["signal"] = signal;
    words.code = one.code;
    words.values.merge(values);
    return words;
  }
  return std::nullopt;
}

}  // namespace telltale::engine
