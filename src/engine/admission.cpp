// Admission: which readings are new, which repeat, which contradict.
#include "engine/admission.h"

#include <algorithm>

#include "core/fault.h"

namespace telltale::engine {

Result<void> Admission::admit(Sequence sequence, const std::vector<Reading>& readings, Keeps keeps, Input::Fates& fates) {
  fates.of.assign(readings.size(), Input::Fate::admitted);
  fates.displaced.clear();
  fates.all_admitted = true;
  if (planted(Bug::dedupe_off)) return {};
  if (auto asked = ask_history(readings); !asked) return asked;
  for (std::size_t k = 0; k < readings.size(); ++k) {
    const Reading& reading = readings[k];
    const auto bits = std::bit_cast<std::uint64_t>(reading.value);
    Newest& last = newest(reading.signal);
    std::optional<std::uint64_t> stands;
    if (reading.time > last.time)
      last = {reading.time, bits};
    else
      stands = reading.time == last.time ? last.bits : older(reading);
    if (!stands) {
      pending_.push_back({{reading.signal, ns_of(reading.time)}, bits});
      continue;
    }
    fates.all_admitted = false;
    if (*stands == bits) {
      fates.of[k] = Input::Fate::duplicate;
    } else if (keeps == Keeps::first || !history_.may_replace()) {
      fates.of[k] = Input::Fate::conflict;
    } else {
      fates.of[k] = Input::Fate::replaces;
      fates.displaced.emplace_back(k, std::bit_cast<double>(*stands));
      if (reading.time == last.time) last.bits = bits;
      pending_.push_back({{reading.signal, ns_of(reading.time)}, bits});
    }
  }
  inputs_.push_back({sequence, dropped_ + pending_.size()});
  return {};
}

/// What is not newer than its signal's newest, and not among those that queries cannot see yet: one question per signal. The newest
/// itself is asked for too: an earlier reading of this batch may take its place. Nothing has changed when history does not answer, so
/// the same batch may come again.
Result<void> Admission::ask_history(const std::vector<Reading>& readings) {
  asked_.clear();
  for (const Reading& reading : readings) {
    if (reading.time <= newest(reading.signal).time) asked_.push_back({{reading.signal, ns_of(reading.time)}, {}});
  }
  if (asked_.empty()) return {};
  index();
  std::erase_if(asked_, [&](const Asked& a) { return bits_of_.contains(a.key); });
  std::ranges::sort(asked_, {}, &Asked::key);
  asked_.erase(std::ranges::unique(asked_, {}, &Asked::key).begin(), asked_.end());
  for (auto begin = asked_.begin(), end = begin; begin != asked_.end(); begin = end) {
    const SignalId signal = begin->key.signal;
    times_.clear();
    for (end = begin; end != asked_.end() && end->key.signal == signal; ++end) times_.push_back(time_from_ns(end->key.time));
    const auto stored = history_.find_all(names_.asset_name(names_.asset_of(signal)), names_.signal_name(signal), times_);
    if (!stored) return std::unexpected(stored.error());
    for (std::size_t k = 0; k < times_.size(); ++k) begin[static_cast<std::ptrdiff_t>(k)].stands = (*stored)[k];
  }
  return {};
}

/// What stands under the key of a reading that is older than its signal's newest: by this batch, by those before it, or by history.
std::optional<std::uint64_t> Admission::older(const Reading& reading) {
  const Key key{reading.signal, ns_of(reading.time)};
  index();
  if (const auto at = bits_of_.find(key); at != bits_of_.end()) return at->second;
  const auto at = std::ranges::lower_bound(asked_, key, {}, &Asked::key);
  if (at == asked_.end() || at->key != key || !at->stands) return std::nullopt;
  return std::bit_cast<std::uint64_t>(*at->stands);
}

void Admission::index() {
  for (indexed_ = std::max(indexed_, forgotten_); indexed_ < pending_.size(); ++indexed_)
    bits_of_[pending_[indexed_].key] = pending_[indexed_].bits;
}

void Admission::applied(Sequence sequence) {
  std::size_t end = forgotten_;
  for (; !inputs_.empty() && inputs_.front().sequence <= sequence; inputs_.pop_front()) end = inputs_.front().end - dropped_;
  for (std::size_t at = forgotten_; at < std::min(end, indexed_); ++at) {
    const auto known = bits_of_.find(pending_[at].key);  // a key may have been replaced meanwhile: the later one is not visible yet
    if (known != bits_of_.end() && known->second == pending_[at].bits) bits_of_.erase(known);
  }
  forgotten_ = end;
  if (forgotten_ > 4096 && forgotten_ * 2 > pending_.size()) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(forgotten_));
    indexed_ -= std::min(indexed_, forgotten_);
    dropped_ += forgotten_;
    forgotten_ = 0;
  }
}

void Admission::restore(SignalId signal, Time time, double value) {
  Newest& last = newest(signal);
  if (time >= last.time) last = {time, std::bit_cast<std::uint64_t>(value)};
}

}  // namespace telltale::engine
