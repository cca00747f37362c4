# SPDX-License-Identifier: AGPL-3.0-or-later
# The Debian packages in a fresh system of their own.  Needs root, debootstrap and a mirror; skipped without.
if(INXT_SHARED)
  add_test(NAME package COMMAND ${CMAKE_CURRENT_LIST_DIR}/package.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  set_tests_properties(package PROPERTIES TIMEOUT 900 LABELS "long;release" SKIP_RETURN_CODE 77)
endif()
