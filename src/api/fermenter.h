// What the files of the fermenter monitor's routes share.
#pragma once

#include <string>

#include "api/routes.h"
#include "core/time.h"

namespace telltale::api {

/// "2025-11-22T10:05:30": UTC without its Z, a fraction only where there is one.
std::string zoneless(Time time);

void add_fermenter_ingest(RouteTable& routes, ApiPtr api);  // POST /ingest, /ingest/batch

}  // namespace telltale::api
