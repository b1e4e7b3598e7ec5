// Writes JSON: commas, escapes and the shortest digits that read back as the same double. NaN and infinity become null.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace telltale::api {

/// One document, written front to back. Every object() and array() needs its end().
class JsonOut {
 public:
  JsonOut& object() { return open('{', '}'); }
  JsonOut& array() { return open('[', ']'); }
  JsonOut& end();
  JsonOut& key(std::string_view name);

  JsonOut& value(std::string_view text);
  JsonOut& value(const char* text) { return value(std::string_view(text)); }
  JsonOut& value(bool yes) { return raw(yes ? "true" : "false"); }
  JsonOut& value(double number);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonOut& value(T number) {
    if constexpr (std::signed_integral<T>)
      return integer(static_cast<std::int64_t>(number));
    else
      return natural(static_cast<std::uint64_t>(number));
  }
  template <typename T>
  JsonOut& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  JsonOut& null() { return raw("null"); }
  /// Text that is JSON already.
  JsonOut& raw(std::string_view json);

  template <typename T>
  JsonOut& field(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }
  /// Null instead of an empty text.
  JsonOut& field_or_null(std::string_view name, std::string_view text);

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }
  std::size_t size() const { return out_.size(); }

 private:
  JsonOut& open(char begin, char end);
  JsonOut& integer(std::int64_t);
  JsonOut& natural(std::uint64_t);
  void separate();

  std::string out_, closers_;
  bool first_ = true;  // nothing yet in this object or array, or a key was just written
};

}  // namespace telltale::api
