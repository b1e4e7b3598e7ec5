// What the places of core/fault.h do in the laboratory's builds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "core/fault.h"

namespace telltale::faultlab {

/// In this process, called at every crash point instead of dying there. Empty: none.
void at_crash_points(std::function<void(std::string_view name)> hook);
/// The n-th allocation by operator new from now on finds no memory, 1 is the next; 0: none. In the engine TELLTALE_ALLOCATION=N says it.
void fail_allocation_in(std::uint64_t n);
/// How many allocations there were since.
std::uint64_t n_allocations();
/// Names of all crash points in the sources.
std::span<const std::string_view> crash_point_names();

std::optional<Bug> bug_named(std::string_view name);
std::span<const std::string_view> bug_names();
void plant(std::optional<Bug>);

}  // namespace telltale::faultlab
