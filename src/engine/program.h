// A program: everything that watches one kind of signal, and how the bytes of such a signal's state are laid out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "detectors/detector.h"
#include "engine/judge.h"
#include "engine/site.h"
#include "validators/validator.h"

namespace telltale::engine {

/// Bytes of one part within a signal's state. Equal keys mean: same part, same settings, same layout; such bytes may be restored.
struct Segment {
  std::uint64_t key = 0;
  std::size_t offset = 0, bytes = 0;
};

/// A question that is asked of every reading.
struct Check {
  std::unique_ptr<const validators::Validator> validator;
  validators::Turn turn;
  Segment segment;
};

/// A detector with its judge. State: the judge's bytes, one LimitState per hard limit, the detector's.
struct Rule {
  std::string name;
  std::unique_ptr<const detectors::Detector> detector;
  Judge judge;
  std::vector<std::string> limit_names;  // per hard limit: the rule name of its findings and alarms
  Segment segment;
  std::size_t limits_offset = 0, detector_offset = 0;  // within the signal's state; the judge's is the segment's

  bool classic = false;          // the detector's own word
  std::size_t n_statistics = 0;  // 0: there is no JudgeState

  std::span<const std::byte> learned(const std::byte* state) const {
    return {state + detector_offset, segment.offset + segment.bytes - detector_offset};
  }
  JudgeState& judged(std::byte* state) const { return state_as<JudgeState>(state + segment.offset); }
  LimitState& beyond(std::byte* state, std::size_t limit) const {
    return state_as<LimitState>(state + limits_offset + limit * sizeof(LimitState));
  }
};

struct Program {
  std::string signal, unit;
  Check late;                 // always there, first: what is late reaches nothing else
  std::vector<Check> checks;  // in the order of their turns
  std::vector<Rule> rules;    // in the order of the site file
  std::size_t state_bytes = 0;
  std::vector<Segment> segments;      // of `late`, of the checks, of the rules
  std::vector<std::uint32_t> fronts;  // offsets of the cache lines that every reading touches

  std::size_t first_rule() const { return segments.size() - rules.size(); }  // among the segments
};

/// errors   config: a part refused its settings for this signal, with its name and the reason
Result<Program> make_program(const Site& site, std::string_view asset, const machines::Watched& watched);

/// Does a pattern of a detector's `signals` (ASSET.signal or signal, with *) name this signal?
bool names_signal(std::string_view pattern, std::string_view asset, std::string_view signal);

/// What tells of the silence of an asset or of a source.
struct SilenceRule {
  std::string name;
  std::unique_ptr<const detectors::Detector> detector;
  Judge judge;
  Segment segment;
};
struct SilenceRules {
  std::vector<SilenceRule> of_assets, of_sources;
};
Result<SilenceRules> make_silence_rules(const Site& site);

/// Segment::key of what a rule remembers of one source.
std::uint64_t key_for_source(const SilenceRule& rule, std::string_view source);

}  // namespace telltale::engine
