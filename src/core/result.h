// How the world fails: by value, with a kind that says what happens next and a sentence that says what to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace telltale {

enum class ErrorKind : std::uint8_t {
  config,         // a person must act: the part stays down and is shown
  not_connected,  // reconnect, then the same again
  timeout,        // the outcome is unknown: the same again
  refused,        // the other side will never take it: dead letter
  closed,         // nothing will ever come
  storage,        // the disk failed us: nothing is acknowledged, the program ends with status 74
  disk_full,      // there was no room and nothing was written: read-only until there is, then the same again
};

std::string_view name_of(ErrorKind);

/// `message` says what was tried, on what, with which value; `hint` what the operator can do.
struct Error {
  ErrorKind kind;
  std::string message;
  std::string hint = {};
  std::optional<std::size_t> item = std::nullopt;  // the culprit among several, where known
};

template <typename T>
using Result = std::expected<T, Error>;

/// A failed Result in one word: `return failed(ErrorKind::config, "port '70000' is above 65535")`.
inline std::unexpected<Error> failed(ErrorKind kind, std::string message, std::string hint = {}) {
  return std::unexpected(Error{kind, std::move(message), std::move(hint), std::nullopt});
}

}  // namespace telltale
