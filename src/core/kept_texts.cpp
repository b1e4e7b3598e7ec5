// Texts kept beside readings.
#include "core/kept_texts.h"

#include <algorithm>
#include <functional>

namespace telltale {
namespace {
constexpr std::size_t fewest_slots = 16;

std::size_t hash_of(std::string_view name, std::string_view text) {
  const std::hash<std::string_view> hash;
  return hash(text) ^ hash(name) * 0x9e3779b97f4a7c15u;
}
}  // namespace

/// Where the pair stands, or the free place where it belongs.
std::uint32_t& Sayings::slot_of(std::string_view name, std::string_view text) {
  const std::size_t mask = by_hash_.size() - 1;
  std::size_t at = hash_of(name, text) & mask;
  while (by_hash_[at] != 0 && !is(by_hash_[at] - 1, name, text)) at = (at + 1) & mask;
  return by_hash_[at];
}

std::uint32_t Sayings::number_of(std::string_view name, std::string_view text) {
  if (places_.size() * 2 >= by_hash_.size()) {  // at most half full
    by_hash_.assign(std::max(fewest_slots, by_hash_.size() * 2), 0);
    for (std::uint32_t number = 0; number < places_.size(); ++number) {
      const Saying said = (*this)[number];
      slot_of(said.name, said.text) = number + 1;
    }
  }
  std::uint32_t& slot = slot_of(name, text);
  if (slot != 0) return slot - 1;
  const auto begin = static_cast<std::uint32_t>(bytes_.size());
  bytes_.append(name).append(text);
  places_.push_back({begin, static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(text.size())});
  slot = static_cast<std::uint32_t>(places_.size());
  return slot - 1;
}

void Sayings::clear() {
  bytes_.clear();
  places_.clear();
  by_hash_.clear();
}

void KeptTexts::clear() {
  sayings_.clear();
  rows_.clear();
}

}  // namespace telltale
