# SPDX-License-Identifier: AGPL-3.0-or-later
# The manual says what the tools say: options, variables, exit statuses; and mandoc finds nothing to say about it.
add_test(NAME manual COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/check_manual.py ${CMAKE_SOURCE_DIR}
  $<TARGET_FILE_DIR:inxt-key>)
add_test(NAME manual.can_fail COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/check_manual_test.py
  ${CMAKE_SOURCE_DIR} $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(manual manual.can_fail PROPERTIES TIMEOUT 300 LABELS source)
