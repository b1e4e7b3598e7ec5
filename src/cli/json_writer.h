// One JSON object in the order in which it is written: for `--json`. Numbers are exact and shortest, as in the API.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::cli {

std::string json_string(std::string_view);  // quoted and escaped; invalid UTF-8 becomes U+FFFD
std::string json_number(double);            // null where JSON has no such number

class Json {
 public:
  Json& add(std::string_view key, std::string_view text) { return raw(key, json_string(text)); }
  Json& add(std::string_view key, const char* text) { return raw(key, json_string(text)); }
  Json& add(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  Json& add(std::string_view key, Integer value) {
    return raw(key, std::to_string(value));
  }
  Json& add(std::string_view key, double value) { return raw(key, json_number(value)); }
  Json& add(std::string_view key, const std::optional<double>& value) { return raw(key, value ? json_number(*value) : "null"); }
  Json& add(std::string_view key, const Json& object) { return raw(key, object.text()); }
  Json& add(std::string_view key, const std::vector<Json>& objects);
  Json& add(std::string_view key, const std::vector<std::string>& texts);
  Json& raw(std::string_view key, std::string_view json);  // a value that is JSON already
  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace telltale::cli
