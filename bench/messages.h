// The messages that benches decode and feed: a compressor's twelve fields with six readings, 300 bytes, as the first original sends them.
#pragma once

#include <string>
#include <vector>

#include "core/time.h"

namespace telltale::bench {

inline constexpr std::int64_t first_second = 1'771'805'400;  // 2026-02-23T00:10:00Z
inline const char* const topic = "compressor/telemetry";

/// One message of each of `n_assets` machines per second, `n` in all; random walks, one or two decimals.
/// @param spaced  blanks at random places between the tokens, so that no two messages share a shape
std::vector<std::string> compressor_messages(std::size_t n, std::size_t n_assets, bool spaced = false);

/// MQTT 3.1.1 PUBLISH frames of QoS 0, one after another, as they stand in a socket's stream.
std::string publish_frames(const std::vector<std::string>& messages);

/// Walks over such a stream. False: the end.
bool next_publish(std::string_view& stream, std::string_view& topic, std::string_view& payload);

}  // namespace telltale::bench
