# SPDX-License-Identifier: AGPL-3.0-or-later
# The tools as their users run them: exit statuses, outputs, terminals.
foreach(script move inxt-key inxt-host inxt-bridge pipe addresses put-resume renew)
  add_test(NAME cli/${script} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${script}.sh $<TARGET_FILE_DIR:inxt-key>)
  set_tests_properties(cli/${script} PROPERTIES TIMEOUT 300)
endforeach()
foreach(script inxt-hosts tree host-limits host-terms host-bridge retire audits put-get manifests interrupted hostile-hosts inxt-audit audit-anchors inventory-audit host-keys shares rekey objects recover recover-repaired care repair repair-bridge repair-log)
  add_test(NAME cli/${script} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${script}.sh $<TARGET_FILE_DIR:inxt-key>)
  set_tests_properties(cli/${script} PROPERTIES TIMEOUT 600)
endforeach()
set_tests_properties(cli/retire PROPERTIES TIMEOUT 600 LABELS long)  # most of it waits for a Bridge
add_test(NAME cli/under-attack COMMAND ${CMAKE_CURRENT_LIST_DIR}/under-attack.sh $<TARGET_FILE_DIR:inxt-key>
  $<TARGET_FILE:inxt-attack>)
# Alone, because it measures; the attacks need most of two cores.
set_tests_properties(cli/under-attack PROPERTIES TIMEOUT 600 RUN_SERIAL ON)
add_test(NAME cli/large COMMAND ${CMAKE_CURRENT_LIST_DIR}/large.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(cli/large PROPERTIES TIMEOUT 900 LABELS "long;release" SKIP_RETURN_CODE 77)
add_test(NAME cli/reach COMMAND ${CMAKE_CURRENT_LIST_DIR}/reach.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(cli/reach PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
add_test(NAME cli/terminal COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/terminal.py $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(cli/terminal PROPERTIES TIMEOUT 240)
add_test(NAME cli/systemd COMMAND ${CMAKE_CURRENT_LIST_DIR}/systemd.sh $<TARGET_FILE_DIR:inxt-key> ${CMAKE_SOURCE_DIR})
set_tests_properties(cli/systemd PROPERTIES TIMEOUT 240)
add_test(NAME cli/kill-loop COMMAND ${CMAKE_CURRENT_LIST_DIR}/kill-loop.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(cli/kill-loop PROPERTIES TIMEOUT 600)
add_test(NAME cli/disk-faults COMMAND ${CMAKE_CURRENT_LIST_DIR}/disk-faults.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(cli/disk-faults PROPERTIES TIMEOUT 600 LABELS long SKIP_RETURN_CODE 77)
foreach(script cheating-hosts cheating-inventories)
  add_test(NAME cli/${script} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${script}.sh $<TARGET_FILE_DIR:inxt-key>
    $<TARGET_FILE_DIR:cheating-host>)
  set_tests_properties(cli/${script} PROPERTIES TIMEOUT 600)
  add_test(NAME cli/${script}-slow COMMAND ${CMAKE_CURRENT_LIST_DIR}/${script}.sh $<TARGET_FILE_DIR:inxt-key>
    $<TARGET_FILE_DIR:cheating-host> slow)
  set_tests_properties(cli/${script}-slow PROPERTIES TIMEOUT 900 LABELS "deep;release")
endforeach()
foreach(database sqlite postgresql)
  add_test(NAME cli/bridge-hosts-${database} COMMAND ${CMAKE_CURRENT_LIST_DIR}/bridge-hosts.sh
    $<TARGET_FILE_DIR:inxt-bridge> $<TARGET_FILE:inxt-host-load> ${database})
  set_tests_properties(cli/bridge-hosts-${database} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
  add_test(NAME cli/bridge-logs-${database} COMMAND ${CMAKE_CURRENT_LIST_DIR}/bridge-logs.sh
    $<TARGET_FILE_DIR:inxt-bridge> $<TARGET_FILE:inxt-log-load> ${database})
  set_tests_properties(cli/bridge-logs-${database} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
  add_test(NAME cli/bridge-accounts-${database} COMMAND ${CMAKE_CURRENT_LIST_DIR}/bridge-accounts.sh
    $<TARGET_FILE_DIR:inxt-key> ${database})
  set_tests_properties(cli/bridge-accounts-${database} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
  add_test(NAME cli/heal-${database} COMMAND ${CMAKE_CURRENT_LIST_DIR}/heal.sh $<TARGET_FILE_DIR:inxt-care> ${database})
  set_tests_properties(cli/heal-${database} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endforeach()
foreach(script heal-leave heal-dear heal-stop heal-reports heal-kills heal-lies heal-few heal-names heal-hand heal-purge
  heal-rotten)
  add_test(NAME cli/${script} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${script}.sh $<TARGET_FILE_DIR:inxt-care>)
  set_tests_properties(cli/${script} PROPERTIES TIMEOUT 600)
endforeach()
set_tests_properties(cli/heal-postgresql cli/heal-kills cli/heal-names cli/heal-reports cli/repair-log PROPERTIES
  TIMEOUT 600 LABELS long)
add_test(NAME cli/heal-two COMMAND ${CMAKE_CURRENT_LIST_DIR}/heal-two.sh $<TARGET_FILE_DIR:inxt-care>)
set_tests_properties(cli/heal-two PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
foreach(script malicious-bridge-places malicious-bridge-names malicious-bridge-shares)
  add_test(NAME cli/${script} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${script}.sh $<TARGET_FILE_DIR:inxt-key>
    $<TARGET_FILE_DIR:evil-bridge>)
  set_tests_properties(cli/${script} PROPERTIES TIMEOUT 600)
endforeach()
add_test(NAME cli/bridge-faults COMMAND ${CMAKE_CURRENT_LIST_DIR}/bridge-faults.sh $<TARGET_FILE_DIR:inxt-key>)
set_tests_properties(cli/bridge-faults PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
# Left to `scripts/test --all`: what takes long beside others that show much the same sooner.
set_property(TEST cli/under-attack cli/hostile-hosts cli/bridge-faults cli/malicious-bridge-places cli/malicious-bridge-names
  cli/malicious-bridge-shares cli/host-terms cli/recover cli/recover-repaired cli/renew cli/audit-anchors cli/repair
  cli/repair-bridge cli/care cli/host-bridge cli/heal-sqlite cli/heal-two cli/heal-dear cli/heal-stop cli/heal-lies
  cli/heal-few cli/heal-hand cli/heal-purge cli/heal-rotten cli/cheating-hosts cli/cheating-inventories cli/inventory-audit
  cli/bridge-accounts-sqlite cli/bridge-accounts-postgresql cli/bridge-hosts-sqlite cli/bridge-hosts-postgresql cli/objects
  cli/shares cli/rekey cli/reach cli/host-limits cli/host-keys cli/move cli/put-resume
  APPEND PROPERTY LABELS long)
# Under the sanitizers too: tools that read what liars send them, a Host, and a Bridge that audits and heals.
set_property(TEST cli/inxt-key cli/inxt-host cli/inxt-bridge cli/interrupted cli/hostile-hosts cli/audits cli/heal-lies
  cli/heal-sqlite cli/malicious-bridge-places cli/malicious-bridge-names cli/malicious-bridge-shares
  APPEND PROPERTY LABELS sanitized)
