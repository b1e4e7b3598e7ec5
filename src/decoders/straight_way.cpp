// The short way from bytes to readings.
#include "decoders/straight_way.h"

#include <cmath>

namespace telltale::decoders {

std::size_t StraightWay::read(std::string_view bytes, ShapeMemory& shapes, const TopicView& topic) {
  layout_ = shapes.read_straight(bytes, longest_text_, message_);
  return layout_ != nullptr && layout_->topic_names_signal != topic.signal().empty() ? message_.bytes : 0;
}

bool StraightWay::add(const Payload& payload, const TopicView& topic, Batch& batch) {
  const std::string_view asset = layout_->asset != no_leaf ? message_.asset : topic.asset();
  if (asset.empty()) return false;
  const AssetSlots& slots = layout_->slots_of(asset, names_);
  if (slots.asset == no_asset && !message_.texts.empty()) return false;
  const auto when = stamp(payload);
  if (!when || !add_readings(slots, *when, batch)) return false;
  LeafRole* const roles = layout_->roles.data();
  for (const auto& [text, leaf] : message_.texts) keep_text(batch.texts, slots.asset, when->time, roles[leaf], text);
  return true;
}

/// The message's time. nullopt: there is something to say about it.
std::optional<QuickStamp::Marked> StraightWay::stamp(const Payload& payload) {
  std::optional<QuickStamp::Marked> when;
  if (layout_->time != no_leaf) {
    when = quick_stamp_(message_.time, layout_->second_clock != no_leaf ? &message_.second_clock : nullptr, payload.arrival);
  } else if (!rules_.time_required) {
    when.emplace(payload.arrival).marks.mark(Reason::no_time, Grade::good);
  }
  if (when && payload.retained) when->marks.mark(Reason::retained, Grade::uncertain);
  return when;
}

/// False: the first reading of its signal, or one that its unit makes infinite.
bool StraightWay::add_readings(const AssetSlots& slots, const QuickStamp::Marked& when, Batch& batch) const {
  const std::size_t before = batch.readings.size();
  const AssetSlots::Target* const targets = slots.of_leaf.data();
  std::uint32_t item = batch.n_items;
  for (const StraightMessage::Number& number : message_.numbers) {
    const AssetSlots::Target& target = targets[number.leaf];
    double value = number.value;
    if (!target.as_it_is) {
      value = target.slot != nullptr ? target.slot->conversion(value) : HUGE_VAL;
      if (!std::isfinite(value)) {
        batch.readings.erase(batch.readings.begin() + static_cast<std::ptrdiff_t>(before), batch.readings.end());
        return false;
      }
    }
    batch.readings.emplace_back(target.signal, item++, when.time, value, when.marks);
  }
  batch.n_items = item;
  return true;
}

}  // namespace telltale::decoders
