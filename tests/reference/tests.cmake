# SPDX-License-Identifier: AGPL-3.0-or-later
# The second implementation, in Python: against the manual's examples, and against the vectors.
find_program(zstd_program zstd)
execute_process(COMMAND /usr/bin/python3 -c "import cryptography, nacl.bindings"
  RESULT_VARIABLE python_libraries_missing OUTPUT_QUIET ERROR_QUIET)
if(zstd_program AND python_libraries_missing EQUAL 0)
  # Its bundles, served to the tools' readers.
  add_test(NAME cli/hostile-shares COMMAND ${CMAKE_SOURCE_DIR}/tests/cli/hostile-shares.sh $<TARGET_FILE_DIR:inxt-key>)
  set_tests_properties(cli/hostile-shares PROPERTIES TIMEOUT 300 LABELS sanitized)
  foreach(script selftest check_vectors)
    add_test(NAME reference/${script} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/${script}.py)
    set_tests_properties(reference/${script} PROPERTIES TIMEOUT 300)
  endforeach()
else()
  message(STATUS "No python3-cryptography, python3-nacl or zstd: tests/reference is not run")
endif()
