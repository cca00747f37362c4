#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A sparse file past 4 GiB, 14 Hosts with 10+4, and a bound on memory.  Takes minutes and 8 GiB of disk; 77 where there is
# less.
# usage: large.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
[[ $(df --output=avail -B1G "${TMPDIR:-/tmp}" | tail -1) -ge 16 ]] || { echo "skipped: less than 16 GiB of disk"; exit 77; }
begin_network "$1"

below_96_mib() {  # below_96_mib COMMAND...: whatever it reads and writes
  local kib
  /usr/bin/python3 -c '
import resource, subprocess, sys
status = subprocess.run(sys.argv[2:]).returncode
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)' peak "$@" || wrong "status $? of $*"
  kib=$(cat peak)
  [[ $kib -le $((96 * 1024)) ]] || wrong "$kib KiB: $*"
}

# ---- 10+4 on 14 Hosts: four die, then a fifth
start_hosts 1 14 --capacity 4GiB
hosts_file $(seq 14) >fourteen
head -c 300000000 /dev/urandom >plain
below_96_mib inxt-put -q -e 10+4 --hosts fourteen -o m plain
for n in 2 3 11 14; do kill_host $n; done
below_96_mib inxt-get -q -o back m
same plain back "without 4 of 14 Hosts"
kill_host 7
expect 10 inxt-get -o never m
has err "lacks 1 of 10"
none never "without 5 of 14 Hosts"
start_hosts 2 3
expect 0 inxt-get -o back m
same plain back "when two are back"
expect 3 inxt-rm m
rm -f plain back

# ---- 4 GiB and a bit, mostly holes
hosts_file 1 2 3 >three
for n in 4 5 6 8 9 10 12 13; do kill_host $n; done
rm -rf store.[4-9] store.1[0-4]
size=$((4 * 1024 * 1024 * 1024 + 12345))
truncate -s $size sparse
for at in 0 2147483640 4294967290; do printf 'not a hole at %d' $at | dd of=sparse bs=1 seek=$at conv=notrunc status=none; done
[[ $(stat -c %s sparse) == "$size" ]] || wrong "the sparse file is $(stat -c %s sparse)"
for n in 1 2 3; do kill_host $n; done
start_hosts 1 3 --capacity 3GiB
hosts_file 1 2 3 >three
below_96_mib inxt-put -q -e 2+1 --hosts three -o m sparse
below_96_mib inxt-get -q m -o back
same sparse back "past 4 GiB"
for at in 0 2147483640 4294967290 $((size - 5)); do
  inxt-get -q --range $at-$((at + 30)) m >part || wrong "--range $at"
  tail -c +$((at + 1)) sparse | head -c 31 | cmp -s - part || wrong "range at $at"
done
kill_host 2
below_96_mib bash -c 'inxt-get -q m | cmp - sparse'

finish
