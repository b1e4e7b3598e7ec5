// What `init` has seen: assets, signals, samples, and what could not be read.
#include "cli/survey.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "machines/units.h"

namespace telltale::cli {
namespace {

constexpr std::int64_t quarter_hour = 900'000'000'000, minute = 60'000'000'000;
constexpr std::size_t most_skipped = 200;
constexpr std::string_view no_units[] = {"in",  "min", "h", "d",
                                         "day", "at",  "b", "l"};  // inlet, minimum ... more often than inches and minutes

void note_value(SeenSignal& s, double value) {
  if (s.count++ == 0) s.sample = value;
  s.low = std::min(s.low, value);
  s.high = std::max(s.high, value);
}

/// A steady offset of whole quarter-hours, as a wrong or missing zone makes it.
std::optional<Nanoseconds> zone_offset(std::vector<std::int64_t> ahead) {
  if (ahead.empty()) return std::nullopt;
  std::ranges::sort(ahead);
  const std::int64_t middle = ahead[ahead.size() / 2];
  const std::int64_t whole = std::llround(static_cast<double>(middle) / quarter_hour) * quarter_hour;
  if (whole == 0 || std::llabs(whole) > 14 * 4 * quarter_hour || std::llabs(middle - whole) > 2 * minute) return std::nullopt;
  return Nanoseconds{whole};
}

/// Signals of one asset stand together, otherwise in the order in which they appeared.
void by_asset(std::vector<SeenSignal>& signals) { std::ranges::stable_sort(signals, {}, &SeenSignal::asset); }

std::string why_left_out(const decoders::Column& c) {
  using decoders::ColumnKind;
  if (c.kind == ColumnKind::text) return "text";
  if (c.kind == ColumnKind::empty) return "empty";
  if (c.kind == ColumnKind::ignored) return "ignored";
  if (c.kind == ColumnKind::index) return "numbers the rows";
  if (c.kind == ColumnKind::counter) return "only counts up";
  return "";
}

}  // namespace

std::string unit_in_name(std::string_view name) {
  const std::size_t cut = name.find_last_of("_ .-");  // npos + 1 is 0: the whole name
  std::string end(name.substr(cut + 1)), whole(name);
  for (std::string* text : {&end, &whole}) std::ranges::transform(*text, text->begin(), [](unsigned char c) { return std::tolower(c); });
  const bool temperature = whole.contains("temp");
  if (end == "c") return temperature ? "Cel" : "";
  if (end == "f") return temperature ? "[degF]" : "";
  if (end == "mmps") return "mm/s";
  if (std::ranges::contains(no_units, end) || (end == whole && end != "rpm")) return {};
  if (end.size() < 2 && end != "v" && end != "a") return {};
  const auto unit = machines::find_unit(end);
  return unit ? std::string((*unit)->code) : std::string();
}

void MessageSurvey::take(decoders::Decoder& decoder, std::string_view topic, std::string_view payload, Time arrival, bool retained) {
  ++messages_;
  Batch batch;
  batch.arrival = arrival;
  decoder.decode({.topic = topic, .bytes = payload, .arrival = arrival, .retained = retained}, batch);
  for (const Reading& r : batch.readings) note_reading(r, topic, payload, batch, retained);
  for (const Rejected& r : batch.rejected) skip(std::string(topic), r.text, r.bytes);
  for (const std::string& topic_or_field : batch.unmapped)
    if (topic_or_field != topic || batch.rejected.empty()) skip(topic_or_field, "nothing maps it", payload);
  if (batch.readings.empty() && batch.rejected.empty() && batch.unmapped.empty()) skip(std::string(topic), "holds no number", payload);
}

void MessageSurvey::note_reading(const Reading& reading, std::string_view topic, std::string_view payload, const Batch& batch,
                                 bool retained) {
  const auto [at, fresh] = seen_.try_emplace(reading.signal);
  if (fresh) {
    order_.push_back(reading.signal);
    at->second.source = topic;
    at->second.asset = names_.asset_name(names_.asset_of(reading.signal));
    at->second.signal = names_.signal_name(reading.signal);
    at->second.asset_from_topic = topic.contains(at->second.asset) && !payload.contains(at->second.asset);
    at->second.unit = unit_in_name(at->second.signal);
    at->second.unit_guessed = !at->second.unit.empty();
  }
  note_value(at->second, reading.value);
  no_time_ = no_time_ || reading.quality.has(Reason::no_time);
  if (reading.quality.has(Reason::no_time)) return;
  if (time_sample_.empty()) time_sample_ = to_rfc3339(reading.time);
  if (!reading.quality.has(Reason::no_zone)) return;
  no_zone_ = true;
  if (!retained) ahead_.push_back((reading.time - batch.arrival).count());
}

void MessageSurvey::skip(const std::string& what, const std::string& why, std::string_view sample) {
  const auto known = std::ranges::find_if(skipped_, [&](const Skipped& s) { return s.what == what && s.why == why; });
  if (known != skipped_.end())
    ++known->count;
  else if (skipped_.size() < most_skipped)
    skipped_.push_back({what, why, std::string(sample.substr(0, 80))});
}

Survey MessageSurvey::result() const {
  Survey survey{.skipped = skipped_,
                .messages = messages_,
                .no_time = no_time_,
                .no_zone = no_zone_,
                .time_sample = time_sample_,
                .ahead = zone_offset(ahead_)};
  for (const SignalId id : order_) survey.signals.push_back(seen_.at(id));
  by_asset(survey.signals);
  return survey;
}

Survey survey_of(const decoders::Table& table, const std::string& asset) {
  using decoders::ClockKind;
  const bool timed = table.clock.kind == ClockKind::calendar || table.clock.kind == ClockKind::epoch;
  Survey survey{.messages = table.rows(), .no_time = !timed, .no_zone = timed && !table.clock.zoned};
  if (timed && !table.time.empty()) survey.time_sample = std::string(table.time_texts.front());
  for (const decoders::Column& c : table.columns) {
    if (const std::string why = why_left_out(c); !why.empty()) {
      survey.skipped.push_back({c.name, why, c.texts.empty() ? "" : std::string(c.texts.front().substr(0, 80))});
      continue;
    }
    if (c.values.empty()) continue;  // time and keys
    std::map<std::string, SeenSignal> of_asset;
    for (std::size_t r = 0; r < c.values.size(); ++r) {
      if (std::isnan(c.values[r])) continue;
      const std::string who = table.asset_of_row.empty() ? asset : table.assets[table.asset_of_row[r]];
      auto& seen = of_asset[who];
      if (seen.count == 0) seen = {.source = c.name, .asset = who, .signal = c.name, .unit = machines::unit_code(c.unit)};
      note_value(seen, c.values[r]);
    }
    for (auto& [who, seen] : of_asset) {
      if (seen.unit.empty()) seen.unit_guessed = !(seen.unit = unit_in_name(c.name)).empty();
      survey.signals.push_back(std::move(seen));
    }
  }
  by_asset(survey.signals);
  return survey;
}

}  // namespace telltale::cli
