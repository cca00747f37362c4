# SPDX-License-Identifier: AGPL-3.0-or-later
# The README's first command, with what is built already.
add_test(NAME demo COMMAND ${CMAKE_SOURCE_DIR}/scripts/demo --build-dir ${CMAKE_BINARY_DIR})
set_tests_properties(demo PROPERTIES TIMEOUT 600 LABELS "long;release")
# Its section on a Bridge, command by command.
add_test(NAME demo/bridge COMMAND ${CMAKE_CURRENT_LIST_DIR}/readme.sh $<TARGET_FILE_DIR:inxt-key> ${CMAKE_SOURCE_DIR}/README.md)
set_tests_properties(demo/bridge PROPERTIES TIMEOUT 300 LABELS long)
