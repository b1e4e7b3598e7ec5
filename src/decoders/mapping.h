// A mapping says where asset, signal, time, unit and value stand in the messages of one kind of sender.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/names.h"
#include "core/result.h"
#include "decoders/decoder.h"
#include "machines/plant.h"

namespace telltale::decoders {

enum class MessageFormat : std::uint8_t { json, csv };

/// How numbers are times: by their size, or as said.
enum class EpochUnit : std::uint8_t { automatic, s, ms, us, ns };

/// One named signal of a message.
struct MappedSignal {
  std::string signal;  // "suction_pressure"
  std::string from;    // where it stands: JSON pointer without the leading '/', or the column's name
  std::string unit;    // what the sender measures in; empty: the signal's own
};

/// A text that is kept beside the readings of its message.
struct MappedText {
  std::string name, from;
};

/// Places are JSON pointers ("/device/id"; of a table: columns), parts of the topic ("{device}") or fixed texts ("=COMP-001"); of several,
/// the first that stands in the message counts. An array of objects is a list of messages that inherit asset and time from around them.
struct Mapping {
  std::string name;  // "compressor"
  std::string about;
  MessageFormat format = MessageFormat::json;
  std::string topic;  // "grid/sensors/{device}", '+' and '#' as in MQTT; empty: every topic
  std::vector<std::string> asset, signal, value, unit, quality, time, second_clock;
  std::vector<std::string> values;  // objects whose name says nothing: {"ts": 1, "values": {"flow": 2}}
  std::vector<MappedSignal> signals;
  std::vector<MappedText> texts;
  std::vector<std::string> ignore;  // fields that are no signals
  bool others = true;               // numbers that nothing above names become signals under their own names
  EpochUnit epoch = EpochUnit::automatic;
  std::uint64_t fingerprint = 0;  // of the file's text; 0: it comes with the program
  bool asset_from_topic = false;  // no asset in the message: what the topic seems to name (topic_names.h)
};

/// Limits of contract C8, checked before anything is allocated for what exceeds them.
struct DecoderLimits {
  std::size_t body = 1u << 20;  // bytes of one payload
  std::size_t items = 10'000;   // readings of one payload
  std::size_t depth = 16;
  std::size_t name = 256;                // bytes
  std::size_t text = 4096;               // bytes
  bool new_signals_at_any_rate = false;  // the names stand in a file of the site's owner
};

struct DecoderOptions {
  std::string zone;              // of times without one: "+02:00", "Europe/Berlin"; empty: UTC
  bool time_required = false;    // a message without time is a dead letter, else it gets its arrival time, marked
  bool reject_future = true;     // more than 5 min ahead of arrival is a dead letter; else marked
  const Clock* clock = nullptr;  // arrival's: while it is not synchronised nothing is refused for being ahead of it
  std::string default_asset;     // when neither message nor topic names one; empty: such a message is a dead letter
  bool learn_shapes = true;      // false: every text goes to the general reader, for comparison
  DecoderLimits limits = {};
};

/// All mistakes in one Error, each with file, line and column.
Result<Mapping> parse_mapping(std::string_view yaml, const std::string& file_name);
/// "" or "auto": finds the usual names by itself. Else a shipped mapping's name, FOLDER/NAME.yaml, or the path of a file.
/// @param folder  mappings/ beside the site file; empty: none
/// errors   config: no such mapping, with the nearest name; or the mistakes of the file
Result<Mapping> find_mapping(const std::string& name, const std::string& folder);
std::vector<std::string_view> mapping_names();
/// What POST /api/v1/readings takes: {"asset", "signal", "time", "value", "unit", "quality"} or {"asset", "time", "values": {...}}.
Mapping readings_mapping();

/// @param plant, names  must outlive the decoder
/// errors   config: a unit that does not fit its signal, an unknown zone
Result<std::unique_ptr<Decoder>> make_decoder(const Mapping&, const machines::Plant& plant, Names& names,
                                              const DecoderOptions& options = {});
/// find_mapping, then make_decoder.
Result<std::unique_ptr<Decoder>> make_decoder(const std::string& mapping, const std::string& folder, const machines::Plant& plant,
                                              Names& names, const DecoderOptions& options = {});

}  // namespace telltale::decoders
