// What the files of the fermenter monitor's routes share.
#pragma once

#include <string>

#include "api/json_items.h"
#include "api/routes.h"
#include "api/signal_tags.h"
#include "core/time.h"

namespace telltale::api {

/// "2025-11-22T10:05:30": UTC without its Z, a fraction only where there is one.
std::string zoneless(Time time);

void add_fermenter_ingest(RouteTable& routes, ApiPtr api);  // POST /ingest, /ingest/batch

/// The original's {"timestamp", "tag", "value"} as a line that the readings' decoder reads. An unusable item is passed on as something
/// that it refuses with a reason of its own.
void append_line(std::string& lines, const FlatItem& item, const SignalTags& tags);

/// The original's retry queue: when `folder` has a failed_measurements.jsonl, its readings are stored under their own times and the file
/// is renamed to failed_measurements.jsonl.imported. On a thread that may wait; what cannot be taken now stays for the next start, and
/// what was taken before is then a duplicate.
void recover_failed_measurements(const ApiPtr& api, const std::string& folder);

}  // namespace telltale::api
