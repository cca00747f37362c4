# SPDX-License-Identifier: AGPL-3.0-or-later
# One server at a time, whose standard error is the file log.  Sourced in the folder it is to run in.  Sets pid, address, id.
pid=
unset "${!INXT_@}" NOTIFY_SOCKET STATE_DIRECTORY CREDENTIALS_DIRECTORY
export XDG_CONFIG_HOME=$PWD/no-config

fail() {
  echo "FAIL: $*" >&2
  tail -40 log 2>/dev/null | sed 's/^/  log: /' >&2
  exit 1
}
start_server() {  # start_server READY PROGRAM ARGUMENT...: waits for READY in the log, sets pid, address and id
  local ready=$1
  shift
  : >log  # before the loop below looks into it: the program's shell empties it only when it gets to run
  "$@" 2>log &
  pid=$!
  for _ in $(seq 600); do
    if grep -q "$ready" log; then
      address=$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' log | sed -n 1p)
      id=$(sed -n 's/.* as \([0-9a-f]*\)$/\1/p' log | sed -n 1p)
      return
    fi
    kill -0 "$pid" 2>/dev/null || fail "it did not start"
    sleep 0.05
  done
  fail "it did not start in 30 s"
}
kill_server() {
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  [[ -z $pid ]] || wait "$pid" 2>/dev/null || true
  pid=
}
wait_for_log() {  # wait_for_log PATTERN [TENTHS_OF_A_SECOND]
  for _ in $(seq "${2:-600}"); do
    ! grep -q "$1" log || return 0
    sleep 0.1
  done
  fail "the log never said $1"
}
