# SPDX-License-Identifier: AGPL-3.0-or-later
# bash completion of the inxt tools.  Made by scripts/make-completions from the tools' option tables; not edited by hand.

# Of each tool and subcommand: -o=KIND takes a value, -z~ one that is attached, .=KIND is a positional.
declare -gA _inxt_options=(
  ["inxt-audit"]=".=FILE --samples=- --confidence=- --beacon=- --proofs=FILE --verify=FILE --extract=HOSTID --hosts=FILE -j=- --jobs=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-encrypt"]=".=FILE --decrypt --ciphertext=FILE -o=FILE --output=FILE -r=- --recipient=- -z~ --compress~ --pad --dir=DIR --signer=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-get"]=".=FILE -o=FILE --output=FILE --range=- --hosts=FILE --dir=DIR --signer=- -j=- --jobs=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host"]="--store=DIR --capacity=- --accept=FILE --listen=- --announce=- --price=- --term-max=- --workers=- --memory=- --config=FILE -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host check"]=".=DIR --deep -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host descriptor"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host status"]=".=DIR -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-host doctor"]=".=DIR --listen=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key"]="-h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key new"]="-o=FILE --output=FILE --no-passphrase --passphrase-fd=- --words=24|12 --words-out=FILE --recovery-card=FILE -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key restore"]="-o=FILE --output=FILE --no-passphrase --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key show"]="--recipient --id --for-host=HOSTID --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key uploader"]=".=- -o=FILE --output=FILE --until=- --seal --new-passphrase-fd=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-key file-key"]=".=FILE -y --yes --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-put"]=".=FILE -o=FILE --output=FILE --hosts=FILE -j=- --jobs=- --receipts=FILE --dir=DIR --term=- --price=- --data -n --dry-run -e=- --erasure=- -m=- --mirrors=- -s=- --shard-size=- -r=- --recipient=- -z~ --compress~ --pad --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-rm"]=".=FILE --hosts=FILE -j=- --jobs=- -n --dry-run --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
  ["inxt-shard"]=".=FILE --join --dir=DIR --from=DIR -o=FILE --output=FILE -e=- --erasure=- -m=- --mirrors=- -s=- --shard-size=- --signer=- --key-file=FILE --key-fd=- --key-command=- --passphrase-fd=- -h --help --version -q --quiet -v --verbose --json --no-input --progress=auto|never|plain|json"
)
declare -gA _inxt_commands=(
  [inxt]="audit encrypt get host key put rm shard"
  ["inxt-host"]="check descriptor status doctor"
  ["inxt-key"]="new restore show uploader file-key"
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

complete -F _inxt inxt inxt-audit inxt-encrypt inxt-get inxt-host inxt-key inxt-put inxt-rm inxt-shard
