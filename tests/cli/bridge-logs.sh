#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Logs at a Bridge under fire: three inxt-bridge processes on one database, an owner's machines that append to one log at
# once, kill -9 in the middle.  Afterwards the log is one chain, and what was acknowledged stands where it was said to.
#
# usage: bridge-logs.sh FOLDER_OF_THE_TOOLS INXT_LOG_LOAD sqlite|postgresql
set -euo pipefail

bridge=$(realpath "$1")/inxt-bridge
load=$(realpath "$2")
kind=$3
bridge_options=()
# shellcheck source=tests/cli/bridge_processes.sh
. "$(dirname "${BASH_SOURCE[0]}")/bridge_processes.sh"

crash() {  # crash NAME: in the middle of the writing
  [[ $(entries_acknowledged) -lt $((all * 3 / 4)) ]] || fail "$(entries_acknowledged) of $all were written: too late"
  kill -KILL "${pids[$1]}"
  wait "${pids[$1]}" 2>/dev/null || true
  unset "pids[$1]"
}
entries_acknowledged() { wc -l <acks; }
wait_for_acks() {  # until there are so many more
  local goal=$(($(entries_acknowledged) + $1))
  for _ in $(seq 1200); do
    [[ $(entries_acknowledged) -lt $goal ]] || return 0
    sleep 0.05
  done
  fail "no $1 more entries in 60 s"
}
member() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$2"; }

permit=$("$load" permit --key a/identity.key --owner 7)
touch acks
ask() { timeout 200 "$load" "$1" --bridge "$id" --permit "$permit" --owner 7 --addresses "$addresses" --acks acks "${@:2}"; }

# ---- many machines, one log; processes die under them
writers=6 each=150
all=$((writers * each))
ask append --writers $writers --entries $each --record-bytes 2000 >appended 2>append.err &
writing=$!
wait_for_acks 30
crash b
wait_for_acks 30
crash c
start c "${addresses##*:}"  # and comes back where it was
wait "$writing" || { cat append.err >&2; fail "not all was appended"; }
cat appended
[[ $(entries_acknowledged) -eq $all ]] || fail "$(entries_acknowledged) entries were acknowledged instead of $all"
[[ $(member conflicts appended) -gt 0 ]] || fail "nobody was slower than another: they did not write at once"
addresses=${addresses%%,*}
ask check --record-bytes 2000 >checked || fail "what was acknowledged is not all there"
cat checked
[[ $(member entries checked) -eq $all ]] || fail "$(member entries checked) entries instead of $all"
echo "bridge-logs: ok ($kind)"
