# SPDX-License-Identifier: AGPL-3.0-or-later
# A whole Bridge with owners' engines (client) and Hosts (host): rooms that never include each other meet here.
file(GLOB bridge_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
add_executable(test_with_bridge ${bridge_sources} $<TARGET_OBJECTS:inxt_test_main>)
target_include_directories(test_with_bridge PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(test_with_bridge PRIVATE inxt_client inxt_host inxt_bridge)
set_target_properties(test_with_bridge PROPERTIES UNITY_BUILD OFF)  # its files include either a Host's world or a Bridge's
add_test(NAME with-bridge COMMAND test_with_bridge)
add_test(NAME with-bridge/postgresql COMMAND ${CMAKE_CURRENT_LIST_DIR}/../database/with-postgresql.sh
  $<TARGET_FILE:test_with_bridge>)
set_tests_properties(with-bridge with-bridge/postgresql PROPERTIES TIMEOUT 600 LABELS sanitized SKIP_RETURN_CODE 77)
