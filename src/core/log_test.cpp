// A log line stays one line, whatever a value holds.
#include "core/log.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

std::string logged(LogFormat format, std::initializer_list<LogField> fields) {
  std::string line;
  configure_log(LogLevel::info, format, [&](LogLevel, std::string_view text) { line = text; });
  log(LogLevel::info, "source", "wellpad", "connected", fields);
  configure_log(LogLevel::info, LogFormat::logfmt, [](LogLevel, std::string_view) {});
  return line.substr(line.find(format == LogFormat::json ? "\"level\"" : "level"));
}

TEST(Log, WritesLogfmtForPeople) {
  EXPECT_EQ(logged(LogFormat::logfmt, {{"broker", "mqtt://x"}, {"why", "no route"}}),
            "level=info component=source name=wellpad event=connected broker=mqtt://x why=\"no route\"");
}

TEST(Log, CannotBeBrokenByAValue) {
  EXPECT_EQ(logged(LogFormat::logfmt, {{"topic", "a\nlevel=error \"x\""}}),
            R"(level=info component=source name=wellpad event=connected topic="a\nlevel=error \"x\"")");
  EXPECT_EQ(logged(LogFormat::json, {{"topic", "a\n\x01\""}}),
            R"("level":"info","component":"source","name":"wellpad","event":"connected","topic":"a\n\u0001\""})");
}

}  // namespace
}  // namespace telltale
