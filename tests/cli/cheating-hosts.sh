#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Hosts that cheat (tests/support/cheat), stored to by the real inxt-put and audited by the real inxt-audit about the
# pieces of a manifest: for each cheat the verdict and the reason; then how often damage is found, against the formula.
# An honest Host in the same place passes everything.  Usage: cheats.sh.
. "$(dirname "$0")/cheats.sh"

# ---- Waiting for the slowest ones begins first.
if [[ $slow ]]; then
  for mode in drip silent; do
    cheat $mode $mode
    store $mode small
    fresh $mode
    mv beacon $mode.beacon
    (
      begin=$SECONDS
      inxt-audit --beacon $mode.beacon --proofs $mode.proofs --commitments $mode.fixed >$mode.out 2>$mode.err
      echo "$? $((SECONDS - begin))" >$mode.ended
    ) &
    started+=($!)
  done
fi

# ---- Honest, in the same place: whatever is asked, and whatever the others are asked.
cheat honest honest
store honest plain
for n in 1 2 3; do audit honest passed '^$'; done
audit honest passed '^$' --samples 65536
third honest passed
audit honest passed '^$' "${hurry[@]}"
# Not anchored: nothing says that the Host did not know the beacon.
expect 3 inxt-audit --beacon "$(printf '%064x' 1)" honest.inxt
has out '"verdict":"unanchored"'

# ---- Drops everything after the receipt: it says so, makes blocks up, or keeps quiet.
for lie in missing zeros refuse; do
  cheat drop-$lie drop --lie $lie
  store drop-$lie small --receipts receipts
  [[ -s receipts ]] || wrong "no receipt: nothing was promised"
done
audit drop-missing failed ' of 460 blocks were not held, 460 of them missing'
third drop-missing failed
audit drop-zeros failed '460 of them missing'  # not even the tree is left to lie with
audit drop-refuse unreachable 'answered 503'
third drop-refuse unreachable

# ---- Keeps the hash trees, or 32 bytes of each block.
cheat tree tree --lie zeros
store tree plain
[[ $(du -s store.tree/pieces | cut -f1) -lt $(($(du -s store.honest/pieces | cut -f1) / 2)) ]] || wrong "the tree is as large as the data"
audit tree failed '460 of 460 blocks were not held, 0 of them missing'
[[ $(outcomes) == "wrong_data " ]] || wrong "tree: $(outcomes)"
third tree failed
cheat leaves leaves
store leaves plain
audit leaves failed '460 of 460 blocks were not held, 0 of them missing'
[[ $(outcomes) == "wrong_length wrong_path wrong_size " ]] || wrong "leaves: $(outcomes)"
third leaves failed

# ---- Answers to another question.
cheat replay replay
store replay plain
audit replay passed '^$' --samples 200  # the first time there is nothing to replay
audit replay unreachable 'the answer does not count.*challenge' --samples 200
third replay unreachable
cheat again replay-signed
store again plain
audit again passed '^$'
audit again failed 'of 460 blocks were not held'
[[ $(outcomes) == "other_block " ]] || wrong "again: $(outcomes)"
third again failed
cheat other other-piece
store other plain
audit other failed '460 of 460 blocks were not held'
[[ $(outcomes) == "other_block wrong_data " ]] || wrong "other: $(outcomes)"
cheat size other-size
store size small
audit size failed '460 of 460 blocks were not held'
[[ $(outcomes) == *"wrong_size "* ]] || wrong "size: $(outcomes)"

# ---- Another Host's answers: of one that has the piece, of one that has it not; and with a key that is nobody's.
cheat lender honest
cheat borrower other-host --peer lender.hosts
store borrower small
audit borrower unreachable 'the answer does not count .*another Host signed it'
third borrower unreachable
cheat forger other-key
store forger small
for n in 1 2; do audit forger unreachable 'the answer does not count'; done

# ---- Keeps nothing and fetches when asked.  From far away it is late, at the first try and at the second; a peer nearby
# answers in time, and no audit tells it from a disk: out of scope, and named in inxt-threats(7).
cheat far relay --peer lender.hosts --delay 3000
store far small
audit far late '^.+$' "${hurry[@]}"
third far late
audit far passed '^$' --samples 20 --deadline 30000
cheat near relay --peer lender.hosts
store near small
audit near passed '^$' "${hurry[@]}"
[[ $(du -s store.near/pieces | cut -f1) -lt 1000 ]] || wrong "the relay keeps $(du -s store.near/pieces | cut -f1) KiB"

# ---- Answers a gigabyte: it is not read.
cheat gigabyte gigabyte
store gigabyte small
begin=$SECONDS
audit gigabyte unreachable 'larger than .* bytes'
[[ $((SECONDS - begin)) -lt 20 ]] || wrong "a gigabyte took $((SECONDS - begin)) s"

# ---- Signs and later denies: what it signed is enough, whatever becomes of it and whatever it says.
cheat denier drop
store denier small
audit denier failed 'missing'
kill_host denier
rm -r store.denier
third denier failed
lines=$(wc -l <denier.proofs)
for line in $(seq 1 40 "$lines") "$lines"; do  # neither side changes it
  sed "${line}s/[13579]/8/3" denier.proofs >evidence
  ! cmp -s denier.proofs evidence || continue
  expect 8 inxt-audit --verify evidence
done

# ---- Two Hosts, one store, one copy: the second has nothing to answer with, unless somebody gave them the manifest.
cheat pair share --manifest pair.told
inxt-put -q -m 2 --hosts pair.hosts small >pair.inxt || wrong "put on a pair"
[[ $(jq -r 'select(.type == "piece").id' pair.inxt | sort -u | wc -l) == 4 ]] || wrong "two mirrors are one piece"
[[ $(find store.pair/pieces -type f | wc -l) == 2 ]] || wrong "the pair keeps $(find store.pair/pieces -type f | wc -l) files"
commit pair pair.inxt
fresh pair
inxt-audit --beacon beacon --proofs pair.proofs --commitments pair.fixed >out 2>err
[[ $(jq -r 'select(.type == "host").verdict' out | sort | tr '\n' ' ') == "failed passed " ]] || { wrong "the pair"; cat out; }
[[ $(outcomes) == *wrong_data* ]] || wrong "the pair shows $(outcomes)"
[[ $(jq -r 'select(.type == "host" and .verdict == "failed").host' out) == $(tail -1 pair.hosts | jq -r .host) ]] || wrong "the wrong one of the pair"
third pair failed
cp pair.inxt pair.told  # out of scope, and named in inxt-threats(7): they hold the manifest
fresh pair
expect 0 inxt-audit --beacon beacon --commitments pair.fixed
# The owner gets the file from what is left.
expect 0 inxt-get pair.inxt
same small out "from a pair with one copy"

# ---- Keeps a random part: how often that is found, with how many samples.
for keep in 0.99:70:460 0.95:14 0.999:460; do
  IFS=: read -r part first second <<<"$keep"
  cheat "keeps-$part" keep --keep "$part" --inventory honest
  store "keeps-$part" "$([[ $part == 0.999 ]] && echo large || echo plain)" -s 512KiB
  lacks_blocks "keeps-$part"
  for samples in $first $second; do rate "keeps-$part" "$blocks" "$bad" "$samples"; done
done
# What is gone is not always missing: it may be made up, and that is found as often.
cheat made-up keep --keep 0.95 --lie zeros
store made-up plain
audit made-up failed 'of 460 blocks were not held, 0 of them missing'
[[ $(outcomes) == "wrong_data " ]] || wrong "made-up: $(outcomes)"

# ---- One byte a second, and never: the auditor has waited long enough after the second time.
if [[ $slow ]]; then
  for mode in drip silent; do
    for ((n = 0; n < 300; ++n)); do
      [[ ! -e $mode.ended ]] || break
      sleep 1
    done
    read -r status seconds <$mode.ended || wrong "$mode: the audit does not end"
    [[ $status == 5 && $seconds -lt 240 ]] || wrong "$mode: status $status after $seconds s"
    jq -es 'any(.type == "host" and .verdict == "unreachable")' $mode.out >/dev/null || wrong "$mode: $(cat $mode.out)"
    third $mode unreachable
  done
fi
finish
