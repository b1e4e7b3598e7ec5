// JSON bodies of callers, strictly: RFC 8259, no key twice, no deeper than the contract allows.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "core/http.h"
#include "core/result.h"

namespace telltale::api {

/// Is the body said to be JSON? Without a Content-Type it is taken for JSON unless it comes from a browser's form.
bool is_json(const HttpRequest& request);

/// Is the body, as a whole, JSON? What its values mean is for others to say.
/// errors   config: where it stops being JSON
Result<void> check_json(std::string_view body);

/// An object of texts alone. Fields that are not listed, and anything that is no text, are errors.
/// errors   config: with the field and what it should be
Result<std::map<std::string, std::string>> parse_texts(std::string_view body, std::initializer_list<std::string_view> known);

}  // namespace telltale::api
