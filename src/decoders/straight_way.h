// The short way from bytes to readings: of messages that look like earlier ones and have nothing to explain.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/batch.h"
#include "decoders/decoder.h"
#include "decoders/mapping.h"
#include "decoders/shape_memory.h"
#include "decoders/stamp.h"
#include "decoders/straight_reader.h"
#include "decoders/topic_view.h"

namespace telltale::decoders {

/// One thread. What it takes the long way (json_decoder.cpp) would take to the same end; of all else it says nothing.
class StraightWay {
 public:
  StraightWay(Names& names, const DecoderOptions& options, const StampRules& rules)
      : names_(names), longest_text_(options.limits.text), rules_(rules), quick_stamp_(rules) {}

  /// Reads the object at the front of `bytes`. Returns its size in bytes; 0: it is not that plain.
  std::size_t read(std::string_view bytes, ShapeMemory& shapes, const TopicView& topic);
  /// Appends what was read last. False: something that only the long way can speak of; the batch is as it was.
  bool add(const Payload& payload, const TopicView& topic, Batch& batch);

 private:
  std::optional<QuickStamp::Marked> stamp(const Payload& payload);
  bool add_readings(const AssetSlots& slots, const QuickStamp::Marked& when, Batch& batch) const;

  Names& names_;
  const std::size_t longest_text_;  // bytes
  const StampRules& rules_;
  QuickStamp quick_stamp_;
  Layout* layout_ = nullptr;  // of what was read last
  StraightMessage message_;
};

}  // namespace telltale::decoders
