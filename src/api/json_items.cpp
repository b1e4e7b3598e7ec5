// A body of flat objects, one or an array of them: a handler of Boost.JSON's events that keeps one level and counts the rest.
#include "api/json_items.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

namespace telltale::api {

const Scalar* FlatItem::find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &std::pair<std::string, Scalar>::first);
  return found == fields.end() ? nullptr : &found->second;
}

namespace {

namespace json = boost::json;
using error_code = boost::system::error_code;

/// Called in the order of the text. depth_ counts objects and arrays that are open.
class Collector {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  FlatItems found;
  bool too_many = false;
  std::size_t most = 0;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code& error) {
    if (depth_ == 0)
      found.is_array = true;
    else if (!begin_value(error))
      return false;
    else
      item().trouble = "holds a list";
    ++depth_;
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    --depth_;
    return true;
  }
  bool on_object_begin(error_code& error) {
    if (!begin_value(error)) return false;
    if (depth_ > item_depth()) item().trouble = "holds another object";
    ++depth_;
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    --depth_;
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, error_code&) { return append(part); }
  bool on_key(json::string_view part, std::size_t, error_code&) {
    append(part);
    if (depth_ == item_depth() + 1) {
      if (item().find(text_)) item().trouble = "has the key '" + text_ + "' twice";
      key_ = text_;
    }
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, error_code&) { return append(part); }
  bool on_string(json::string_view part, std::size_t, error_code& error) {
    append(part);
    return scalar(std::exchange(text_, {}), error);
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t v, json::string_view, error_code& error) { return scalar(static_cast<double>(v), error); }
  bool on_uint64(std::uint64_t v, json::string_view, error_code& error) { return scalar(static_cast<double>(v), error); }
  bool on_double(double v, json::string_view, error_code& error) { return scalar(v, error); }
  bool on_bool(bool v, error_code& error) { return scalar(v, error); }
  bool on_null(error_code& error) { return scalar(nullptr, error); }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  std::size_t item_depth() const { return found.is_array ? 1 : 0; }
  FlatItem& item() { return found.items.back(); }

  bool append(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  /// A value where items stand is a new item.
  bool begin_value(error_code& error) {
    if (depth_ != item_depth()) return true;
    if (found.items.size() == most) {
      too_many = true;
      error = json::error::array_too_large;
      return false;
    }
    found.items.emplace_back();
    return true;
  }

  bool scalar(Scalar value, error_code& error) {
    if (!begin_value(error)) return false;
    if (depth_ == item_depth())
      item().trouble = "is no object";
    else if (depth_ == item_depth() + 1)
      item().fields.emplace_back(std::exchange(key_, {}), std::move(value));
    return true;
  }

  std::size_t depth_ = 0;
  std::string text_, key_;
};

}  // namespace

Result<FlatItems> parse_flat_items(std::string_view body, std::size_t most) {
  json::parse_options options;
  options.max_depth = 16;
  json::basic_parser<Collector> parser(options);
  parser.handler().most = most;
  error_code error;
  const std::size_t n = parser.write_some(false, body.data(), body.size(), error);
  if (parser.handler().too_many)
    return failed(ErrorKind::refused, "more than " + std::to_string(most) + " readings in one call", "send them in several calls");
  const bool rest = !error && body.find_first_not_of(" \t\r\n", n) != std::string_view::npos;
  if (error || rest || !parser.done())
    return failed(ErrorKind::config, "the body is no JSON" + (error ? ": " + error.message() : std::string()),
                  "send one object or an array of objects");
  return std::move(parser.handler().found);
}

}  // namespace telltale::api
