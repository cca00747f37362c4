# SPDX-License-Identifier: AGPL-3.0-or-later
# What a Host shows its operator, with a real browser.
add_test(NAME page COMMAND ${CMAKE_CURRENT_LIST_DIR}/page.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(page PROPERTIES TIMEOUT 300)
