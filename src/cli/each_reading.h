// Every reading of a signal, however many there are: a bounded number of them is in memory at a time.
#pragma once

#include <functional>
#include <string>

#include "stores/store.h"

namespace telltale::cli {

inline constexpr std::size_t most_readings_at_once = 100'000;

/// Calls `each` for every reading of the window, oldest first, until it answers an error, which is returned.
/// returns  how many there were
/// errors   storage, and those of `each`
Result<std::size_t> each_reading(const stores::Reader&, const std::string& asset, const std::string& signal, const stores::Window&,
                                 const std::function<Result<void>(const stores::HistoryPoint&)>& each);

}  // namespace telltale::cli
