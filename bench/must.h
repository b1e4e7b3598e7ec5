// What must not fail in a bench ends it with its reason.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/result.h"

namespace telltale::bench {

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace telltale::bench
