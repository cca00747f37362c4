#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A full, failing or rationed disk at every system call that a put and a deletion make, injected into the real Host.
# usage: disk-faults.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
command -v strace >/dev/null || { echo "no strace"; exit 77; }
begin_network "$1"
start_host 1
hosts_file 1 >hosts
export INXT_HOSTS=$work/hosts

# inject CALLS ERROR: from now on these calls of the Host fail; until mend.
inject() {
  local i
  strace -qq -f -o trace -e trace="$1" -e inject="$1:error=$2" -p "${host_pid[1]}" 2>strace.err &
  strace_pid=$!
  for ((i = 0; i < 400; ++i)); do
    grep -q "TracerPid:[[:space:]]*$strace_pid" "/proc/${host_pid[1]}/status" && break
    kill -0 "$strace_pid" 2>/dev/null || break
    sleep 0.025
  done
  # Every thread, not only the first.
  for ((i = 0; i < 400; ++i)); do
    [[ $(cat /proc/"${host_pid[1]}"/task/*/status 2>/dev/null | grep -c "TracerPid:[[:space:]]*0$") == 0 ]] && return 0
    kill -0 "$strace_pid" 2>/dev/null || break
    sleep 0.025
  done
  if grep -q "Operation not permitted" strace.err; then echo "strace may not attach here"; exit 77; fi
  echo "strace did not attach: $(cat strace.err)"
  exit 1
}
mend() { kill -INT "$strace_pid" && wait "$strace_pid" 2>/dev/null; }
alive() { kill -0 "${host_pid[1]}" 2>/dev/null || { wrong "$1: the Host is dead"; cat log.1; exit 1; }; }
on_disk() { find store.1/pieces store.1/quarantine -type f -printf '%s\n' | awk '{ bytes += $1 } END { print bytes + 0 }'; }
exact() {  # exact WHEN: the quota is what the files take.  What the Host says of itself may be some seconds old.
  local used i
  for ((i = 0; i < 200; ++i)); do
    used=$(inxt-host status --json store.1 | jq '[.. | objects | .used_bytes // empty][0] // (.capacity_bytes - .free_bytes)')
    [[ $used != "$(on_disk)" ]] || return 0
    sleep 0.1
  done
  wrong "$1: the quota has $used bytes, the disk $(on_disk)"
}

for call in openat pwrite64 fdatasync renameat,renameat2 fsync; do
  for error in ENOSPC EIO EDQUOT; do
    what="put, $call fails with $error"
    head -c 20000 /dev/urandom >plain
    before=$(pieces_on_disk)
    inject "$call" "$error"
    status=0
    timeout 120 inxt-put -q -e 1+0 plain >m 2>err || status=$?
    mend
    alive "$what"
    [[ -s trace ]] || wrong "$what: the call was never made"
    [[ $status != 0 && $status != 124 ]] || wrong "$what: status $status"
    lacks err "$work/store.1"
    lacks m '"place"'
    [[ $error == EIO || $call == fsync || $status == 7 || $status == 5 || $status == 3 || $status == 1 ]] ||
      wrong "$what: status $status: $(cat err)"
    [[ $(pieces_on_disk) == "$before" ]] || wrong "$what: $(pieces_on_disk) files instead of $before"
    [[ -z $(find store.1/tmp -type f) ]] || wrong "$what: something is left in tmp/"
    exact "$what"
    # And it can be done again.
    inxt-put -q -e 1+0 plain >m 2>err || wrong "a put after \"$what\": $(cat err)"
    inxt-get -q -o back m 2>err || wrong "a get after \"$what\": $(cat err)"
    same plain back "$what"
    rm -f back
  done
done

for call in unlinkat fsync openat; do
  for error in ENOSPC EIO EDQUOT; do
    what="deletion, $call fails with $error"
    inxt-put -q -e 1+0 plain >m 2>err || wrong "put: $(cat err)"
    inject "$call" "$error"
    status=0
    timeout 120 inxt-rm -q m >out 2>err || status=$?
    mend
    alive "$what"
    [[ -s trace ]] || wrong "$what: the call was never made"
    [[ $status != 0 && $status != 124 ]] || wrong "$what: status $status: deleted?"
    lacks err "$work/store.1"
    exact "$what"
    inxt-rm -q m >out 2>err || [[ $call == fsync ]] || wrong "a deletion after \"$what\": $(cat err)"
    exact "after $what"
    inxt-get -q -o back m 2>err && wrong "$what: it is still there"
    rm -f back
  done
done

# Folders that cannot be made, from the start on.
kill_host 1
rm -rf store.1/pieces/???
cat >inxt-host-traced <<EOF
#!/bin/bash
exec strace -qq -f -o $work/trace -e trace=mkdirat -e inject=mkdirat:error=ENOSPC $(command -v inxt-host) "\$@"
EOF
chmod +x inxt-host-traced
: >log.1
./inxt-host-traced --store store.1 --capacity 1GiB --accept any --listen "${host_at[1]}" 2>log.1 &
host_pid[1]=$!
await_host 1
# The Host itself, not strace: it would outlive that.
host_pid[1]=$(pgrep -P "${host_pid[1]}")
status=0
timeout 120 inxt-put -q -e 1+0 plain >m 2>err || status=$?
[[ $status != 0 && $status != 124 ]] || wrong "a put into a folder that cannot be made: status $status"
lacks err "$work/store.1"
alive "mkdirat"
[[ $(find store.1/pieces -type f | wc -l) == 0 ]] || wrong "something is stored"
finish
