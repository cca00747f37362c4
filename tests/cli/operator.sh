# SPDX-License-Identifier: AGPL-3.0-or-later
# A server as its operator meets it.  Sourced by tests that start one at a time, in a folder that goes with the script and with
# whatever still runs.
work=$(mktemp -d)
end() {
  kill_server
  rm -rf "$work"
}
trap end EXIT
operator_here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
cd "$work"
. "$operator_here/server.sh"

expect() {  # expect STATUS COMMAND...
  local want=$1 got=0
  shift
  timeout 60 "$@" >out 2>err || got=$?
  [[ $got == "$want" ]] || { cat out err >&2; fail "exit $got instead of $want: $*"; }
}
stop() {  # stop SIGNAL STATUS
  local got=0
  kill "-$1" "$pid"
  wait "$pid" 2>/dev/null || got=$?
  pid=
  [[ $got == "$2" ]] || fail "exit $got instead of $2 after SIG$1"
}
