// openapi.yaml against the router: every route on both sides, with the same role.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "api/fake_engine_test.h"
#include "api/server.h"

namespace telltale::api {
namespace {

/// "GET /path role" of the contract, for one word of api.compat.
std::set<std::string> contract(std::string_view compat) {
  std::set<std::string> routes;
  const YAML::Node paths = YAML::LoadFile(std::string(TELLTALE_SOURCE_DIR) + "/openapi.yaml")["paths"];
  for (const auto& path : paths)
    for (const auto& method : path.second) {
      std::string name = method.first.as<std::string>();
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
      const auto needed = method.second["x-compat"];
      if (!needed || needed.as<std::string>() == compat)
        routes.insert(name + " " + path.first.as<std::string>() + " " + method.second["x-role"].as<std::string>());
    }
  return routes;
}

std::set<std::string> served(Compat compat) {
  FakeEngine engine;
  std::set<std::string> routes;
  const RouteTable table = all_routes(engine, {.compat = compat});
  for (const Route& route : table.routes()) routes.insert(route.method + " " + route.pattern + " " + std::string(name_of(route.least)));
  return routes;
}

TEST(Contract, EveryRouteOfTheServerIsInOpenapiAndTheOtherWayRoundWithTheSameRole) {
  EXPECT_EQ(served(Compat::fermenter), contract("fermenter"));
  EXPECT_EQ(served(Compat::compressor), contract("compressor"));
  EXPECT_EQ(served(Compat::powergrid), contract("powergrid"));
}

TEST(Contract, NoRouteIsAddedTwice) {
  FakeEngine engine;
  EXPECT_TRUE(all_routes(engine, {}).mistakes().empty());
}

}  // namespace
}  // namespace telltale::api
