#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Shares by people who mean harm: what a bundle names goes nowhere but into the folder that was said, and one that is not what
# its writer signed is refused.
# usage: hostile-shares.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
server=$(realpath "$(dirname "$0")/../support/share_server.py")
begin_network "$1"
unset INXT_BRIDGE
mkdir links
"$server" links >address 2>log.server &
started+=($!)
for ((i = 0; i < 400; ++i)); do [[ -s address ]] && break; sleep 0.05; done
[[ -s address ]] || { echo "the server did not start:"; cat log.server; exit 1; }

expect 0 inxt-ls -R --link links/good.link
[[ $(xargs <out) == "a sub/ sub/b sub/empty/" ]] || wrong "a good share: $(cat out)"
expect 0 inxt-get -q -R --link links/good.link -o good
[[ $(cd good && find . -mindepth 1 -printf '%P:%y\n' | sort | xargs) == "a:f sub/b:f sub/empty:d sub:d" ]] ||
  wrong "a good share: $(find good)"
[[ $(stat -c %a good/a) == 644 ]] || wrong "the mode $(stat -c %a good/a)"
expect 0 inxt-get -q --link links/one.link -o one
expect 2 inxt-get -q -R --link links/one.link -o no
# What a terminal would take for something else is shown, and written as it is.
expect 0 inxt-ls -R --link links/escape.link
has out 'red\x1b[31m\x0a'
lacks out $'\x1b'
expect 0 inxt-get -R --link links/escape.link -o escaped
lacks err $'\x1b'
[[ -f escaped/$'red\x1b[31m\n' && -f escaped/$'sub\t/c' ]] || wrong "names with control characters: $(find escaped | cat -v)"

for share in dots dots-inside absolute slashes zero-byte long-name a-dot no-name no-folder in-file twice folder-too version no-json \
  other-writer other-share changed cut; do
  expect 8 inxt-ls --link links/$share.link
  [[ ! -s out ]] || wrong "$share was listed: $(cat out)"
  expect 8 inxt-get -q -R --link links/$share.link -o none
  expect 8 inxt-get -q --link links/$share.link -o none ok
done
expect 6 inxt-ls --link links/ended.link
expect 6 inxt-get -q -R --link links/gone.link -o none
expect 5 inxt-get -q -R --link links/long.link -o none
has err response_bytes_max
got=0
inxt-get -q -R --link links/moved.link -o none 2>err || got=$?
[[ $got == 1 || $got == 5 || $got == 8 ]] || wrong "a redirect: status $got: $(cat err)"
none none "after shares that were refused"
none outside "of a name that climbs"
finish
