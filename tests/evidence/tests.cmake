# SPDX-License-Identifier: AGPL-3.0-or-later
# Tokens of real Hosts and owners, verified by npm's jose.
find_program(node_program node)
find_program(npm_program npm)
if(node_program AND npm_program)
  add_test(NAME evidence COMMAND ${CMAKE_CURRENT_LIST_DIR}/evidence.sh $<TARGET_FILE_DIR:inxt-key>
    ${CMAKE_BINARY_DIR}/evidence)
  set_tests_properties(evidence PROPERTIES TIMEOUT 300 LABELS "long;release" SKIP_RETURN_CODE 77)
else()
  message(STATUS "No node or npm: tests/evidence is not run")
endif()
