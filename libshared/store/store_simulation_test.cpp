// SPDX-License-Identifier: AGPL-3.0-or-later
// Lives of stores on a simulated disk; scripts/simulate-store runs more of them.
//   INXT_SIMULATION_FIRST=N INXT_SIMULATION_SEEDS=COUNT test_store -tc='simulation*'
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

#include "support/store_simulator.h"

using namespace inxt;
using namespace inxt::testing;

namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::stoull(text) : otherwise;
}

}  // namespace

TEST_CASE("simulation: what a store acknowledges outlives kills, power cuts and failing disks") {
  const std::uint64_t first = number_from("INXT_SIMULATION_FIRST", 1);
  const std::uint64_t count = number_from("INXT_SIMULATION_SEEDS", 3000);
  std::uint64_t failed = 0;
  for (std::uint64_t seed = first; seed < first + count && failed < 5; ++seed) {
    try {
      StoreSimulator(seed).run();
    } catch (const std::exception& error) {
      ++failed;
      MESSAGE("INXT_SIMULATION_FIRST=" << seed << " INXT_SIMULATION_SEEDS=1: " << std::string(error.what()));
    }
  }
  CHECK(failed == 0);
}

TEST_CASE("simulation: a disk that lies is found out, so a store that forgot to ask it would be") {
  using Lie = SimDirectory::Lie;
  for (const Lie lie : {Lie::sync_of_files, Lie::sync_of_folders, Lie::sync_of_everything, Lie::boot_id}) {
    CAPTURE(static_cast<int>(lie));
    std::uint64_t seed = 1;
    for (bool found = false; !found; ++seed) {
      REQUIRE(seed < 5000);
      try {
        StoreSimulator simulator(seed);
        simulator.lie_about(lie);
        simulator.run();
      } catch (const std::exception&) {
        found = true;
      }
    }
    MESSAGE("found out after " << seed - 1 << " lives");
  }
}
