// SPDX-License-Identifier: AGPL-3.0-or-later
#include "host/planned_absence.h"

#include "host/bridges.h"
#include "host/drain.h"
#include "serve/state_file.h"
#include "support/host_world.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

struct AbsenceWorld : HostWorld {
  std::string retire(const std::string& body) {
    return loop.run(command_retire(*engine, *directory, bridges, body)).value();
  }
  std::string pause(const std::string& body) {
    return loop.run(command_pause(*engine, *directory, bridges, body)).value();
  }
  void restart() {
    engine->set_absence({});
    REQUIRE(load_absence(*engine, *directory).has_value());
  }
  Bridges bridges{loop.executor(), *engine, *server};
};

TEST_CASE("a Host that retires takes nothing new, also after a restart, until it stays after all") {
  AbsenceWorld world;
  const Bytes body = noise(5000, 1);
  REQUIRE(world.put(body).status == 201);
  const auto by = std::to_string(kNow + 86400);
  CHECK(world.retire(R"({"by":)" + by + "}\n") == R"({"retiring":)" + by + R"(,"pieces":1})");
  for (int i = 0; i < 2; ++i) {
    CHECK(world.engine->is_retiring());
    check_refusal(world.put(noise(5000, 2)), 503, "try_again", "draining");
    CHECK(world.get(proof::piece_id_of(body)).status == 200);
    CHECK(world.engine->descriptor_line()->find("\"free_bytes\"") == std::string::npos);
    world.restart();
  }
  // Not to drain is not to stay.
  REQUIRE(world.loop.run(set_drain(*world.engine, *world.directory, false)).has_value());
  CHECK(world.put(noise(5000, 2)).status == 503);
  CHECK(world.retire(R"({"off":true})") == R"({"pieces":1})");
  CHECK_FALSE(serve::read_state(*world.directory, kRetireFile)->has_value());
  CHECK(world.put(noise(5000, 2)).status == 201);
  world.restart();
  CHECK_FALSE(world.engine->is_retiring());
}

TEST_CASE("a pause is kept over a restart, and is over when its time is") {
  AbsenceWorld world;
  const auto until = std::to_string(kNow + 3600);
  CHECK(world.pause(R"({"until":)" + until + "}") == R"({"away_until":)" + until + "}");
  world.restart();
  CHECK(world.engine->planned_absence().away_until_unix_s == kNow + 3600);
  CHECK(world.put(noise(5000, 2)).status == 201);  // it is here
  world.clock.advance_ms(3'600'000);
  CHECK(world.engine->planned_absence() == PlannedAbsence{});
  CHECK(world.pause(R"({"off":true})") == "{}");
  CHECK_FALSE(serve::read_state(*world.directory, kPauseFile)->has_value());
}

TEST_CASE("what is no time to leave at changes nothing") {
  AbsenceWorld world;
  const auto refused = [&](const std::string& body) {
    return world.loop.run(command_retire(*world.engine, *world.directory, world.bridges, body)).error();
  };
  CHECK(refused("{}").code == Code::integrity);
  CHECK(refused(R"({"by":"soon"})").code == Code::integrity);
  CHECK(refused(R"({"by":)" + std::to_string(kNow) + "}").code == Code::usage);
  const Error far = refused(R"({"by":)" + std::to_string(kNow + kAbsenceSMax + 1) + "}");
  CHECK(far.code == Code::usage);
  CHECK(far.what.find("kAbsenceSMax") != std::string::npos);
  CHECK_FALSE(world.engine->is_retiring());
  CHECK_FALSE(serve::read_state(*world.directory, kRetireFile)->has_value());
}

TEST_CASE("with a damaged file a Host takes nothing new, and says why") {
  AbsenceWorld world;
  REQUIRE(serve::write_text(*world.directory, kRetireFile, "{").has_value());
  CHECK(load_absence(*world.engine, *world.directory).error().code == Code::integrity);
  CHECK(world.engine->is_retiring());
  CHECK(world.put(noise(5000, 2)).status == 503);
}

}  // namespace
}  // namespace inxt::host
