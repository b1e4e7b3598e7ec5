// JSON bodies of callers, strictly.
#include "api/json_in.h"

#include <algorithm>
#include <boost/json.hpp>

namespace telltale::api {

namespace json = boost::json;

bool is_json(const HttpRequest& request) {
  const std::string_view type = request.field("content-type");
  return type == "application/json" || type.starts_with("application/json;");
}

Result<void> check_json(std::string_view body) {
  json::monotonic_resource memory;  // nothing of it is kept
  boost::system::error_code error;
  json::parse(body, error, &memory, {.max_depth = 1000});
  if (error)
    return failed(ErrorKind::config, "the body is no JSON: " + error.message(), "send one object, an array of objects or JSON lines");
  return {};
}

Result<std::map<std::string, std::string>> parse_texts(std::string_view body, std::initializer_list<std::string_view> known) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error, {}, {.max_depth = 16});
  if (error) return failed(ErrorKind::config, "the body is no JSON: " + error.message(), "send one JSON object");
  const json::object* object = value.if_object();
  if (!object) return failed(ErrorKind::config, "the body is no JSON object", "send one JSON object");
  std::map<std::string, std::string> texts;
  for (const auto& [key, member] : *object) {
    if (!std::ranges::contains(known, std::string_view(key)))
      return failed(ErrorKind::config, "field '" + std::string(key) + "' is not known", "known: " + std::string(*known.begin()) + " ...");
    if (!member.is_string()) return failed(ErrorKind::config, "field '" + std::string(key) + "' is no text", "put it in quotes");
    texts.emplace(key, member.get_string());
  }
  return texts;
}

}  // namespace telltale::api
