// A body of flat objects, one or an array of them, read without trusting it: what cannot be used costs one item, not the body.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"

namespace telltale::api {

using Scalar = std::variant<std::nullptr_t, bool, double, std::string>;

struct FlatItem {
  std::vector<std::pair<std::string, Scalar>> fields;
  std::string trouble;  // why it cannot be used: a key twice, something nested, no object; empty when it can

  const Scalar* find(std::string_view name) const;
};

struct FlatItems {
  std::vector<FlatItem> items;
  bool is_array = false;
};

/// errors   config: the body as a whole is no JSON (RFC 8259, at most 16 deep)
///          refused: more items than `most`
Result<FlatItems> parse_flat_items(std::string_view body, std::size_t most);

}  // namespace telltale::api
