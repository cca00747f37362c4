# SPDX-License-Identifier: AGPL-3.0-or-later
# "source": reads the tree, not a build of it; run once, not under every sanitizer.
add_test(NAME rooms COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/check_rooms.py ${CMAKE_SOURCE_DIR})
add_test(NAME rooms.can_fail COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/check_rooms_test.py ${CMAKE_SOURCE_DIR})
add_test(NAME rooms/citations COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/check_citations.py ${CMAKE_SOURCE_DIR})
set_tests_properties(rooms rooms.can_fail rooms/citations PROPERTIES LABELS source)
