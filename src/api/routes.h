// The routes of the server, one file per kind.
#pragma once

#include <functional>
#include <memory>

#include "api/counters.h"
#include "api/live.h"
#include "api/options.h"
#include "api/router.h"
#include "engine/engine.h"

namespace telltale::api {

/// Runs a task on a thread that may wait; drops it when the server is gone.
using Later = std::function<void(std::function<void()>)>;

/// What handlers may ask. It outlives every handler's run.
struct Api {
  engine::Engine& engine;
  const ServerOptions options;
  const std::shared_ptr<LiveHub> hub;
  const Counters& counters;
  const Later later;
};
using ApiPtr = std::shared_ptr<const Api>;

void add_asset_routes(RouteTable& routes, ApiPtr api);       // assets, signals
void add_readings_routes(RouteTable& routes, ApiPtr api);    // POST readings
void add_series_routes(RouteTable& routes, ApiPtr api);      // series, statistics
void add_alarm_routes(RouteTable& routes, ApiPtr api);       // anomalies, alarms, acknowledge
void add_loss_routes(RouteTable& routes, ApiPtr api);        // dead letters, conflicts, gaps
void add_engine_routes(RouteTable& routes, ApiPtr api);      // ledger, sources, status, live, probes, metrics
void add_page_routes(RouteTable& routes, ApiPtr api);        // the page, its files, /docs, the contract, the schema
void add_fermenter_routes(RouteTable& routes, ApiPtr api);   // tags, data, anomalies, ingest, stats, health
void add_compressor_routes(RouteTable& routes, ApiPtr api);  // readings, faults
void add_powergrid_routes(RouteTable& routes, ApiPtr api);   // /api/devices, /api/data, /api/alerts

/// All of them, those of served sources first.
void add_all_routes(RouteTable& routes, ApiPtr api);

}  // namespace telltale::api
