// Decoding: how many messages become readings in a second of CPU time, against the same readings taken with simdjson by hand.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "core/batch.h"
#include "decoders/mapping.h"
#include "messages.h"
#include "row.h"

namespace {

using namespace telltale;
namespace ondemand = simdjson::ondemand;

constexpr std::size_t n_messages = 20'000, per_batch = 1000;
constexpr Time arrival = time_from_ns((bench::first_second + 100'000) * 1'000'000'000);

/// One long text with room to read beyond its end, as both readers want it; `at` where each message stands.
struct Stream {
  explicit Stream(const std::vector<std::string>& messages) {
    for (const std::string& m : messages) {
      at.emplace_back(text.size(), m.size());
      text += m;
    }
    text.append(simdjson::SIMDJSON_PADDING, ' ');
  }
  std::string_view message(std::size_t k) const { return std::string_view(text).substr(at[k].first, at[k].second); }
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> at;
};

/// Messages per CPU second of the decoder that the engine uses, batches reused as the engine reuses them.
class Ours {
 public:
  Ours() : decoder_(decoders::make_decoder("compressor", "", plant_, names_).value()) {}
  double operator()(const Stream& stream) {
    const double before = bench::thread_cpu_seconds();
    std::size_t readings = 0;
    for (std::size_t k = 0; k < stream.at.size(); ++k) {
      if (k % per_batch == 0) batch_.clear();
      decoder_->decode({.topic = bench::topic, .bytes = stream.message(k), .arrival = arrival}, batch_);
      if (k % per_batch == per_batch - 1) readings += batch_.readings.size();
    }
    const double took = bench::thread_cpu_seconds() - before;
    if (readings != 6 * stream.at.size()) std::abort();
    return static_cast<double>(stream.at.size()) / took;
  }

 private:
  machines::Plant plant_;
  Names names_;
  std::unique_ptr<decoders::Decoder> decoder_;
  Batch batch_;
};

std::int64_t two(const char* p) { return (p[0] - '0') * 10 + (p[1] - '0'); }

/// "2026-02-23T00:10:01Z", this form alone: what a program written for these messages would do.
Time time_of(std::string_view text) {
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(two(&text[0]) * 100 + two(&text[2]))),
                                        std::chrono::month(static_cast<unsigned>(two(&text[5]))),
                                        std::chrono::day(static_cast<unsigned>(two(&text[8])))};
  const std::int64_t seconds =
      std::chrono::sys_days(day).time_since_epoch().count() * 86400LL + two(&text[11]) * 3600 + two(&text[14]) * 60 + two(&text[17]);
  return time_from_ns(seconds * 1'000'000'000);
}

constexpr std::array<std::string_view, 6> fields = {"suction_pressure_psi", "discharge_pressure_psi", "temp_f", "rpm",
                                                    "oil_pressure_psi",     "vibration_mmps"};

/// What a program written by hand for these messages takes from them: no more and no less than ours does. Six readings of the asset that
/// is named, three texts kept beside them, the time checked against the other clock and the arrival.
struct Taken {
  struct Text {
    SignalId asset;
    Time time;
    const char* name;
    std::string text;
  };
  std::vector<Reading> readings;
  std::vector<Text> texts;
  std::unordered_map<std::string, SignalId> assets;

  void clear() {
    readings.clear();
    texts.clear();
  }
  SignalId id_of(std::string_view asset) {
    const auto known = assets.find(std::string(asset));
    if (known != assets.end()) return known->second;
    return assets.emplace(asset, static_cast<SignalId>(assets.size())).first->second;
  }
  /// The marks of a message's readings.
  static Quality marks(Time time, double second_clock, Time arrival) {
    Quality quality;
    if (std::abs(static_cast<double>(ns_of(time)) * 1e-9 - second_clock) > 1) quality.mark(Reason::two_clocks, Grade::uncertain);
    if (time > arrival + std::chrono::minutes(5)) std::abort();
    return quality;
  }
};

/// Messages per CPU second of one of the two ways below.
template <typename Way>
class Peer {
 public:
  double operator()(const Stream& stream) {
    const double before = bench::thread_cpu_seconds();
    std::size_t n = 0;
    for (std::size_t k = 0; k < stream.at.size(); ++k) {
      if (k % per_batch == 0) taken_.clear();
      const auto [at, size] = stream.at[k];
      ondemand::document document = parser_.iterate(stream.text.data() + at, size, stream.text.size() - at);
      way_.take(document, static_cast<std::uint32_t>(k), taken_);
      if (k % per_batch == per_batch - 1) n += taken_.readings.size();
    }
    const double took = bench::thread_cpu_seconds() - before;
    if (n != 6 * stream.at.size()) std::abort();
    return static_cast<double>(stream.at.size()) / took;
  }

 private:
  ondemand::parser parser_;
  Way way_;
  Taken taken_;
};

/// For exactly this layout: fields asked for by name in the order in which they stand, which simdjson likes best.
struct ByName {
  void take(ondemand::document& document, std::uint32_t item, Taken& taken) {
    ondemand::object object = document.get_object();
    const SignalId asset = taken.id_of(std::string_view(object.find_field("unit_id").get_string()));
    const std::string_view site = object.find_field("site").get_string();
    const Time time = time_of(std::string_view(object.find_field("timestamp").get_string()));
    const Quality marks = Taken::marks(time, object.find_field("unix_ts").get_double(), arrival);
    for (SignalId i = 0; i < fields.size(); ++i)
      taken.readings.push_back({asset * 6 + i, item, time, object.find_field(fields[i]).get_double(), marks});
    taken.texts.emplace_back(asset, time, "site", std::string(site));
    for (const char* name : {"fault_type", "status"})
      taken.texts.emplace_back(asset, time, name, std::string(std::string_view(object.find_field(name).get_string())));
  }
};

/// For any order of fields: every field is looked at, and a table says what it is for.
struct ByField {
  ByField() {
    for (SignalId i = 0; i < fields.size(); ++i) signals.emplace(fields[i], i);
  }
  void take(ondemand::document& document, std::uint32_t item, Taken& taken) {
    std::string_view asset, stamp;
    double second_clock = 0;
    const std::size_t first_reading = taken.readings.size(), first_text = taken.texts.size();
    for (auto field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      if (const auto signal = signals.find(key); signal != signals.end())
        taken.readings.push_back({signal->second, item, {}, field.value().get_double(), {}});
      else if (key == "unit_id")
        asset = field.value().get_string();
      else if (key == "timestamp")
        stamp = field.value().get_string();
      else if (key == "unix_ts")
        second_clock = field.value().get_double();
      else if (const auto text = std::ranges::find(texts, key); text != texts.end())
        taken.texts.emplace_back(0u, Time{}, text->data(), std::string(std::string_view(field.value().get_string())));
    }
    if (!document.at_end()) std::abort();
    const Time time = time_of(stamp);
    const Quality marks = Taken::marks(time, second_clock, arrival);
    const SignalId id = taken.id_of(asset);
    for (std::size_t i = first_reading; i < taken.readings.size(); ++i) {
      taken.readings[i].signal += id * 6;
      taken.readings[i].time = time;
      taken.readings[i].quality = marks;
    }
    for (std::size_t i = first_text; i < taken.texts.size(); ++i) {
      taken.texts[i].asset = id;
      taken.texts[i].time = time;
    }
  }
  static constexpr std::array<std::string_view, 3> texts = {"site", "fault_type", "status"};
  std::unordered_map<std::string_view, SignalId> signals;
};

const std::string peer_version = "simdjson " SIMDJSON_VERSION " ondemand";

}  // namespace

int main(int argc, char** argv) {
  bench::Table table(argc, argv);
  if (table.wants("decode/any")) {
    const Stream stream(bench::compressor_messages(n_messages, 100, /*spaced=*/true));
    Ours ours;
    Peer<ByField> theirs;
    const auto pair = bench::interleaved(table.rounds(), [&] { return ours(stream); }, [&] { return theirs(stream); });
    table.show({.name = "decode/any",
                .unit = "messages per CPU s",
                .ours = pair.ours.median,
                .spread = pair.ours.spread,
                .peer = peer_version + ", the same readings by hand, any order of fields",
                .theirs = pair.theirs.median,
                .goal = bench::ratio_at_least(1.0)});
  }
  if (table.wants("decode/repeated")) {
    const Stream stream(bench::compressor_messages(n_messages, 100));
    Ours ours;
    Peer<ByName> theirs;
    const auto pair = bench::interleaved(table.rounds(), [&] { return ours(stream); }, [&] { return theirs(stream); });
    table.show({.name = "decode/repeated",
                .unit = "messages per CPU s",
                .ours = pair.ours.median,
                .spread = pair.ours.spread,
                .peer = peer_version + ", the same readings by hand, fields in their order",
                .theirs = pair.theirs.median,
                .goal = bench::ratio_at_least(1.5)});
  }
}
