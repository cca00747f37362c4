# SPDX-License-Identifier: AGPL-3.0-or-later
# The README's first command, with what is built already.
add_test(NAME demo COMMAND ${CMAKE_SOURCE_DIR}/scripts/demo --build-dir ${CMAKE_BINARY_DIR})
set_tests_properties(demo PROPERTIES TIMEOUT 600 LABELS long)
