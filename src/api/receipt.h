// What became of each reading of POST /api/v1/readings, as JSON.
#pragma once

#include <span>
#include <string>

#include "api/intake.h"
#include "core/batch.h"
#include "core/names.h"

namespace telltale::api {

/// {"received":2,"stored":1,...,"items":[{"item":0,"asset":"A","signal":"S","verdict":"stored"},...]}; `openapi.yaml` has it as Receipt.
/// @param verdicts  one per origin
std::string receipt(std::span<const Origin> origins, std::span<const Verdict> verdicts, const Names& names);

}  // namespace telltale::api
