// A secret: readable where it is used, and nowhere else. It has no formatter and no stream operator on purpose.
#pragma once

#include <string>
#include <utility>

namespace telltale {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace telltale
