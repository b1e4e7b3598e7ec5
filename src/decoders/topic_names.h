// Which machine and which signal a topic speaks of, when no mapping says so: a guess by how people name topics.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "machines/plant.h"

namespace telltale::decoders {

struct TopicNames {
  std::string machine;  // of a message with several values: "plant/P-101/telemetry" speaks of P-101
  std::string asset;    // of a message with one value: "plant/FERM-01/agitator/rpm" speaks of FERM-01 ...
  std::string signal;   // ... and its agitator.rpm
};

/// Of several values: the last level that does not merely say that this is data ("telemetry", "state" ...).
/// Of one value: the last level is the signal; the asset is the last level before it that the plant declares, else the last one that looks
/// like a machine's name (FERM-01, P-101, sensor_1), else the one right before the signal. What stands between the two belongs to the
/// signal, so that two parts of a machine never become one signal. Empty: the topic is too short.
TopicNames names_in_topic(std::string_view topic, const machines::Plant& plant);

/// Guesses once per topic. One thread.
class TopicBook {
 public:
  explicit TopicBook(const machines::Plant& plant) : plant_(plant) {}
  /// Valid until the next call.
  const TopicNames& names(std::string_view topic);

 private:
  const machines::Plant& plant_;
  std::map<std::string, TopicNames, std::less<>> known_;
  std::map<std::string, TopicNames, std::less<>>::const_iterator newest_ = known_.end();
};

}  // namespace telltale::decoders
