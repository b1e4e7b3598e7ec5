// One JSON object in the order in which it is written: for `--json`.
#include "cli/json_writer.h"

#include <charconv>
#include <cmath>

#include "core/utf8.h"

namespace telltale::cli {
namespace {

void append_escaped(std::string& out, char c) {
  static constexpr char hex[] = "0123456789abcdef";
  if (c == '"' || c == '\\')
    (out += '\\') += c;
  else if (c == '\n')
    out += "\\n";
  else if (c == '\t')
    out += "\\t";
  else if (c == '\r')
    out += "\\r";
  else if (static_cast<unsigned char>(c) < 0x20)
    ((out += "\\u00") += hex[c >> 4]) += hex[c & 15];
  else
    out += c;
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t n = utf8_length(text);
    if (n == 1)
      append_escaped(out, text[0]);
    else if (n == 0)
      out += "\xef\xbf\xbd";
    else
      out += text.substr(0, n);
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return out += '"';
}

std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

Json& Json::raw(std::string_view key, std::string_view json) {
  if (!members_.empty()) members_ += ',';
  members_ += json_string(key);
  members_ += ':';
  members_ += json;
  return *this;
}

Json& Json::add(std::string_view key, const std::vector<Json>& objects) {
  std::string list = "[";
  for (const Json& o : objects) list += (list.size() > 1 ? "," : "") + o.text();
  return raw(key, list + "]");
}

Json& Json::add(std::string_view key, const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& t : texts) list += (list.size() > 1 ? "," : "") + json_string(t);
  return raw(key, list + "]");
}

}  // namespace telltale::cli
