// Reads an engine's JSON answers without surprises: what is missing or of another kind is empty, zero or null.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace telltale::cli {

/// errors   refused: `from` does not answer with a JSON object
Result<boost::json::object> json_object(std::string_view text, const std::string& from);
std::string text_in(const boost::json::object&, std::string_view name);
std::optional<double> number_in(const boost::json::object&, std::string_view name);
bool flag_in(const boost::json::object&, std::string_view name);
/// An empty array or object when there is none of that name.
const boost::json::array& array_in(const boost::json::object&, std::string_view name);
const boost::json::object& object_in(const boost::json::object&, std::string_view name);
std::optional<double> number_of(const boost::json::value&);

}  // namespace telltale::cli
