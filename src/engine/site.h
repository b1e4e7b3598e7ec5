// A site: everything the site file, the environment and flags say, checked, with the place where each value was written.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.h"
#include "core/settings.h"
#include "detectors/detector.h"
#include "machines/plant.h"
#include "sinks/sink.h"
#include "sources/source.h"
#include "validators/validator.h"

namespace telltale::engine {

struct ConfiguredSource {
  std::string name;  // cursors, ledger and metrics hang on it
  const sources::SourcePart* part;
  Settings settings;    // the part's own fields
  std::string mapping;  // a shipped mapping's name, or the path of the site's own; empty: by the part's default
  Settings common;      // what every source has: zone, time, conflict policy ... (source_fields())
};

struct ConfiguredSink {
  std::string name;
  const sinks::SinkPart* part;
  Settings settings;
  Settings common;  // what every sink has: budget_bytes, budget_age, policy, only ... (sink_fields())
};

/// One detector or limit rule and what it watches.
struct ConfiguredDetector {
  std::string name;  // the rule's name in findings and alarms
  const detectors::DetectorPart* part;
  Settings settings;
  Settings common;  // what every detector has: signals, mode, priority, false alarms, k of n ... (detector_fields())
};

struct ConfiguredValidator {
  const validators::ValidatorPart* part;
  Settings settings;
};

struct Site {
  std::string file;  // where it was read from; empty: made in memory
  std::shared_ptr<const machines::Plant> plant;
  std::vector<ConfiguredSource> sources;
  std::vector<ConfiguredValidator> validators;
  std::vector<ConfiguredDetector> detectors;
  std::vector<ConfiguredSink> sinks;
  Settings engine;  // engine_fields(): lanes, queue sizes, false-alarm budget
  Settings store;   // store_fields(): kind, directory
  Settings api;     // api_fields(): listen, compat, cors, allow_anonymous, limits
  Settings log;     // log_fields(): level, format
};

// The sections' own fields; parts bring theirs. docs/parts.md, schema/site.json and sites/reference.yaml are made from all of them.
const std::vector<Field>& engine_fields();
const std::vector<Field>& store_fields();
const std::vector<Field>& api_fields();
const std::vector<Field>& log_fields();
const std::vector<Field>& source_fields();
const std::vector<Field>& sink_fields();
const std::vector<Field>& detector_fields();

/// Level and form of the log as the site says.
LogLevel log_level(const Site&);
LogFormat log_format(const Site&);

/// What overrides the file: environment variables and flags, by dotted name ("api.listen"). File < environment < flags.
struct Overrides {
  std::map<std::string, std::string> environment;  // the whole environment; only known names are used
  std::map<std::string, RawValue> flags;
};

struct SiteReading {
  std::shared_ptr<const Site> site;         // null when there are mistakes
  std::vector<Settings::Mistake> mistakes;  // all of them, in file order
  std::vector<Settings::Mistake> warnings;  // deprecated keys, odd but legal values
};
SiteReading read_site(const std::string& path, const Overrides&);
SiteReading parse_site(std::string_view yaml, const std::string& file_name, const Overrides&);

}  // namespace telltale::engine
