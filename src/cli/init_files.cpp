// The two files that `init` writes, as text for people to go on with.
#include "cli/init_files.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "cli/json_writer.h"
#include "cli/words_for_people.h"
#include "core/clock.h"
#include "decoders/delimited.h"
#include "machines/units.h"

namespace telltale::cli {
namespace {

constexpr std::string_view tags_header = "source,asset,signal,unit,low,high,description\n";

/// On one line: what a name or payload holds must not end a comment.
std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

/// As a comment of a CSV file, where a double quote could begin a cell of many lines.
std::string comment(std::string text) {
  std::ranges::replace(text, '"', '\'');
  return "# " + one_line(std::move(text)) + "\n";
}

std::string cell(const std::string& raw) {
  const std::string text = one_line(raw);
  if (text.find_first_of(",\"") == std::string::npos && !text.starts_with('#')) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string offset_text(Nanoseconds offset) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
  const auto two = [](long long n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return (minutes < 0 ? "-" : "+") + two(std::llabs(minutes) / 60) + ":" + two(std::llabs(minutes) % 60);
}

std::string skipped_lines(const std::vector<Skipped>& skipped) {
  if (skipped.empty()) return {};
  std::string text = "\n# Skipped:\n";
  for (const Skipped& s : skipped)
    text += "#   " + one_line(s.what) + ": " + one_line(s.why) + (s.count > 1 ? " (" + grouped(s.count) + " times)" : "") +
            (s.sample.empty() ? "" : ", e.g. " + one_line(s.sample)) + "\n";
  return text;
}

}  // namespace

std::string yaml_text(std::string_view text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '/' || c == '.';
  }) && std::isalpha(static_cast<unsigned char>(text.front()));
  const bool a_word_of_yaml =
      text == "true" || text == "false" || text == "null" || text == "yes" || text == "no" || text == "on" || text == "off";
  return plain && !a_word_of_yaml ? std::string(text) : json_string(text);
}

std::string zone_line(const Survey& survey, const std::string& given) {
  if (!given.empty()) return "zone: " + json_string(given);
  if (survey.ahead)
    return "zone: " + json_string(offset_text(*survey.ahead)) + "  # ? times without zone run " +
           to_words(Nanoseconds{std::llabs(survey.ahead->count())}) + (survey.ahead->count() > 0 ? " ahead of" : " behind") +
           " arrival, e.g. " + survey.time_sample;
  if (survey.no_zone) return "zone: \"+00:00\"  # ? no zone in the times, UTC taken, e.g. " + survey.time_sample;
  return {};
}

std::string site_text(const FirstSite& first, const Survey& survey) {
  std::string text = "# Written by telltale init on " + to_date_clock(Clock::system().now()) + " UTC from " + one_line(first.from) + ".\n";
  text += "# Lines with \"# ?\" are guesses: look at them. Then: telltale check site.yaml, telltale run site.yaml\n\n";
  text += "site: " + yaml_text(first.site) + "  # ? " + one_line(first.site_note) + "\n";
  std::set<std::string> assets;
  for (const SeenSignal& s : survey.signals) assets.insert(s.asset);
  text += "tags: tags.csv  # " + counted(survey.signals.size(), "signal", "signals") + " of " + counted(assets.size(), "asset", "assets") +
          "\n";
  text += "\nsources:\n";
  for (std::size_t k = 0; k < first.source.size(); ++k) text += (k == 0 ? "  - " : "    ") + first.source[k] + "\n";
  if (survey.no_time) text += "# ? Some messages carry no time: the time of their arrival is taken and marked.\n";
  return text + skipped_lines(survey.skipped);
}

std::string tags_text(const std::vector<SeenSignal>& signals, bool with_header) {
  std::string text;
  if (with_header)
    text = std::string(tags_header) + "# low and high are the instrument's range; what was seen is no limit and stays a comment\n";
  for (const SeenSignal& s : signals) {
    const std::string unit = s.unit.empty() ? "" : " " + machines::unit_sign(s.unit);
    text += comment(std::string(s.asset_from_topic ? "? asset " + s.asset + " guessed from the topic; " : "") +
                    std::string(s.unit_guessed   ? "? unit guessed from the name; "
                                : s.unit.empty() ? "? no unit found; "
                                                 : "") +
                    s.signal + ": sample " + rounded(s.sample, 6) + unit + ", seen " + rounded(s.low, 6) + " to " + rounded(s.high, 6));
    text += cell(s.source) + "," + cell(s.asset) + "," + cell(s.signal) + "," + cell(s.unit) + ",,,\n";
  }
  return text;
}

std::set<std::pair<std::string, std::string>> tags_in(std::string_view tags_csv) {
  std::set<std::pair<std::string, std::string>> known;
  decoders::Records records(tags_csv, ',');
  std::vector<std::string_view> cells;
  std::vector<std::string> columns;
  while (records.next(cells)) {
    if (cells.empty() || cells.front().starts_with('#')) continue;
    std::vector<std::string> texts;
    for (const std::string_view c : cells) texts.push_back(decoders::unquoted(c));
    if (columns.empty()) {
      columns = std::move(texts);
      continue;
    }
    const auto value = [&](const char* name) {
      const auto k = static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin());
      return k < texts.size() ? texts[k] : std::string();
    };
    known.emplace(value("asset"), value("signal"));
  }
  return known;
}

}  // namespace telltale::cli
