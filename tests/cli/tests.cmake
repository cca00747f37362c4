# SPDX-License-Identifier: AGPL-3.0-or-later
# The tools as their users run them: exit statuses, outputs, terminals.
foreach(script inxt-key inxt-host pipe put-resume)
  add_test(NAME cli/${script} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${script}.sh $<TARGET_FILE_DIR:inxt-key>)
  set_tests_properties(cli/${script} PROPERTIES TIMEOUT 120)
endforeach()
foreach(script put-get manifests interrupted hostile-hosts inxt-audit)
  add_test(NAME cli/${script} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${script}.sh $<TARGET_FILE_DIR:inxt-key>)
  set_tests_properties(cli/${script} PROPERTIES TIMEOUT 300)
endforeach()
add_test(NAME cli/large COMMAND ${CMAKE_CURRENT_LIST_DIR}/large.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(cli/large PROPERTIES TIMEOUT 900 LABELS long SKIP_RETURN_CODE 77)
add_test(NAME cli/terminal COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/terminal.py $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(cli/terminal PROPERTIES TIMEOUT 240)
