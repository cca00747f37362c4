# SPDX-License-Identifier: AGPL-3.0-or-later
# fish completion of inxt-rm.  Made by scripts/make-completions from the tools' option tables; not edited by hand.

complete -c inxt-rm -l hosts -r -F -d 'newer addresses of Hosts than the manifest has'
complete -c inxt-rm -s j -l jobs -x -d 'pieces under way at once'
complete -c inxt-rm -s n -l dry-run -d 'look for the contracts and open their tags; delete nothing'
complete -c inxt-rm -l key-file -r -F -d 'take the key from FILE'
complete -c inxt-rm -l key-fd -x -d 'take the key from file descriptor N'
complete -c inxt-rm -l key-command -x -d 'take the key from what the shell command CMD prints'
complete -c inxt-rm -l passphrase-fd -x -d 'read the passphrase from file descriptor N'
complete -c inxt-rm -s h -l help -d 'show this help'
complete -c inxt-rm -l version -d 'show the version'
complete -c inxt-rm -s q -l quiet -d 'say nothing but errors'
complete -c inxt-rm -s v -l verbose -d 'say more; twice: still more'
complete -c inxt-rm -l json -d 'results and errors as JSON'
complete -c inxt-rm -l no-input -d 'never ask; fail instead'
complete -c inxt-rm -l progress -x -a 'auto never plain json' -d 'how progress is shown'
