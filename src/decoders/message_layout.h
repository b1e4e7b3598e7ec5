// What each leaf of a message is for. Messages of one sender look alike: this is worked out once per layout, not once per value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decoders/json_message.h"
#include "decoders/mapping.h"
#include "decoders/signal_slots.h"
#include "decoders/topic.h"

namespace telltale::decoders {

constexpr std::size_t no_leaf = static_cast<std::size_t>(-1);

struct LeafRole {
  enum class Kind : std::uint8_t { none, signal, text } kind = Kind::none;
  std::string name;    // of the signal or the kept text
  std::string unit;    // that the mapping states
  bool named = false;  // the mapping names it: a value that is no number is a mistake, not just a text
  std::size_t unit_leaf = no_leaf, quality_leaf = no_leaf, time_leaf = no_leaf;  // beside it: {"temp": {"value": 3, "unit": "degC"}}
  std::uint32_t said_last = 0;  // number of the kept text's last saying, in the batch that it went to
};

/// Keeps a text. What it said the last time it mostly says again, and then nothing is looked up.
inline void keep_text(KeptTexts& texts, AssetId asset, Time time, LeafRole& role, std::string_view text) {
  Sayings& sayings = texts.sayings();
  if (!sayings.is(role.said_last, role.name, text)) role.said_last = sayings.number_of(role.name, text);
  texts.add({asset, role.said_last, time});
}

/// Where the values of one asset's messages go.
struct AssetSlots {
  struct Target {
    const Slot* slot = nullptr;  // null: not asked for yet
    SignalId signal = no_signal;
    bool as_it_is = false;  // no conversion
  };
  std::string_view name;
  AssetId asset = no_asset;     // no_asset: not known yet when it was made
  std::vector<Target> of_leaf;  // [leaves]
  AssetSlots* next = nullptr;   // who spoke after it the last time
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct Layout {
  std::vector<std::string> paths;  // [leaves]
  bool bare = false, topic_names_signal = false;
  std::vector<LeafRole> roles;  // [leaves]
  std::size_t asset = no_leaf, time = no_leaf, second_clock = no_leaf;
  std::size_t signal_name = no_leaf, value = no_leaf, unit = no_leaf, quality = no_leaf;  // of a single reading
  bool single = false;  // {asset, signal, time, value}: the signal's name is a value of the message, or part of the topic
  bool has_signals = false;
  std::unordered_map<std::string, AssetSlots, TextHash, std::equal_to<>> slots;  // by asset

  /// Senders take turns in a steady order, so the asset that followed the last time is looked at first.
  AssetSlots& slots_of(std::string_view asset, Names& names);
  /// Whose message comes next, most likely; empty: no idea.
  std::string_view next_speaker() const { return speaker_ && speaker_->next ? speaker_->next->name : std::string_view{}; }
  bool fits(const Group& group, bool topic_names_signal) const;

 private:
  AssetSlots* speaker_ = nullptr;  // of the last message
};

/// @param topic_names_signal  the topic may say the signal where the message does not
Layout make_layout(const Mapping& mapping, const Group& group, bool topic_names_signal);

/// "motor/temp" -> "motor.temp", with "~1" and "~0" of JSON pointers undone.
std::string signal_name_of(std::string_view path);

}  // namespace telltale::decoders
