// What the places of core/fault.h do in the laboratory's builds.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "core/fault.h"

namespace telltale::faultlab {

/// In this process, called at every crash point instead of dying there. Empty: none.
void at_crash_points(std::function<void(std::string_view name)> hook);
/// Names of all crash points in the sources.
std::span<const std::string_view> crash_point_names();

std::optional<Bug> bug_named(std::string_view name);
std::span<const std::string_view> bug_names();
void plant(std::optional<Bug>);

}  // namespace telltale::faultlab
