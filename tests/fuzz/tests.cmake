# SPDX-License-Identifier: AGPL-3.0-or-later
# One libFuzzer target for each foo.cpp here: fuzz_foo.  As a test it runs from seeds/foo for $INXT_FUZZ_SECONDS;
# scripts/fuzz runs all of them for hours.
if(INXT_FUZZ)
  add_library(fuzz_support OBJECT ${CMAKE_CURRENT_LIST_DIR}/support/entry.cpp ${CMAKE_CURRENT_LIST_DIR}/support/fuzz.cpp)
  target_link_libraries(fuzz_support PUBLIC inxt_client inxt_host inxt_bridge inxt_cli)
  target_include_directories(fuzz_support PUBLIC ${CMAKE_SOURCE_DIR}/tests)
  file(GLOB targets CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
  foreach(source ${targets})
    cmake_path(GET source STEM name)
    add_executable(fuzz_${name} ${source})
    target_link_libraries(fuzz_${name} PRIVATE fuzz_support)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/run $<TARGET_FILE:fuzz_${name}> ${CMAKE_BINARY_DIR}/corpus)
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz)
  endforeach()
endif()
