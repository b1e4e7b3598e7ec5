// Writes JSON: commas, escapes and the shortest digits that read back as the same double.
#include "api/json_out.h"

#include <cassert>
#include <charconv>

#include "core/json_text.h"

namespace telltale::api {
namespace {

template <typename T>
void append_digits(std::string& out, T number) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  assert(error == std::errc{});
  out.append(digits, end);
}

}  // namespace

void JsonOut::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonOut& JsonOut::open(char begin, char end) {
  separate();
  out_ += begin;
  closers_ += end;
  first_ = true;
  return *this;
}

JsonOut& JsonOut::end() {
  assert(!closers_.empty());
  out_ += closers_.back();
  closers_.pop_back();
  first_ = false;
  return *this;
}

JsonOut& JsonOut::key(std::string_view name) {
  separate();
  append_json(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonOut& JsonOut::value(std::string_view text) {
  separate();
  append_json(out_, text);
  return *this;
}

JsonOut& JsonOut::value(double number) {
  separate();
  append_json(out_, number);
  return *this;
}

JsonOut& JsonOut::integer(std::int64_t number) {
  separate();
  append_digits(out_, number);
  return *this;
}

JsonOut& JsonOut::natural(std::uint64_t number) {
  separate();
  append_digits(out_, number);
  return *this;
}

JsonOut& JsonOut::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonOut& JsonOut::field_or_null(std::string_view name, std::string_view text) {
  key(name);
  return text.empty() ? null() : value(text);
}

}  // namespace telltale::api
