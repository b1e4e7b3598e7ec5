// What `init` has seen: which assets and signals there are, what their values look like, what could not be read.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/batch.h"
#include "core/names.h"
#include "decoders/decoder.h"
#include "decoders/table.h"

namespace telltale::cli {

/// One signal, with a sample and the range that was observed: never a limit, only what there was.
struct SeenSignal {
  std::string source;  // topic, or column of a file
  std::string asset, signal;
  std::string unit;               // UCUM code; empty: none found
  bool unit_guessed = false;      // from the name alone
  bool asset_from_topic = false;  // the message itself names none
  double sample = 0;
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  std::uint64_t count = 0;
};

struct Skipped {
  std::string what, why, sample;
  std::uint64_t count = 1;
};

struct Survey {
  std::vector<SeenSignal> signals;  // by asset, in order of appearance
  std::vector<Skipped> skipped;
  std::uint64_t messages = 0;
  bool no_time = false;              // some had no time of their own
  bool no_zone = false;              // their times named no zone
  std::string time_sample;           // one time as RFC 3339
  std::optional<Nanoseconds> ahead;  // times run constantly so far ahead of arrival, a whole number of quarter-hours
};

/// Decodes live messages the way the engine will, and notes what comes of them.
class MessageSurvey {
 public:
  explicit MessageSurvey(Names& names) : names_(names) {}
  void take(decoders::Decoder& decoder, std::string_view topic, std::string_view payload, Time arrival, bool retained);
  Survey result() const;

 private:
  void note_reading(const Reading& reading, std::string_view topic, std::string_view payload, const Batch& batch, bool retained);
  void skip(const std::string& what, const std::string& why, std::string_view sample);

  Names& names_;
  std::map<SignalId, SeenSignal> seen_;
  std::vector<SignalId> order_;
  std::vector<Skipped> skipped_;
  std::vector<std::int64_t> ahead_;  // ns, of times without zone, retained messages left out
  std::uint64_t messages_ = 0;
  bool no_time_ = false, no_zone_ = false;
  std::string time_sample_;
};

/// The columns of a recorded file as signals of one asset (or of the assets that the file names).
Survey survey_of(const decoders::Table& table, const std::string& asset);

/// The unit that a name ends with: "discharge_pressure_psi" -> "[psi]"; empty: none.
std::string unit_in_name(std::string_view name);

}  // namespace telltale::cli
