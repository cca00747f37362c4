# SPDX-License-Identifier: AGPL-3.0-or-later
# Clients that behave badly, and well, for tests/cli/under-attack.sh and scripts/bench.
file(GLOB attack_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/attack/*.cpp)
add_executable(inxt-attack ${attack_sources})
target_include_directories(inxt-attack PRIVATE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(inxt-attack PRIVATE inxt_transfer)

# A Host that cheats, for tests/cli/cheating-hosts.sh.
file(GLOB cheat_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/cheat/*.cpp)
add_executable(cheating-host ${cheat_sources})
target_include_directories(cheating-host PRIVATE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(cheating-host PRIVATE inxt_host)

# How often audits find what is missing, against the formula, in memory.
file(GLOB rates_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/rates/*.cpp)
add_executable(cheat-rates ${rates_sources})
target_include_directories(cheat-rates PRIVATE ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(cheat-rates PRIVATE inxt_format)
add_test(NAME cheat-rates COMMAND cheat-rates --seeds 2000)
set_tests_properties(cheat-rates PROPERTIES TIMEOUT 240 LABELS "long;release")

# Years of placements on made-up Hosts; scripts/simulate-placement runs the long one.
file(GLOB placement_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/placement/*.cpp)
add_executable(simulate-placement ${placement_sources})
target_include_directories(simulate-placement PRIVATE ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(simulate-placement PRIVATE inxt_plan)
add_test(NAME placement-simulation COMMAND simulate-placement --hosts 2000 --pieces 400000 --check yes)
set_tests_properties(placement-simulation PROPERTIES TIMEOUT 240 LABELS "long;release")

# Years of pieces on Hosts that come and go, by the code that repairs; scripts/simulate-durability runs the long one.
file(GLOB durability_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/durability/*.cpp)
add_executable(simulate-durability ${durability_sources} ${CMAKE_CURRENT_LIST_DIR}/placement/hosts.cpp)
target_include_directories(simulate-durability PRIVATE ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(simulate-durability PRIVATE inxt_plan)
add_test(NAME durability-simulation COMMAND simulate-durability --traces ${CMAKE_CURRENT_LIST_DIR}/durability/sample
  --disks 2000 --hosts 400 --pieces 20000 --grace-hours 12 --check yes)
set_tests_properties(durability-simulation PROPERTIES TIMEOUT 240 LABELS "long;release")

# Owners who write to their logs at a Bridge, for tests/cli/bridge-logs.sh and scripts/bench.
file(GLOB log_load_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/log_load/*.cpp)
add_executable(inxt-log-load ${log_load_sources})
target_include_directories(inxt-log-load PRIVATE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(inxt-log-load PRIVATE inxt_bridge)
# Hosts that register at a Bridge and beat, for tests/cli/bridge-hosts.sh and scripts/bench.
add_executable(inxt-host-load ${CMAKE_CURRENT_LIST_DIR}/host_load/main.cpp)
target_include_directories(inxt-host-load PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(inxt-host-load PRIVATE inxt_transfer)

# A Bridge that lies, for tests/cli/malicious-bridge-*.sh.
file(GLOB evil_bridge_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/evil_bridge/*.cpp)
add_executable(evil-bridge ${evil_bridge_sources})
target_include_directories(evil-bridge PRIVATE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(evil-bridge PRIVATE inxt_bridge)
