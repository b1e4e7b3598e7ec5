// What the topic of a payload says, as a mapping reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/same_bytes.h"
#include "decoders/mapping.h"
#include "decoders/topic.h"
#include "decoders/topic_names.h"

namespace telltale::decoders {

/// One thread. Most payloads come under the topic of the one before: what it says is worked out when it changes.
class TopicView {
 public:
  /// @param mapping, plant  must outlive it
  /// @param default_asset   when neither message nor topic names one
  TopicView(const Mapping& mapping, const machines::Plant& plant, std::string default_asset)
      : mapping_(mapping), pattern_(mapping.topic), book_(plant), default_asset_(std::move(default_asset)) {}

  /// False: the payload is refused whole, and the batch says why: its topic does not fit the mapping, or it is too long.
  bool accepts(const Payload& payload, const DecoderLimits& limits, Batch& batch) {
    if (look(payload.topic) && payload.bytes.size() <= limits.body) return true;
    refuse(payload, limits, batch);
    return false;
  }

  /// The signal of a message that names none itself; empty: it is not said.
  std::string_view signal() const { return signal_; }
  /// The asset of a message that names none itself; empty: nobody knows one.
  std::string_view asset() const { return asset_; }
  /// The same for a message with one value, of which the topic says the signal too.
  std::string_view asset_of_signal() const { return asset_of_signal_; }

 private:
  /// False: it does not fit the mapping.
  bool look(std::string_view topic) { return fits_ && same_bytes(topic, topic_) ? *fits_ : look_anew(topic); }
  bool look_anew(std::string_view topic);
  std::string_view said_at(const std::string& place) const;
  void refuse(const Payload& payload, const DecoderLimits& limits, Batch& batch) const;

  const Mapping& mapping_;
  const TopicPattern pattern_;
  TopicBook book_;
  const std::string default_asset_;
  std::string topic_;         // the views below point into it, into the mapping, or into the book
  std::optional<bool> fits_;  // nullopt: no topic was seen yet
  std::vector<std::string_view> parts_;
  std::string_view signal_, asset_, asset_of_signal_;
};

}  // namespace telltale::decoders
