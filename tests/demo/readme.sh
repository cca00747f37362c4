#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Runs the commands of the README's section on a Bridge, exactly as they stand there, in an empty folder; each must end
# well.  Where it may, in a network of its own: the addresses there are fixed.
#
# usage: readme.sh FOLDER_OF_THE_TOOLS README
set -u
tools=$(realpath "$1") readme=$(realpath "$2")
if [[ ${3-} != inside ]] && command -v ip >/dev/null && unshare --net ip link set lo up 2>/dev/null; then
  exec unshare --net bash -c 'ip link set lo up && exec "$0" "$1" "$2" inside' "$(realpath "$0")" "$tools" "$readme"
fi
work=$(mktemp -d)
cd "$work" || exit 1
end() {
  local pid
  for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null; done
  wait 2>/dev/null
  cd / && rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM
unset "${!INXT_@}" "${!XDG_@}" CREDENTIALS_DIRECTORY NOTIFY_SOCKET
export PATH=$tools:$PATH HOME=$work/home
mkdir home
set -o pipefail

wait_for() {
  local i
  for ((i = 0; i < 600; ++i)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  echo "waited in vain: $*"
}
has_all_hosts() { [[ $(inxt-hosts | wc -l) == 5 ]]; }

# A command is a line that begins with a dollar, and the lines behind it that are indented further.
commands=()
while IFS= read -r line; do
  case $line in
    '    $ '*) commands+=("${line#'    $ '}") ;;
    '      '*) commands[-1]+=$'\n'$line ;;
  esac
done < <(sed -n '/^## A Bridge of your own/,/^## How/p' "$readme")
((${#commands[@]} > 20)) || { echo "the README has ${#commands[@]} commands"; exit 1; }

for command in "${commands[@]}"; do
  printf '$ %s\n' "$command"
  # Not in a subshell: variables and jobs go on.
  eval "$command" >out 2>>log </dev/null || { echo "FAILED with $?"; cat out; tail -20 log; exit 1; }
  # A slow machine takes longer than the README says.
  case $command in
    inxt-bridge*'&') wait_for grep event=ready log ;;
    *'inxt-bridge grant'*) wait_for has_all_hosts ;;
  esac
  case $command in
    *'inxt-hosts --table'*) [[ $(grep -c '%' out) == 5 ]] || { echo "FAILED: not 5 Hosts"; cat out log; exit 1; } ;;
    *'echo same'*) [[ $(cat out) == same ]] || { echo "FAILED: not the same"; exit 1; } ;;
    *'inxt-ls -R'*) grep -Fx /photos/2026/a.tar out >/dev/null || { echo "FAILED: a name is gone"; cat out; exit 1; } ;;
  esac
done
echo passed
