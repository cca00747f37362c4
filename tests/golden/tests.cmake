# SPDX-License-Identifier: AGPL-3.0-or-later
# The golden files and the vectors against the manual's JSON schemas, and the golden pieces against the second
# implementation.  That the C++ reads them is in the rooms' own tests.
execute_process(COMMAND /usr/bin/python3 -c "import jsonschema; jsonschema.Draft202012Validator"
  RESULT_VARIABLE no_jsonschema OUTPUT_QUIET ERROR_QUIET)
if(no_jsonschema EQUAL 0)
  add_test(NAME golden/schemas COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/check_schemas.py)
  set_tests_properties(golden/schemas PROPERTIES TIMEOUT 300 LABELS source)
else()
  message(STATUS "No python3-jsonschema: the schemas are not checked")
endif()
execute_process(COMMAND /usr/bin/python3 -c "import cryptography, nacl.bindings"
  RESULT_VARIABLE no_nacl OUTPUT_QUIET ERROR_QUIET)
if(no_nacl EQUAL 0)
  add_test(NAME golden/restore COMMAND ${CMAKE_CURRENT_LIST_DIR}/restore.sh)
  set_tests_properties(golden/restore PROPERTIES TIMEOUT 300 LABELS source)
  add_test(NAME golden/refusals COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/check_refusals.py)
  set_tests_properties(golden/refusals PROPERTIES TIMEOUT 300 LABELS source)
endif()

add_test(NAME golden/stores COMMAND ${CMAKE_CURRENT_LIST_DIR}/open_stores.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(golden/stores PROPERTIES TIMEOUT 600 LABELS long)  # the formats themselves are in the rooms' tests
