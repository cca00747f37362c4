// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/routes.h"

#include <doctest/doctest.h>

#include <set>

namespace inxt::bridge {
namespace {

using net::Method;

TEST_CASE("a path leads to its handler, another to none") {
  const auto health = route(Method::get, "/v1/health");
  REQUIRE(health);
  CHECK(health->rule->action == "health");
  CHECK(action_names()[health->action] == "health");
  CHECK(health->values.empty());
  CHECK(route(Method::head, "/v1/health")->action == health->action);
  for (const char* path : {"", "/", "/v1", "/v1/", "/v1/healt", "/v1/health/", "/v1/health/x", "v1/health",
                           "//v1/health", "/v1//health", "/*", "/v1/*"}) {
    CAPTURE(path);
    CHECK(route(Method::get, path).error().status == 404);
  }
}

TEST_CASE("a method that a path does not take is told which ones it takes") {
  const auto refused = route(Method::delete_, "/v1/descriptor");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 405);
  REQUIRE(refused.error().headers.size() == 1);
  CHECK(refused.error().headers[0].name == "Allow");
  CHECK(refused.error().headers[0].value == "GET, HEAD");
}

TEST_CASE("every action has a name of its own, and none is the last") {
  const auto& names = action_names();
  CHECK(std::set<std::string_view>(names.begin(), names.end()).size() == names.size());
  CHECK(names.back() == "none");
}

}  // namespace
}  // namespace inxt::bridge
