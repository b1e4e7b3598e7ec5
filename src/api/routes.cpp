// The routes of the server, all together.
#include "api/routes.h"

namespace telltale::api {

void add_all_routes(RouteTable& routes, ApiPtr api) {
  api->engine.add_routes(routes);
  add_asset_routes(routes, api);
  add_readings_routes(routes, api);
  add_series_routes(routes, api);
  add_alarm_routes(routes, api);
  add_loss_routes(routes, api);
  add_engine_routes(routes, api);
  add_page_routes(routes, api);
  add_fermenter_routes(routes, api);
  if (api->options.compat == Compat::compressor) add_compressor_routes(routes, api);
  if (api->options.compat == Compat::powergrid) add_powergrid_routes(routes, api);
}

}  // namespace telltale::api
