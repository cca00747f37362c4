# SPDX-License-Identifier: AGPL-3.0-or-later
# scripts/drill for a minute: fewer Hosts, fewer and smaller files.  The seed is fixed, so that one run is like the other: a
# Host lies, one retires and goes, the Bridge is killed, the database restarted.
add_test(NAME drill COMMAND ${CMAKE_SOURCE_DIR}/scripts/drill --build-dir ${CMAKE_BINARY_DIR} --minutes 1 --hosts 8
  --owners 3 --seed 1202 --gap 4 --grace 4 --folders 1 --large 1 --large-mib 20)
set_tests_properties(drill PROPERTIES TIMEOUT 900 LABELS "long;release" SKIP_RETURN_CODE 77)
