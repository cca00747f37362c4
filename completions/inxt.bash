# SPDX-License-Identifier: AGPL-3.0-or-later
# bash completion of the inxt tools.  Made by scripts/make-completions from the tools' option tables; not edited by hand.

# Of each tool and subcommand: -o=KIND takes a value, -z~ one that is attached, .=KIND is a positional.
declare -gA _inxt_options=(
  ["inxt-audit"]=".=FILE -R --recursive --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- --host=FILE --chain --listed --heads=FILE --samples=- --detect=- --confidence=- --beacon=- --commit=FILE --commitments=FILE --witness=FILE --require-witness=HOSTID --proofs=FILE --verify=FILE --extract=HOSTID --hosts=FILE -j=- --jobs=- --disk-ms=- --min-rate=- --deadline=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge"]="--data=DIR --database=- --listen=- --announce=- --local=- --workers=- --connections=- --connections-per-peer=- --requests-per-peer=- --hosts-per-network=- --registrations-per-hour=- --heartbeat=- --probe-interval=- --speed-interval=- --allow-private-addresses --new-audits=- --repair-grace=- --repair-bytes=- --repair-price=- --care-audit-interval=- --test-haste=- --test-seed --config=FILE -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge check"]=".=DIR --quick --config=FILE -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge descriptor"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge status"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge grant"]=".=- .=DIR --quota=- --term=- --can=- --note=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge accounts"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge revoke"]=".=- .=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge reports"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-bridge repairs"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-care"]="-h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-care add"]="--caretaker=FILE --number=- .=FILE -R --recursive --hosts=FILE --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-care list"]=".=FILE -R --recursive --hosts=FILE --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-care remove"]=".=FILE -R --recursive --hosts=FILE --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-care places"]=".=FILE -R --recursive --hosts=FILE --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-encrypt"]=".=FILE --decrypt --ciphertext=FILE -o=FILE --output=FILE -r=- --recipient=- -z~ --compress~ --pad --dir=DIR --signer=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-get"]=".=FILE -o=FILE --output=FILE --range=- --hosts=FILE --dir=DIR --signer=- -j=- --jobs=- --no-receipts -R --recursive --force --kept=- --bridge=FILE --share=FILE --link=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host"]="--store=DIR --capacity=- --accept=FILE --listen=- --announce=- --map-port=off|auto|nat-pmp|upnp --local=- --bridge=FILE --operator=- --domain=- --region=- --price=- --term-max=- --workers=- --memory=- --group-commit=on|off --commit-delay=- --reserve=- --deny=FILE --limit=- --limit-in=- --limit-out=- --traffic=- --connections=- --connections-per-peer=- --grace=- --scrub-period=- --scrub-hours=- --scrub-rate=- --audit-rate=- --audit-rate-per-peer=- --keep-audits=- --keep-transfers=- --config=FILE -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host check"]=".=DIR --deep --quick --config=FILE -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host descriptor"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host move"]=".=DIR --to=DIR --wait -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host drain"]=".=DIR --off -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host retire"]=".=DIR --by=- --off -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host pause"]=".=DIR --until=- --off -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host status"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host audits"]=".=DIR --follow -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host evidence"]=".=- .=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host map-port"]=".=- --map-port=auto|nat-pmp|upnp --external-port=- --remove -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host doctor"]=".=DIR --hosts=FILE --listen=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host backup"]=".=DIR -o=FILE --output=FILE --passphrase-fd=- --no-passphrase -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host restore"]=".=DIR --passphrase-fd=- --force -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host rotate-key"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-hosts"]="--bridge=FILE --min-uptime=- --max-rtt=- --min-free=- --max-price=- --min-audits=- --region=- --operator=- --sort=- --limit=- --all --measure -j=- --jobs=- --table --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key"]="-h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key new"]="-o=FILE --output=FILE --no-passphrase --passphrase-fd=- --words=24|12 --words-out=FILE --recovery-card=FILE -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key restore"]="-o=FILE --output=FILE --no-passphrase --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key show"]="--recipient --id --for-host=HOSTID --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key uploader"]=".=- --until=- -o=FILE --output=FILE --seal --new-passphrase-fd=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key caretaker"]="-n=- --number=- -o=FILE --output=FILE --seal --new-passphrase-fd=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key file-key"]=".=FILE -y --yes --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-ls"]=".=- -l --long -R --recursive -d --directory --versions --removed --unnamed --notes --head --require-head=FILE --signer=- --bridge=FILE --share=FILE --link=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-mkdir"]=".=- -p --parents --bridge=FILE --allow-same=- --keep-versions=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-mv"]=".=- --no-clobber --bridge=FILE --allow-same=- --keep-versions=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object"]="-h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object get"]=".=- -o=FILE --output=FILE --range=- --kept=- --hosts=FILE -j=- --jobs=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object ls"]="--prefix=- --metadata=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object versions"]=".=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object create"]=".=FILE --metadata=- --allow-same=- --term=- --price=- -j=- --jobs=- -e=- --erasure=- -m=- --mirrors=- -s=- --shard-size=- -r=- --recipient=- -z~ --compress~ --pad --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object write"]=".=- .=FILE --offset=- --rewrite --allow-same=- --term=- --price=- -j=- --jobs=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object truncate"]=".=- .=- --rewrite --allow-same=- --term=- --price=- -j=- --jobs=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object meta"]=".=- --set=- --unset=- --allow-same=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object rm"]=".=- --allow-same=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-object purge"]=".=- -n --dry-run --allow-same=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-permit"]="-h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-permit show"]="--offline --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-permit delegate"]="--to=- --can=- --quota=- --until=- --object=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-permit revoke"]=".=- --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-put"]=".=FILE -o=FILE --output=FILE --hosts=FILE --bridge=FILE --allow-same=- --keep-versions=- -R --recursive -u --update --metadata=- --explain -j=- --jobs=- --receipts=FILE --dir=DIR --term=- --price=- --data -n --dry-run --care --caretaker=FILE -e=- --erasure=- -m=- --mirrors=- -s=- --shard-size=- -r=- --recipient=- -z~ --compress~ --pad --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-recover"]="--hosts=FILE --bridge=FILE --words-fd=- -o=DIR --output=DIR --files --versions --force --adopt=FILE -n --dry-run --state=FILE --anew -j=- --jobs=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-rekey"]=".=FILE -R --recursive --drop=- --hosts=FILE --bridge=FILE -j=- --jobs=- --term=- --price=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-renew"]=".=FILE --term=- --if-less=- --price=- --hosts=FILE --receipts=FILE -j=- --jobs=- -n --dry-run -R --recursive --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-repair"]=".=FILE -o=FILE --output=FILE -a --all -n --dry-run --sample=- --hosts=FILE --bridge=FILE --allow-same=- -R --recursive -j=- --jobs=- --term=- --price=- --receipts=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-restore"]=".=- --kept=- --to=- -R --recursive --bridge=FILE --allow-same=- --keep-versions=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-rm"]=".=- --hosts=FILE -j=- --jobs=- -n --dry-run --leave-silent -r --recursive --purge --expired --bridge=FILE --allow-same=- --keep-versions=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-shard"]=".=FILE --join --dir=DIR --from=DIR -o=FILE --output=FILE -e=- --erasure=- -m=- --mirrors=- -s=- --shard-size=- --signer=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-share"]=".=FILE -r=- --recipient=- --link --expires=- --stanza -o=FILE --output=FILE --list --revoke=- --refresh --hosts=FILE --bridge=FILE --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
)
declare -gA _inxt_commands=(
  [inxt]="audit bridge care encrypt get host hosts key ls mkdir mv object permit put recover rekey renew repair restore rm shard share"
  ["inxt-bridge"]="check descriptor status grant accounts revoke reports repairs"
  ["inxt-care"]="add list remove places"
  ["inxt-host"]="check descriptor move drain retire pause status audits evidence map-port doctor backup restore rotate-key"
  ["inxt-key"]="new restore show uploader caretaker file-key"
  ["inxt-object"]="get ls versions create write truncate meta rm purge"
  ["inxt-permit"]="show delegate revoke"
)

# $1: the kind of a value; adds what may stand for it to COMPREPLY.
_inxt_values() {
  case $1 in
    FILE)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
    DIR)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      ;;
    HOSTID)
      [[ -r ${INXT_HOSTS-} ]] || return 0
      mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/.*"host":"\([0-9a-f]\{64\}\)".*/\1/p' "$INXT_HOSTS")" -- "$cur")
      ;;
    *"|"*) mapfile -t COMPREPLY < <(compgen -W "${1//|/ }" -- "$cur") ;;
  esac
}

_inxt() {
  local cur=${COMP_WORDS[COMP_CWORD]} before=$((COMP_CWORD - 1)) key=${COMP_WORDS[0]##*/} i=1 entry attached=
  COMPREPLY=()
  if [[ $key == inxt ]]; then
    if ((COMP_CWORD == 1)); then
      mapfile -t COMPREPLY < <(compgen -W "${_inxt_commands[inxt]} --help --version" -- "$cur")
      return
    fi
    key=inxt-${COMP_WORDS[1]}
    i=2
  fi
  local commands=${_inxt_commands[$key]-}
  for (( ; i < COMP_CWORD; i++)); do
    if [[ -n $commands && " $commands " == *" ${COMP_WORDS[i]} "* ]]; then
      key+=" ${COMP_WORDS[i]}"
      commands=
    elif [[ ${COMP_WORDS[i]} == -- ]]; then # only files from here on
      _inxt_values FILE
      return
    fi
  done
  # readline parts --name=value into three words
  if [[ $cur == "=" ]]; then
    cur=
    attached=yes
  elif [[ ${COMP_WORDS[before]} == "=" ]]; then
    before=$((before - 1))
    attached=yes
  fi
  for entry in ${_inxt_options[$key]-}; do
    case $entry in
      "${COMP_WORDS[before]}="*)
        _inxt_values "${entry#*=}"
        return
        ;;
      "${COMP_WORDS[before]}~"*) [[ -n $attached ]] && return ;;
    esac
  done
  [[ -z $attached ]] || return 0
  if [[ $cur == -* ]]; then
    local names=
    for entry in ${_inxt_options[$key]-}; do
      [[ $entry != -* ]] || names+=" ${entry%%[=~]*}"
    done
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$cur")
  elif [[ -n $commands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
  else
    for entry in ${_inxt_options[$key]-}; do
      [[ $entry != .=* ]] || _inxt_values "${entry#.=}"
    done
  fi
}

complete -F _inxt inxt inxt-audit inxt-bridge inxt-care inxt-encrypt inxt-get inxt-host inxt-hosts inxt-key inxt-ls inxt-mkdir inxt-mv inxt-object inxt-permit inxt-put inxt-recover inxt-rekey inxt-renew inxt-repair inxt-restore inxt-rm inxt-shard inxt-share
