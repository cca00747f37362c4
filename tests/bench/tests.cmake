# SPDX-License-Identifier: AGPL-3.0-or-later
# The programs behind scripts/bench.  Its figures are no tests: those of a machine that does something else at the same time
# say nothing.  That of repairs also holds that all is repaired, and moves no more than it must.
add_test(NAME bench/repair COMMAND ${CMAKE_SOURCE_DIR}/scripts/bench repair --short --build ${CMAKE_BINARY_DIR})
set_tests_properties(bench/repair PROPERTIES TIMEOUT 600 LABELS "long;release")
add_executable(inxt-bench-proofs ${CMAKE_CURRENT_LIST_DIR}/proofs.cpp)
target_include_directories(inxt-bench-proofs PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(inxt-bench-proofs PRIVATE inxt_client)
add_executable(inxt-bench-placement ${CMAKE_CURRENT_LIST_DIR}/placement.cpp)
target_include_directories(inxt-bench-placement PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(inxt-bench-placement PRIVATE inxt_plan)
add_executable(inxt-bench-tree ${CMAKE_CURRENT_LIST_DIR}/tree.cpp)
target_include_directories(inxt-bench-tree PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(inxt-bench-tree PRIVATE inxt_client)
