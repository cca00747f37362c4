#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Hosts that cheat (tests/support/cheat), audited by the real inxt-audit about all that they say they hold: lies in
# inventories, grinding, and fetching on demand against chains.  Usage: cheats.sh.
. "$(dirname "$0")/cheats.sh"

# ---- Whole Hosts, by their inventories.  A real one and one that makes its own and does not lie pass everything.
# lying NAME LIE [ARGUMENT...]: a Host that is honest but for its inventory; NAME.fixed is its head.
lying() {
  local name=$1 lie=$2
  shift 2
  [[ ${1:-} == --mode ]] || set -- --mode honest "$@"
  cheat "$name" "$2" --inventory "$lie" "${@:3}"
  store "$name" plain -s 512KiB
  whole "$name"
}
whole() {  # whole NAME [ARGUMENT...]
  local name=$1
  shift
  commit "$name" --host "$name.hosts" "$@"
}
# The first head of the real one is to have the pieces in it, so they are there before it starts.
cheat real honest
store real plain -s 512KiB
kill_host real
host_at[real]=$(jq -r '.addresses[0]' real.hosts)
start_host real
whole real
audit real passed '^$'
has out '"blocks":2048,"samples":460,"held":460'
third real passed
expect 0 inxt-audit --listed real.inxt
whole real --chain
audit real passed '^$' "${hurry[@]}"
third real passed
lying sound honest
audit sound passed '^$'
third sound passed
expect 0 inxt-audit --listed sound.inxt
whole sound --chain
audit sound passed '^$'
third sound passed

# What is listed and is not there, or not so large.
lying sizes sizes
audit sizes failed 'of 460 blocks were not held'
third sizes failed
lying ghosts ghosts --ghosts 1
audit ghosts failed 'of 460 blocks were not held'
[[ $(outcomes) == "missing " ]] || wrong "ghosts: $(outcomes)"
third ghosts failed
rate ghosts $((17 * 128)) 128 12
# Sums that are not those of the pieces: in the head alone, in the tree, and by listing pieces twice.
# Every sample under a false head fails; under a false node, those below it, and not only where no piece is.
for lie in other-root sums duplicates; do
  lying $lie $lie
  audit $lie failed 'of 460 blocks were not held'
  [[ $(outcomes) == "bad_inclusion " ]] || wrong "$lie: $(outcomes)"
  bad=$(jq 'select(.type == "host").failed' out)
  [[ $bad -gt 40 && ($lie != other-root || $bad == 460) ]] || wrong "$lie: only $bad samples"
  third $lie failed
done
whole sums --chain
audit sums failed 'of 460 blocks were not held'
third sums failed
# Excuses: a deletion that the owner did not sign, and a term that is not over.
lying releases releases
audit releases failed 'of 460 blocks were not held'
[[ $(outcomes) == "bad_release " ]] || wrong "releases: $(outcomes)"
third releases failed
# Contracts with itself about pieces that never were, ended when they are asked for: not held, for the bound, so that they
# win nothing; and a chain, whose way they would choose, does not pass.
lying deals self-deals --ghosts 4
audit deals passed '^$'
jq -es 'any(.type == "host" and .released > 40 and .failed == 0 and .blocks_bad_max >= 4 * 128)' out >/dev/null || { wrong "deals with itself"; cat out; }
third deals passed
whole deals --chain
audit deals unreachable ''
third deals unreachable
# A piece that it took money for and does not list: no stranger sees that, and its owner does.
lying omits omits
audit omits passed '^$'
touch -d '1 minute' omits.inxt  # the head may be older than the file
expect 5 inxt-audit --listed omits.inxt
has err 'younger than its inventory'
touch -d '2 hours ago' omits.inxt  # no excuse any more: the head is younger than the manifest
expect 9 inxt-audit --listed omits.inxt
has out '"outcome":"piece_absent"'
# Two inventories in one hour: whoever sees both has evidence.
lying two-heads two-heads
expect 9 inxt-audit --host two-heads.hosts --proofs two-heads.proofs
third two-heads failed

# ---- Grinds: with a beacon that it knows it passes, and that is worth nothing; with one that it does not it fails.
known=$(printf 'ab%.0s' {1..32})
cheat grinds keep --keep 0.99 --inventory grinds --beacon "$known" --samples 460
store grinds plain -s 512KiB
lacks_blocks grinds
[[ $bad -gt 0 ]] || wrong "the Host that grinds has all"
printf '{"randomness":"%s","time":%d}\n' "$known" "$(date +%s)" >beacon
expect 3 inxt-audit --host grinds.hosts --beacon beacon
has out '"held":460,"failed":0'
has out '"verdict":"unanchored"'
whole grinds
found=0
for n in 1 2 3 4 5 6; do  # 0.99 each
  fresh grinds
  inxt-audit -q --beacon beacon --commitments grinds.fixed >/dev/null 2>&1
  [[ $? != 9 ]] || found=$((found + 1))
done
[[ $found -gt 0 ]] || wrong "the Host that grinds was never found"

# ---- Keeps a part, asked about all that it holds; and in a chain.
cheat keeps keep --keep 0.99 --inventory honest
store keeps plain -s 512KiB
lacks_blocks keeps
whole keeps
rate keeps "$blocks" "$bad" 70
whole keeps --chain
rate keeps "$blocks" "$bad" 70 found-chained

# ---- Fetches when asked, once for each block of a chain.  Where all are asked for at once, the disk's allowance hides it.
cheat lender honest
cheat fetches relay --peer lender.hosts --delay 300 --inventory honest
store fetches small -s 512KiB
whole fetches
audit fetches passed '^$' --samples 100 --min-rate 100MB
whole fetches --chain
audit fetches late '^.+$' "${hurry[@]}"
third fetches late
cheat nearby relay --peer lender.hosts --inventory honest
store nearby small -s 512KiB
whole nearby --chain
audit nearby passed '^$'  # out of scope, as above

finish
