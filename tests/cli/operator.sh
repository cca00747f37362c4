# SPDX-License-Identifier: AGPL-3.0-or-later
# A server as its operator meets it.  Sourced by tests that start one at a time: it makes and enters the folder `work`, which goes
# with the script and with whatever still runs.  Uses and sets: pid, address, id; the server's standard error is the file log.
work=$(mktemp -d)
pid=
end() {
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
unset "${!INXT_@}" NOTIFY_SOCKET STATE_DIRECTORY CREDENTIALS_DIRECTORY
export XDG_CONFIG_HOME=$work/no-config

fail() {
  echo "FAIL: $*" >&2
  sed 's/^/  log: /' log >&2 2>/dev/null || true
  exit 1
}
expect() {  # expect STATUS COMMAND...
  local want=$1 got=0
  shift
  timeout 60 "$@" >out 2>err || got=$?
  [[ $got == "$want" ]] || { cat out err >&2; fail "exit $got instead of $want: $*"; }
}
start_server() {  # start_server READY PROGRAM ARGUMENT...: waits for READY in the log, sets pid, address and id
  local ready=$1
  shift
  : >log  # before the loop below looks into it: the program's shell empties it only when it gets to run
  "$@" 2>log &
  pid=$!
  for _ in $(seq 400); do
    if grep -q "$ready" log; then
      address=$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' log)
      id=$(sed -n 's/.* as \([0-9a-f]*\)$/\1/p' log)
      return
    fi
    kill -0 "$pid" 2>/dev/null || fail "it did not start"
    sleep 0.05
  done
  fail "it did not start in 20 s"
}
stop() {  # stop SIGNAL STATUS
  local got=0
  kill "-$1" "$pid"
  wait "$pid" 2>/dev/null || got=$?
  pid=
  [[ $got == "$2" ]] || fail "exit $got instead of $2 after SIG$1"
}
wait_for_log() {
  for _ in $(seq 400); do
    ! grep -q "$1" log || return 0
    sleep 0.05
  done
  fail "the log never said $1"
}
