# SPDX-License-Identifier: AGPL-3.0-or-later
# Every vector of tests/reference/make_vectors.py, read by the C++.
file(GLOB vector_runner CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
add_executable(test_vectors ${vector_runner} $<TARGET_OBJECTS:inxt_test_main>)
target_include_directories(test_vectors PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(test_vectors PRIVATE inxt_client inxt_host)
add_test(NAME vectors COMMAND test_vectors)
set_tests_properties(vectors PROPERTIES TIMEOUT 300 LABELS sanitized)
