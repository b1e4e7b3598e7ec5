// Programs: parts are made for a signal, and their states laid out side by side.
#include "engine/program.h"

#include <algorithm>
#include <bit>

#include "core/random.h"
#include "core/wildcard.h"

namespace telltale::engine {
namespace {

using detectors::DetectorPart;
using machines::SignalType;

class Fold {
 public:
  Fold& text(std::string_view t) {
    for (const char c : t) add(static_cast<unsigned char>(c));
    return add(0x100);
  }
  Fold& number(double x) { return add(std::bit_cast<std::uint64_t>(x)); }
  Fold& optional(const std::optional<double>& x) { return x ? add(1).number(*x) : add(0); }
  Fold& add(std::uint64_t x) {
    value_ = spread(value_ ^ x);
    return *this;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

/// What of a signal's declaration decides over results: not its label, nor where it is drawn.
std::uint64_t hash_of(const SignalType* type) {
  Fold f;
  if (!type) return f.value();
  f.add(static_cast<std::uint64_t>(type->role))
      .optional(type->range_low)
      .optional(type->range_high)
      .optional(type->resolution)
      .optional(type->max_rate);
  for (const machines::Limit& l : type->limits) {
    f.text(l.rule).add(l.above).number(l.value).number(l.deadband).add(static_cast<std::uint64_t>(l.on_delay.count()));
    f.add(static_cast<std::uint64_t>(l.off_delay.count())).add(l.priority);
  }
  return f.value();
}

constexpr std::size_t up_to(std::size_t x, std::size_t step) { return (x + step - 1) / step * step; }

constexpr std::size_t line_bytes = 64;

/// Takes room for a part. Parts stand close together: a signal's state spans as few cache lines as it can.
Segment take(std::size_t& state_bytes, std::uint64_t key, std::size_t bytes) {
  const Segment s{key, up_to(state_bytes, 8), bytes};
  state_bytes = s.offset + bytes;
  return s;
}

void add_front(Program& program, std::size_t offset, std::size_t bytes) {
  for (std::size_t at = offset / line_bytes * line_bytes; at < offset + bytes; at += line_bytes) {
    const auto line = static_cast<std::uint32_t>(at);
    if (!std::ranges::contains(program.fronts, line)) program.fronts.push_back(line);
  }
}

void find_fronts(Program& program) {
  add_front(program, program.late.segment.offset, program.late.segment.bytes);
  for (const Check& check : program.checks) add_front(program, check.segment.offset, check.segment.bytes);
  for (const Rule& rule : program.rules) {
    add_front(program, rule.segment.offset, rule.detector_offset + rule.detector->state_layout(1).front - rule.segment.offset);
  }
}

std::unexpected<Error> refused_by(std::string_view part, Error error) {
  error.message = std::string(part) + ": " + error.message;
  return std::unexpected(std::move(error));
}

bool watches(const ConfiguredDetector& configured, std::string_view asset, std::string_view signal) {
  const auto& patterns = configured.common.texts("signals");
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& p) { return names_signal(p, asset, signal); });
}

Result<Check> make_check(const validators::ValidatorPart& part, const Settings& settings, const machines::Watched& watched,
                         std::size_t& state_bytes) {
  auto made = part.make(settings, watched);
  if (!made) return refused_by(part.name, made.error());
  Check check{std::move(*made), part.turn, {}};
  const std::uint64_t key = Fold().text(part.name).add(part.results_version).add(settings.hash()).add(hash_of(watched.type)).value();
  if (check.validator) check.segment = take(state_bytes, key, check.validator->state_bytes());
  return check;
}

/// `late` watches over everything else, so it is there whether the site names it or not.
Result<Check> make_late(const Site& site, const machines::Watched& watched, std::size_t& state_bytes) {
  const auto is_late = [](const auto& c) { return c.part->name == "late"; };
  if (const auto own = std::ranges::find_if(site.validators, is_late); own != site.validators.end()) {
    return make_check(*own->part, own->settings, watched, state_bytes);
  }
  const auto parts = validators::validator_parts();
  const auto part = std::ranges::find(parts, "late", &validators::ValidatorPart::name);
  return make_check(*part, Settings::of(part->fields), watched, state_bytes);
}

std::vector<std::string> limit_names(const std::string& rule, std::span<const machines::Limit> limits) {
  std::vector<std::string> names;
  for (const machines::Limit& limit : limits) names.push_back(!limit.rule.empty() ? limit.rule : rule + (limit.above ? "_high" : "_low"));
  return names;
}

std::uint64_t key_of(const ConfiguredDetector& c, std::uint32_t layout_version, const SignalType* type) {
  constexpr std::uint64_t judge_version = 3;  // raised when equal input gives other verdicts
  return Fold()
      .text(c.name)
      .text(c.part->name)
      .add(c.part->results_version)
      .add(layout_version)
      .add(judge_version)
      .add(c.settings.hash())
      .add(c.common.hash())
      .add(hash_of(type))
      .value();
}

/// Null detector: the part has nothing to watch on this signal. Offsets count from the rule's own beginning.
Result<Rule> make_rule(const ConfiguredDetector& configured, const machines::Watched& watched) {
  auto judge = judge_settings(configured.common);
  if (!judge) return refused_by(configured.name, judge.error());
  auto made = configured.part->make(configured.settings, watched);
  if (!made) return refused_by(configured.name, made.error());
  Rule rule{configured.name, std::move(*made), Judge(*judge), {}, {}};
  if (!rule.detector) return rule;
  const auto limits = rule.detector->limits();
  rule.limit_names = limit_names(rule.name, limits);
  const auto layout = rule.detector->state_layout(1);
  rule.classic = rule.detector->classic();
  rule.n_statistics = rule.detector->n_statistics();
  rule.limits_offset = JudgeState::bytes(rule.n_statistics);
  rule.detector_offset = up_to(rule.limits_offset + limits.size() * sizeof(LimitState), 8);
  rule.segment = {key_of(configured, layout.version, watched.type), 0, rule.detector_offset + layout.bytes};
  return rule;
}

/// What every reading touches stands together, windows behind it.
void place(std::vector<Rule>& rules, std::size_t& state_bytes) {
  const auto has_window = [](const Rule& rule) {
    const auto layout = rule.detector->state_layout(1);
    return layout.front < layout.bytes;
  };
  for (const bool windows : {false, true}) {
    for (Rule& rule : rules) {
      if (has_window(rule) != windows) continue;
      rule.segment = take(state_bytes, rule.segment.key, rule.segment.bytes);
      rule.limits_offset += rule.segment.offset;
      rule.detector_offset += rule.segment.offset;
    }
  }
}

}  // namespace

bool names_signal(std::string_view pattern, std::string_view asset, std::string_view signal) {
  if (wildcard_match(pattern, signal)) return true;
  return pattern.find('.') != pattern.npos && wildcard_match(pattern, std::string(asset) + "." + std::string(signal));
}

Result<Program> make_program(const Site& site, std::string_view asset, const machines::Watched& watched) {
  Program program;
  program.signal = watched.signal;
  if (watched.type) program.unit = watched.type->unit;
  auto late = make_late(site, watched, program.state_bytes);
  if (!late) return std::unexpected(late.error());
  program.late = std::move(*late);
  for (const ConfiguredValidator& configured : site.validators) {
    if (configured.part->name == "late") continue;
    auto check = make_check(*configured.part, configured.settings, watched, program.state_bytes);
    if (!check) return std::unexpected(check.error());
    if (check->validator) program.checks.push_back(std::move(*check));
  }
  std::ranges::stable_sort(program.checks, {}, &Check::turn);
  for (const ConfiguredDetector& configured : site.detectors) {
    if (configured.part->scope != detectors::Scope::signal || !watches(configured, asset, watched.signal)) continue;
    auto rule = make_rule(configured, watched);
    if (!rule) return std::unexpected(rule.error());
    if (rule->detector) program.rules.push_back(std::move(*rule));
  }
  place(program.rules, program.state_bytes);
  program.segments.push_back(program.late.segment);
  for (const Check& check : program.checks) program.segments.push_back(check.segment);
  for (const Rule& rule : program.rules) program.segments.push_back(rule.segment);
  program.state_bytes = up_to(std::max<std::size_t>(program.state_bytes, 1), line_bytes);
  find_fronts(program);
  return program;
}

namespace {
/// Null detector: the part does not watch such things.
Result<SilenceRule> make_silence_rule(const ConfiguredDetector& configured, const machines::Watched& watched) {
  auto judge = judge_settings(configured.common);
  if (!judge) return refused_by(configured.name, judge.error());
  auto made = configured.part->make(configured.settings, watched);
  if (!made) return refused_by(configured.name, made.error());
  SilenceRule rule{configured.name, std::move(*made), Judge(*judge), {}};
  if (!rule.detector) return rule;
  const auto layout = rule.detector->state_layout(1);
  rule.segment = {.key = key_of(configured, layout.version, nullptr), .offset = 0, .bytes = layout.bytes};
  return rule;
}
}  // namespace

Result<SilenceRules> make_silence_rules(const Site& site) {
  SilenceRules rules;
  for (const ConfiguredDetector& configured : site.detectors) {
    if (configured.part->scope != detectors::Scope::silence) continue;
    for (const bool source : {false, true}) {
      auto rule = make_silence_rule(configured, {.signal = "*", .type = nullptr, .source = source});
      if (!rule) return std::unexpected(rule.error());
      if (rule->detector) (source ? rules.of_sources : rules.of_assets).push_back(std::move(*rule));
    }
  }
  return rules;
}

std::uint64_t key_for_source(const SilenceRule& rule, std::string_view source) { return Fold().add(rule.segment.key).text(source).value(); }

}  // namespace telltale::engine
