// Fuzz target: the saved state of an asset. Whatever comes, only what was saved is taken, and the lane judges what follows.
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "core/log.h"
#include "engine/site.h"
#include "engine/site_lane.h"
#include "fuzz/overlay.h"

using namespace telltale;
using namespace telltale::engine;

namespace {

struct Target {
  std::shared_ptr<const Site> site;
  Names names;
  AssetState saved;

  Target() {
    configure_log(LogLevel::error, LogFormat::logfmt, [](LogLevel, std::string_view) {});
    site = parse_site(
               "site: s\nassets:\n  - id: P-1\n    signals: [{name: flow, limits: [{rule: high, above: 60}]}]\ndetectors:\n  - zscore: "
               "{window: 10}\n    warm_up: 20\n  - ewma: {}\n",
               "fuzz", {})
               .site;
    if (!site) std::abort();
    auto lane = made();
    for (Sequence k = 1; k < 60; ++k) feed(*lane, k, static_cast<double>(k % 7) + (k == 50 ? 90 : 0));
    saved = lane->save(std::numeric_limits<std::size_t>::max()).front();
  }
  std::unique_ptr<SiteLane> made() {
    auto lane = make_site_lane(site, names);
    if (!lane) std::abort();
    return std::move(*lane);
  }
  void feed(SiteLane& lane, Sequence sequence, double value) {
    const Time time = time_from_ns(1'767'225'600'000'000'000 + static_cast<std::int64_t>(sequence) * 1'000'000'000);
    LanePart part{.sequence = sequence, .kind = EntryKind::batch, .tick = time, .readings = {}, .command = {}};
    part.readings.push_back({*names.signal("P-1", "flow"), 0, time, value, {}});
    LaneResult result;
    lane.process(part, result);
    if (!result.quality.empty() && result.quality.size() != 1) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const std::string& bytes : {std::string(input), overlaid(target.saved.bytes, input)}) {
    const auto lane = target.made();
    AssetState state = target.saved;
    state.bytes = bytes;
    if (lane->restore(state) && bytes != target.saved.bytes) std::abort();
    for (Sequence k = 60; k < 70; ++k) target.feed(*lane, k, static_cast<double>(k));
    (void)lane->save(std::numeric_limits<std::size_t>::max());
  }
  return 0;
}
