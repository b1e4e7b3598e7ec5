// Structured logging as logfmt for people and as JSON lines for machines. A line is one line, whatever a value holds.
#include "core/log.h"

#include <cstdio>
#include <mutex>

#include "core/clock.h"
#include "core/time.h"

namespace telltale {
namespace {
struct Log {
  std::mutex mutex;
  LogLevel least = LogLevel::info;
  LogFormat format = LogFormat::logfmt;
  LogWriter write = [](LogLevel, std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fputc('\n', stderr);
  };
};

Log& the_log() {
  static Log* const log = new Log;  // never destroyed: threads may log until the very end
  return *log;
}

constexpr std::string_view level_name(LogLevel level) {
  constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  return names[static_cast<std::size_t>(level)];
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

bool plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
  }
  return true;
}

class Line {
 public:
  explicit Line(LogFormat format) : json_(format == LogFormat::json), text_(json_ ? "{" : "") {}
  void add(std::string_view key, std::string_view value) {
    if (!first_) text_ += json_ ? ',' : ' ';
    first_ = false;
    if (json_) {
      append_quoted(text_, key);
      text_ += ':';
      append_quoted(text_, value);
    } else {
      text_.append(key).append("=");
      if (plain(value)) {
        text_.append(value);
      } else {
        append_quoted(text_, value);
      }
    }
  }
  std::string finish() {
    if (json_) text_ += '}';
    return std::move(text_);
  }

 private:
  bool json_, first_ = true;
  std::string text_;
};
}  // namespace

void log(LogLevel level, std::string_view component, std::string_view name, std::string_view event,
         std::initializer_list<LogField> fields) {
  Log& it = the_log();
  std::lock_guard lock(it.mutex);
  if (level < it.least) return;
  Line line(it.format);
  line.add("time", to_rfc3339(Clock::system().now()));
  line.add("level", level_name(level));
  line.add("component", component);
  if (!name.empty()) line.add("name", name);
  line.add("event", event);
  for (const LogField& field : fields) line.add(field.key, field.value);
  it.write(level, line.finish());
}

void configure_log(LogLevel least, LogFormat format, LogWriter writer) {
  Log& it = the_log();
  std::lock_guard lock(it.mutex);
  it.least = least;
  it.format = format;
  if (writer) it.write = std::move(writer);
}

}  // namespace telltale
