// Reads an engine's JSON answers without surprises: what is missing or of another kind is empty, zero or null.
#include "cli/json_reader.h"

namespace telltale::cli {

namespace json = boost::json;

Result<json::object> json_object(std::string_view text, const std::string& from) {
  boost::system::error_code wrong;
  json::value value = json::parse(text, wrong);
  if (wrong || !value.is_object())
    return failed(ErrorKind::refused, from + " does not answer as Telltale does", "is something else listening there?");
  return std::move(value.as_object());
}

std::string text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::optional<double> number_of(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  return value.to_number<double>();
}

std::optional<double> number_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value ? number_of(*value) : std::nullopt;
}

bool flag_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_bool() && value->as_bool();
}

const json::array& array_in(const json::object& object, std::string_view name) {
  static const json::array none;
  const auto* value = object.if_contains(name);
  return value && value->is_array() ? value->as_array() : none;
}

const json::object& object_in(const json::object& object, std::string_view name) {
  static const json::object none;
  const auto* value = object.if_contains(name);
  return value && value->is_object() ? value->as_object() : none;
}

}  // namespace telltale::cli
