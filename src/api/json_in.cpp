// JSON bodies of callers, strictly.
#include "api/json_in.h"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

namespace telltale::api {

namespace json = boost::json;

namespace {

/// Hears a whole document and keeps nothing of it: whether it is JSON is all that is asked.
struct Deaf {
  static constexpr std::size_t max_object_size = -1, max_array_size = -1, max_key_size = -1, max_string_size = -1;
  using Code = boost::system::error_code;
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t, Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_key(json::string_view, std::size_t, Code&) { return true; }
  bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_string(json::string_view, std::size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
  bool on_double(double, json::string_view, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }
};

}  // namespace

bool is_json(const HttpRequest& request) {
  const std::string_view type = request.field("content-type");
  return type == "application/json" || type.starts_with("application/json;");
}

Result<void> check_json(std::string_view body) {
  boost::system::error_code error;
  json::basic_parser<Deaf> parser({.max_depth = 1000, .numbers = json::number_precision::none});
  const std::size_t read = parser.write_some(/*more=*/false, body.data(), body.size(), error);
  if (!error && read < body.size()) error = json::error::extra_data;
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
