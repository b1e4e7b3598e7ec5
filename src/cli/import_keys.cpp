// A reading newer than everything known of its signal is fresh without a question; the others of a batch are asked for signal by signal.
#include "cli/import_keys.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

namespace telltale::cli {
namespace {

constexpr std::size_t every_point = 1'000'000'000;

/// History tells one NaN from another no more than a file does.
std::uint64_t bits_of(double value) { return std::isnan(value) ? ~std::uint64_t{0} : std::bit_cast<std::uint64_t>(value); }

KeyFate against(std::uint64_t stands, double value) { return stands == bits_of(value) ? KeyFate::duplicate : KeyFate::conflict; }

}  // namespace

Result<void> ImportKeys::begin() {
  return history_.newest([this](const stores::NewestReading& r) { newest(r.id) = {r.time, bits_of(r.value)}; });
}

ImportKeys::Newest& ImportKeys::newest(SignalId signal) {
  if (signal >= newest_.size()) newest_.resize(signal + 1);
  return newest_[signal];
}

Result<ImportKeys::Values> ImportKeys::standing(SignalId signal, Time from, Time to) const {
  const stores::Window window{from, to == Time::max() ? std::nullopt : std::optional(to + Nanoseconds(1))};
  const auto points = history_.points(names_.asset_name(names_.asset_of(signal)), names_.signal_name(signal), window, every_point);
  if (!points) return std::unexpected(points.error());
  Values values;
  values.reserve(points->size());
  for (const stores::HistoryPoint& p : *points) values.emplace(ns_of(p.time), bits_of(p.value));
  return values;
}

Result<void> ImportKeys::check(const std::vector<Reading>& readings, std::vector<KeyFate>& fate) {
  fate.assign(readings.size(), KeyFate::fresh);
  std::map<SignalId, Stretch> stretches;
  std::vector<bool> is_older(readings.size());
  for (std::uint32_t k = 0; k < readings.size(); ++k) {
    const Reading& r = readings[k];
    Newest& last = newest(r.signal);
    if (r.time > last.time) {
      last = {r.time, bits_of(r.value)};
    } else if (r.time == last.time && r.time != Time::min()) {
      fate[k] = against(last.bits, r.value);
    } else {
      stretches[r.signal].older.push_back(k);
      is_older[k] = true;
    }
  }
  if (stretches.empty()) return {};
  for (std::uint32_t k = 0; k < readings.size(); ++k) {
    if (fate[k] != KeyFate::fresh || is_older[k]) continue;
    if (const auto at = stretches.find(readings[k].signal); at != stretches.end()) at->second.fresh.push_back(k);
  }
  for (const auto& [signal, stretch] : stretches)
    if (auto done = check_older(signal, stretch, readings, fate); !done) return done;
  return {};
}

Result<void> ImportKeys::check_older(SignalId signal, const Stretch& stretch, const std::vector<Reading>& readings,
                                     std::vector<KeyFate>& fate) const {
  const auto time = [&](std::uint32_t k) { return readings[k].time; };
  const auto [first, last] = std::ranges::minmax(stretch.older, {}, time);
  auto known = standing(signal, time(first), time(last));
  if (!known) return std::unexpected(known.error());
  for (const std::uint32_t k : stretch.fresh) known->emplace(ns_of(readings[k].time), bits_of(readings[k].value));
  for (const std::uint32_t k : stretch.older) {
    const auto [stands, is_new] = known->emplace(ns_of(readings[k].time), bits_of(readings[k].value));
    if (!is_new) fate[k] = against(stands->second, readings[k].value);
  }
  return {};
}

}  // namespace telltale::cli
