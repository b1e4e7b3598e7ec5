// Structured logging: one line per event, component and name first. Formatting and output are installed by the program.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace telltale {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogField {
  std::string_view key;
  std::string value;
};

/// @param component  the room: "source", "commit", "api"
/// @param name       which one: "wellpad", "mqtt"; empty where there is only one
/// @param event      a short sentence without values: values are fields, so that logs can be searched
void log(LogLevel, std::string_view component, std::string_view name, std::string_view event, std::initializer_list<LogField> = {});

using LogWriter = std::function<void(LogLevel, std::string_view line)>;
enum class LogFormat : std::uint8_t { logfmt, json };
/// Before other threads run. Default: logfmt to stderr from info on.
void configure_log(LogLevel least, LogFormat, LogWriter);

}  // namespace telltale
