// Open chunks that fill up and are sealed.
#include "stores/history_memory.h"

#include <algorithm>

namespace telltale::stores {

void Generation::put(SignalId signal, const Sample& sample) {
  if (signal >= kept_.size()) kept_.resize(std::max<std::size_t>(signal + 1, kept_.size() * 3 / 2));
  auto& slot = kept_[signal];
  if (!slot) slot = std::make_unique<Kept>();
  Kept& kept = *slot;
  const std::size_t before = kept.open.bytes();
  if (!kept.open.add(sample)) {
    seal(kept);
    kept.open.add(sample);
  }
  bytes_ += kept.open.bytes();
  bytes_ -= before;
  const bool only_one = kept.open.count() == 1;
  kept.first = only_one ? sample.time : std::min(kept.first, sample.time);
  kept.last = only_one ? sample.time : std::max(kept.last, sample.time);
  ++readings_;
}

void Generation::seal(Kept& kept) {
  auto sealed = std::make_shared<SealedChunk>(kept.first, kept.last, std::string());
  sealed->bytes.reserve(kept.open.bytes() + 16);
  kept.open.write(sealed->bytes);
  bytes_ += sealed->bytes.capacity() + sizeof(SealedChunk);
  if (!kept.sealed) kept.sealed = std::make_unique<Sealed>();
  kept.sealed->push_back(std::move(sealed));
  kept.open.clear();
}

const Generation::Sealed& Generation::sealed(const Kept& kept) {
  static const Sealed none;
  return kept.sealed ? *kept.sealed : none;
}

void Generation::collect(SignalId signal, Time from, Time to, std::vector<std::shared_ptr<const SealedChunk>>& chunks,
                         std::vector<Sample>& open) const {
  if (!knows(signal)) return;
  const Kept& kept = *kept_[signal];
  for (const auto& chunk : sealed(kept)) {
    if (chunk->first <= to && chunk->last >= from) chunks.push_back(chunk);
  }
  if (kept.open.count() > 0 && kept.first <= to && kept.last >= from) kept.open.read(open);
}

void Generation::read(SignalId signal, std::vector<Sample>& into) const {
  if (!knows(signal)) return;
  const Kept& kept = *kept_[signal];
  into.reserve(into.size() + (sealed(kept).size() + 1) * OpenChunk::most_samples);  // once: each chunk would ask for just its own room
  for (const auto& chunk : sealed(kept)) read_chunk(chunk->bytes, into);
  kept.open.read(into);
  in_order_of_time(into);
}

void in_order_of_time(std::vector<Sample>& samples) {
  const auto not_after = [](const Sample& a, const Sample& b) { return a.time >= b.time; };
  if (std::ranges::adjacent_find(samples, not_after) == samples.end()) return;  // as nearly always
  std::ranges::stable_sort(samples, {}, &Sample::time);
  const auto doubled = std::ranges::unique(samples, {}, &Sample::time);
  samples.erase(doubled.begin(), doubled.end());
}

}  // namespace telltale::stores
