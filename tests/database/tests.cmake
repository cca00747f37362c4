# SPDX-License-Identifier: AGPL-3.0-or-later
# What is said of databases over PostgreSQL: the contract suite of libshared/database and the rows of a Bridge.  Over
# SQLite they run as `database` and `bridge`.
add_test(NAME database/postgresql COMMAND ${CMAKE_CURRENT_LIST_DIR}/with-postgresql.sh $<TARGET_FILE:test_database>)
set_tests_properties(database/postgresql PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
add_test(NAME bridge/postgresql COMMAND ${CMAKE_CURRENT_LIST_DIR}/with-postgresql.sh $<TARGET_FILE:test_bridge>)
set_tests_properties(bridge/postgresql PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
