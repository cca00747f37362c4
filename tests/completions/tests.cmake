# SPDX-License-Identifier: AGPL-3.0-or-later
# completions/ is what scripts/make-completions makes of these tools, and completes in the shells that are here.
add_test(NAME completions COMMAND ${CMAKE_CURRENT_LIST_DIR}/completions.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(completions PROPERTIES TIMEOUT 120 LABELS source)
