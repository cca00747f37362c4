#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Bridge that lies about an owner's log, its records and what is appended (tests/support/evil_bridge), to every tool
# that works on names: the status and the message that inxt-threats(7) says, nothing unverified in a file, no piece
# removed, and all is well again with an honest Bridge.
# usage: malicious-bridge-names.sh FOLDER_OF_THE_TOOLS FOLDER_OF_THE_TEST_PROGRAMS
subnet=152
. "$(dirname "$0")/malicious_bridge.sh"
start_bridge 127.0.$subnet.250:0
start_evil
start_vouched_hosts 1 4
# machine NAME: from now on tools run where that machine keeps what it has seen.
machine() { export XDG_STATE_HOME=$work/state.$1 XDG_CACHE_HOME=$work/cache.$1; }
# twin OF NAME: a machine that has seen what OF has.
twin() { rm -rf "state.$2" "cache.$2" && cp -r "state.$1" "state.$2" && cp -r "cache.$1" "cache.$2" && machine "$2"; }
forget() { rm -rf "state.$1" "cache.$1" && machine "$1"; }

# ---- Another owner's log, which comes through the lying Bridge and is kept by it.
use_key other
bridge_file "$(account_at)" >others
await_hosts 4 others
machine other
expect 0 inxt-mkdir --bridge others inxt:/theirs
other_log=$(basename "$(ls state.other/inxt/logs/* | grep -v lock)")

# ---- The owner's: machine "one" has seen all of it.
use_key owner
recipient=$(inxt-key show --recipient)
bridge_file "$(account_at)" >mine
export INXT_BRIDGE=$work/mine INXT_ALLOW_SAME=new
machine one
head -c 300000 /dev/urandom >plain
head -c 300000 /dev/urandom >older
expect 0 inxt-put -q -e 2+1 older inxt:/d/a
old_record=$(inxt-ls --json inxt:/d/a | jq -r .record)
cp plain a && cp older v
expect 0 inxt-put -q -e 2+1 a v inxt:/d/
expect 0 inxt-put -q -e 2+1 plain inxt:/d/v
expect 0 inxt-put -q -e 2+1 plain inxt:/d/gone
expect 0 inxt-rm -q inxt:/d/gone
expect 0 inxt-share --link -o link --expires 1d inxt:/d
share=$(inxt-share --list --json | jq -r .id)
object=$(inxt-ls --json inxt:/d/a | jq -r .object)
inxt-ls --head >head
entries=$(cut -d' ' -f1 head)
inxt-key uploader 1 -o delegated.key --until 300d 2>/dev/null || wrong "no uploader"
inxt-permit delegate --to "$(inxt-key show --for-host "$bridge_id" --key-file delegated.key)" >theirs 2>/dev/null || wrong "no permit"
expect 0 inxt-ls -R inxt:/
[[ ! -s hits && $entries -gt 8 ]] || wrong "$entries entries, or an honest Bridge lied"
pieces=$(pieces_of_accounts)
unharmed() {  # after a lie that nothing may have come of
  none never "of what a Bridge lied about"
  [[ $(pieces_of_accounts) == "$pieces" ]] || wrong "$(pieces_of_accounts) pieces, not $pieces: $*"
}
delegated="inxt-put -q --bridge theirs --key-file delegated.key -e 2+1 plain inxt:/from/never"
reading=("inxt-ls inxt:/" "inxt-ls --head" "inxt-get -o never inxt:/d/a" "inxt-audit --samples 4 inxt:/d/a"
  "inxt-renew inxt:/d/a" "inxt-share --list" "inxt-object ls" "inxt-object get -o never $object" "inxt-object versions $object")
changing=("inxt-mv inxt:/d/a inxt:/d/never" "inxt-mkdir inxt:/never" "inxt-rm inxt:/d/a" "inxt-rm --purge inxt:/d/a"
  "inxt-restore inxt:/d/gone" "inxt-put -e 2+1 plain inxt:/never" "inxt-rekey inxt:/d/a"
  "inxt-share --link -o never inxt:/d" "inxt-share --revoke $share" "inxt-share --refresh"
  "inxt-object create -e 2+1 plain" "inxt-object write --offset 5 $object older" "inxt-object truncate $object 9"
  "inxt-object meta --set a=b $object" "inxt-object rm $object" "inxt-object purge $object")
# each STATUS TEXT: every tool is told the lie of now, or what it takes for one.
each() {
  local line

  for line in "${reading[@]}" "${changing[@]}"; do
    # shellcheck disable=SC2086
    against "$1" "$2" $line
  done
  unharmed "$(cat control)"
}

echo "== a log that this machine has seen further, or otherwise ($SECONDS s)"
lie rollback $((entries - 1))
each 8 "rolled back"

lie empty-log
each 8 "rolled back"
lie head-hash
each 8 "forked"
lie rollback 3
against 8 "rolled back" inxt-ls --require-head head

echo "== a log that a new machine is shown ($SECONDS s)"
new() {  # new TEXT LIE...: to each tool of a machine that has seen nothing
  local text=$1
  shift
  forget new
  lie "$@"
  each 8 "$text"
}
only() {  # the same to one
  local text=$1
  shift
  forget new
  lie "$@"
  against 8 "$text" inxt-ls inxt:/
}
new "reordered, repeated, or one was left out" swap 2 3
new "reordered, repeated, or one was left out|no entry|more lines" withhold 2
new "signature" alter sig 2
new "not this owner.s uploader 0 .forged." take-over
new "another log" another-log "$other_log"
new "not this owner.s uploader 0 .forged." forge 0 "$recipient" puts /d/a "$old_record"
only "not this owner.s uploader 0 .forged." forge 0 "$recipient" removes /d
for member in time prev writer does key body log seq; do only "damaged, or forged|false log" alter $member 3; done
only "" swap-bodies 4 2
only "reordered, repeated" duplicate 2
only "reordered, repeated" replay 2
only "no entry" head-only
only "more lines" head-number 2
only "no entry|withheld|forked" head-number 99
only "no number" head-number 99999999999999999999
only "Inxt-Log-Seq" no-head
only "forked" head-hash
json_against log_page inxt-ls inxt:/
for what in noise empty; do
  lie $what log_page
  against 8 "" inxt-ls inxt:/
done
lie redirect log_page
each 1 "302"
lie status 500 log_page
each 1 "500"
lie status 403 log_page
each 6 "403"
# The machine that was told all this takes the true log for true.
lie
expect 0 inxt-ls --require-head head
expect 0 inxt-get -o back inxt:/d/a
same plain back "of a machine that was lied to"
# What says to be by another uploader, whoever may append can write: it changes nothing.
for more in "" certified; do
  forget new
  # shellcheck disable=SC2086
  lie forge 1 "$recipient" $more
  against 0 "" inxt-ls -R inxt:/
  lacks out forged
done
# The older log is true as far as it goes: only another machine's word tells.
forget new
lie rollback 3
against 0 "" inxt-ls inxt:/
against 5 "the log ends at entry 3 here" inxt-ls --require-head head
lie
expect 0 inxt-ls --require-head head

echo "== what has no end, is cut, or is busy for ever ($SECONDS s)"
storm() {  # storm TEXT LIE...: to all of them side by side; each asks a few times
  local text=$1 line i=0
  shift
  lie "$@"
  local lines=("${reading[@]}" "${changing[@]}")
  for line in "${lines[@]}"; do
    # shellcheck disable=SC2086
    (timeout 100 $line >"out.$i" 2>"err.$i"; echo $? >"status.$i") &
    running[i++]=$!
  done
  wait "${running[@]}"
  while ((i-- > 0)); do
    [[ $(cat "status.$i") == 5 ]] || { wrong "status $(cat "status.$i") ($*): ${lines[i]}"; cat "err.$i"; }
    has "err.$i" "$text"
    [[ ! -s out.$i ]] || wrong "something was printed ($*): ${lines[i]}"
  done
  unharmed "$*"
}
machine one
declare -a running=()
storm "503" status 503 log_page
storm "closed after" end cut log_page
storm "response_bytes_max" end endless log_page

echo "== records: withheld, swapped, another version, altered ($SECONDS s)"
of_records=("inxt-get -o never inxt:/d/a" "inxt-audit --samples 4 inxt:/d/a" "inxt-renew inxt:/d/a" "inxt-rekey inxt:/d/a"
  "inxt-share --link -o never inxt:/d/a" "inxt-object get -o never $object" "inxt-object write --offset 5 $object older")
for kind in "no-record:withheld" "swap-records:swapped" "alter-record:swapped" "another-record $old_record:swapped" \
  "two-records:swapped" "noise record:swapped" "empty record:swapped"; do
  twin one told
  # shellcheck disable=SC2086
  lie ${kind%:*}
  for line in "${of_records[@]}"; do
    # shellcheck disable=SC2086
    against 8 "${kind#*:}" $line
  done
done
for line in "${of_records[@]}"; do
  # shellcheck disable=SC2086
  lie redirect record && against 1 "302" $line
  # shellcheck disable=SC2086
  lie status 403 record && against 6 "403" $line
done
(($(pieces_of_accounts) >= pieces)) || wrong "pieces were removed"
pieces=$(pieces_of_accounts)
machine one
lie
expect 0 inxt-get -o back inxt:/d/a
same plain back "after lies about records"

echo "== appends: answered and not kept, kept and refused, lost, raced ($SECONDS s)"
# Who appended says so at once, reading the log back to store it; what was there before is there.
appending=("inxt-mv inxt:/d/a inxt:/d/never" "inxt-mkdir inxt:/never" "inxt-rm inxt:/d/a" "inxt-restore inxt:/d/gone"
  "inxt-put -e 2+1 plain inxt:/never" "inxt-put -e 2+1 older inxt:/d/a" "inxt-rekey inxt:/d/a" "inxt-rekey -R inxt:/d"
  "inxt-rm --purge inxt:/d/gone" "inxt-share --link -o never inxt:/d/a" "inxt-share --revoke $share"
  "inxt-object create -e 2+1 plain" "inxt-object write --offset 5 $object older" "inxt-object meta --set a=b $object"
  "inxt-object rm $object")
for line in "${appending[@]}"; do
  twin one told
  lie not-stored
  [[ $line == *--purge* ]] && continue
  # shellcheck disable=SC2086
  against 8 "false log|does not have what was sent" $line
  # The one that was told so holds to it, as it should; the others have seen nothing.
  lie
  rm -f never
  machine one
  expect 0 inxt-ls --require-head head
  expect 0 inxt-get -q -o back inxt:/d/a
  same plain back "after an append that was not kept: $line"
done
# Stored, and answered with a refusal, a lie, or not at all: the log tells what became of it.
machine one
lie once answer-lost
against 0 "" inxt-mkdir inxt:/lost
lie once false-conflict
against 0 "" inxt-mkdir inxt:/raced
lie once refused-and-kept
against 6 "403" inxt-put -e 2+1 plain inxt:/refused
lie once other-head
against 8 "names another head" inxt-mkdir inxt:/other-head
for kind in $json_kinds; do
  lie once json "$kind" append
  against 8 "" inxt-mkdir "inxt:/json-$kind"
done
lie once redirect append
against 1 "302" inxt-mkdir inxt:/redirected
lie once status 403 append
against 6 "403" inxt-mkdir inxt:/forbidden
lie
expect 0 inxt-ls inxt:/
for name in lost raced refused other-head json-null; do has out "$name"; done
for name in never redirected forbidden; do lacks out "$name"; done
expect 0 inxt-get -o back inxt:/refused
same plain back "of a put that was refused and kept"
# Entries without their records: who reads finds out; the log at the Hosts has them.
head -c 299000 plain >shorter
lie once no-records
against 0 "" inxt-put -e 2+1 shorter inxt:/no-record
lie
against_nobody() { expect "$1" "${@:3}" && has err "$2"; }
against_nobody 8 "withheld" inxt-get -o never inxt:/no-record
none never "of a record that was withheld"
expect 0 inxt-put -e 2+1 shorter inxt:/no-record
expect 0 inxt-get -o back inxt:/no-record
# Nobody knows whose pieces that record names: no file of as many bytes is purged while it is away.
expect 0 inxt-put -e 2+1 shorter inxt:/as-long
against_nobody 8 "withheld" inxt-rm --purge inxt:/as-long
# A purge: the log must not name what is gone, and the Bridge may keep what nobody reads.
lie keep-record
against 0 "" inxt-rm --purge inxt:/refused
lie
# A delegated machine sees no names; what it was answered it holds to.
machine delegated
expect 0 $delegated
lie rollback 3
against 8 "rolled back" $delegated
for kind in "another-log $other_log" "head-hash" "alter sig"; do
  forget delegated
  # shellcheck disable=SC2086
  lie $kind
  against 8 "" $delegated
done
lie
expect 0 $delegated
lie once not-stored
against 0 "" $delegated
lie
against_nobody 8 "rolled back" $delegated

echo "== two branches for two machines of one owner ($SECONDS s)"
machine one
expect 0 inxt-mkdir -q inxt:/common
inxt-ls --head >head
twin one two
lie branch two
against 0 "" inxt-put -q -e 2+1 older inxt:/d/a
against 0 "" inxt-get -q -o back inxt:/d/a
same older back "of a branch"
inxt-ls --head >head.two
against 0 "" inxt-ls --require-head head
lie
machine one
expect 0 inxt-put -q -e 2+1 plain inxt:/b
expect 0 inxt-put -q -e 2+1 plain inxt:/c
pieces=$(pieces_of_accounts)
# They compare one line; or the Bridge tries to join them again.
expect 8 inxt-ls --require-head head.two
has err "forked"
machine two
each 8 "forked"
lie branch two
machine one
each 8 "rolled back|forked"
lie
expect 0 inxt-get -q -o back inxt:/d/a
same plain back "of the machine that was shown the truth"
# Whoever was led astray decides to believe the true log.
forget two
expect 0 inxt-get -q -o back inxt:/b
same plain back "after all"
expect 0 inxt-put -q -e 2+1 plain inxt:/at-last
finish
