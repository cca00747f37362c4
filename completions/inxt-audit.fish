# SPDX-License-Identifier: AGPL-3.0-or-later
# fish completion of inxt-audit.  Made by scripts/make-completions from the tools' option tables; not edited by hand.

complete -c inxt-audit -l samples -x -d 'blocks to ask of each Host (460: finds 1 % damage with 99 % probability)'
complete -c inxt-audit -l confidence -x -d 'of the bound that is reported (0.99)'
complete -c inxt-audit -l beacon -x -d 'public randomness younger than the manifest; without it the auditor\'s own, which proves nothing to others'
complete -c inxt-audit -l proofs -r -F -d 'save challenge, answers and set here, for --verify'
complete -c inxt-audit -l verify -r -F -d 'check what --proofs saved (- for standard input): no network, no key'
complete -c inxt-audit -l extract -x -a '(test -r "$INXT_HOSTS"; and string match -rg \'"host":"([0-9a-f]{64})"\' <"$INXT_HOSTS")' -d 'print what an auditor of this Host needs: piece ids, sizes, addresses; nothing else of the manifest'
complete -c inxt-audit -l hosts -r -F -d 'newer addresses of Hosts than the manifest has'
complete -c inxt-audit -s j -l jobs -x -d 'Hosts asked at once'
complete -c inxt-audit -s h -l help -d 'show this help'
complete -c inxt-audit -l version -d 'show the version'
complete -c inxt-audit -s q -l quiet -d 'say nothing but errors'
complete -c inxt-audit -s v -l verbose -d 'say more; twice: still more'
complete -c inxt-audit -l json -d 'results and errors as JSON'
complete -c inxt-audit -l no-input -d 'never ask; fail instead'
complete -c inxt-audit -l progress -x -a 'auto never plain json' -d 'how progress is shown'
