#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Host that is killed under load, again and again: every piece that it gave a receipt for is there afterwards.
# usage: [INXT_LOOPS=N] kill-loop.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
loops=${INXT_LOOPS:-6}
start_host 1
hosts_file 1 >hosts
export INXT_HOSTS=$work/hosts
mkdir acknowledged

# Files of many sizes, as fast as they go; a manifest is moved to acknowledged/ when its put has said that it is stored.
put_on_and_on() {
  local worker=$1 i size
  for ((i = 0; i < 100000; ++i)); do
    [[ ! -e stop ]] || return 0
    size=$(((RANDOM * 7 + worker) % 120000 + 1))
    head -c "$size" /dev/urandom >"plain.$worker"
    if inxt-put -q -e 1+0 "plain.$worker" >"m.$worker" 2>/dev/null; then
      sha256sum <"plain.$worker" >"acknowledged/$worker.$i.sum"
      mv "m.$worker" "acknowledged/$worker.$i.m"
    fi
  done
}
for worker in 1 2 3; do
  put_on_and_on "$worker" &
  started+=($!)
done
for ((loop = 0; loop < loops; ++loop)); do
  sleep "0.$((RANDOM % 9 + 1))"
  sleep $((RANDOM % 2))
  kill_host 1
  start_host 1
done
sleep 1
touch stop
wait "${started[@]}" 2>/dev/null
kill_host 1
start_host 1

count=0
for manifest in acknowledged/*.m; do
  [[ -e $manifest ]] || break
  count=$((count + 1))
  inxt-get -q -o back "$manifest" 2>err || { wrong "$manifest was acknowledged: $(cat err)"; continue; }
  sha256sum <back | cmp -s - "${manifest%.m}.sum" || wrong "$manifest: other bytes"
  rm -f back
done
[[ $count -ge $loops ]] || wrong "only $count files were acknowledged in $loops lives"
expect 0 inxt-host check --deep store.1
[[ -z $(find store.1/tmp -type f) ]] || wrong "something is left in tmp/"
echo "$count files acknowledged in $((loops + 1)) lives"
finish
