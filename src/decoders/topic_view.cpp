// What the topic of a payload says.
#include "decoders/topic_view.h"

#include <algorithm>

#include "decoders/signal_slots.h"
#include "decoders/unmapped.h"

namespace telltale::decoders {
namespace {
bool is_part(const std::string& place) { return place.starts_with('{'); }
bool is_fixed(const std::string& place) { return place.starts_with('='); }
}  // namespace

/// "{device}" of the topic, or the text of "=COMP-001"; empty: neither.
std::string_view TopicView::said_at(const std::string& place) const {
  const std::string_view inner = std::string_view(place).substr(1);
  if (is_fixed(place)) return inner;
  if (!is_part(place)) return {};
  const auto part = pattern_.part(inner.substr(0, inner.size() - 1));
  return part && *part < parts_.size() ? parts_[*part] : std::string_view{};
}

bool TopicView::look_anew(std::string_view topic) {
  topic_ = topic;
  signal_ = asset_ = asset_of_signal_ = {};
  auto parts = pattern_.match(topic_);
  fits_ = parts.has_value();
  if (!parts) return false;
  parts_ = std::move(*parts);

  static const TopicNames none;
  const TopicNames& guessed = mapping_.asset_from_topic ? book_.names(topic_) : none;
  const auto place = std::ranges::find_if(mapping_.signal, [](const std::string& p) { return is_part(p) || is_fixed(p); });
  signal_ = place != mapping_.signal.end() ? said_at(*place) : guessed.signal;
  for (const std::string& p : mapping_.asset) {
    if (asset_.empty()) asset_ = said_at(p);
  }
  asset_of_signal_ = asset_;
  for (auto [asset, name] : {std::pair(&asset_, &guessed.machine), std::pair(&asset_of_signal_, &guessed.asset)}) {
    if (asset->empty()) *asset = name->empty() ? std::string_view(default_asset_) : *name;
  }
  return true;
}

void TopicView::refuse(const Payload& payload, const DecoderLimits& limits, Batch& batch) const {
  if (*fits_) {
    return add_rejected(
        batch, DeadLetterReason::limit_exceeded,
        "a body of " + std::to_string(payload.bytes.size()) + " bytes; at most " + std::to_string(limits.body) + " are taken",
        payload.bytes);
  }
  note_unmapped(batch, topic_);
  add_rejected(batch, DeadLetterReason::unmapped, "topic '" + topic_ + "' does not fit " + mapping_.topic, payload.bytes);
}

}  // namespace telltale::decoders
