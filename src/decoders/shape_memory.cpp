// The shapes that a decoder has met.
#include "decoders/shape_memory.h"

#include <algorithm>

namespace telltale::decoders {
namespace {
constexpr std::size_t patience = 64;  // objects without a common shape: their sender never repeats itself, and looking costs
constexpr std::size_t look_again = 32;
}  // namespace

bool ShapeMemory::worth_a_look(std::string_view bytes) const {
  return !known_.empty() && bytes.starts_with('{') && (unlike_ <= patience || unlike_ % look_again == 0);
}

void ShapeMemory::found(std::size_t at) {
  known_[last_].next = at;
  last_ = at;
  unlike_ = 0;
}

Layout* ShapeMemory::read_straight(std::string_view bytes, std::size_t longest_text, StraightMessage& into) {
  if (!worth_a_look(bytes)) return nullptr;
  const auto try_one = [&](std::size_t at, StraightReader::Spelling spelling) -> Layout* {
    Known& known = known_[at];
    if (!known.straight || !known.straight->read(bytes, known.layout->next_speaker(), longest_text, spelling, into)) return nullptr;
    found(at);
    return known.layout;
  };
  const std::size_t expected = known_[last_].next;
  if (Layout* const layout = try_one(expected, StraightReader::Spelling::loose)) return layout;
  for (std::size_t at = 0; at < known_.size(); ++at) {
    if (at == expected) continue;
    if (Layout* const layout = try_one(at, StraightReader::Spelling::exact)) return layout;
  }
  return nullptr;
}

ShapeMemory::Fit ShapeMemory::read(std::string_view bytes, std::size_t longest_text, std::vector<Leaf>& leaves) {
  if (!worth_a_look(bytes)) return {};
  const std::size_t expected = known_[last_].next;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const std::size_t at = expected + i < known_.size() ? expected + i : expected + i - known_.size();
    const std::size_t size = known_[at].shape.read(bytes, longest_text, leaves);
    if (size == 0) continue;
    found(at);
    return {known_[at].layout, size};
  }
  return {};
}

void ShapeMemory::learn(std::string_view object, Layout& layout, const std::vector<Leaf>& leaves) {
  if (++unlike_ > patience && unlike_ % look_again != 0) return;
  if (std::ranges::any_of(leaves, [](const Leaf& l) { return l.kind == Leaf::Kind::bad || l.kind == Leaf::Kind::array; })) return;
  auto shape = Shape::of(object);
  if (!shape || shape->n_values() != leaves.size()) return;
  auto straight = StraightReader::of(layout, leaves, *shape);
  if (known_.size() < most) {
    known_.push_back({std::move(*shape), &layout, 0, std::move(straight)});
    last_ = known_.size() - 1;
  } else {
    last_ = oldest_++ % most;
    known_[last_] = {std::move(*shape), &layout, 0, std::move(straight)};
  }
  known_[last_].next = last_;
}

void ShapeMemory::forget(const Layout& layout) {
  if (std::ranges::none_of(known_, [&](const Known& k) { return k.layout == &layout; })) return;
  known_.clear();  // rare: there are more layouts than shapes
  last_ = oldest_ = 0;
}

}  // namespace telltale::decoders
