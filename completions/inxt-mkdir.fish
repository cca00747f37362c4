# SPDX-License-Identifier: AGPL-3.0-or-later
# fish completion of inxt-mkdir.  Made by scripts/make-completions from the tools' option tables; not edited by hand.

complete -c inxt-mkdir -s p -l parents -d 'make what is missing above it; no error where it is there'
complete -c inxt-mkdir -l bridge -r -F -d 'the Bridge that keeps the names under inxt:/'
complete -c inxt-mkdir -l allow-same -x -d 'let pieces of one segment lie at Hosts of the same operator, network or domain; new: at more new Hosts'
complete -c inxt-mkdir -l keep-versions -x -d 'from now on keep what is overwritten or removed for so long (at first 30d)'
complete -c inxt-mkdir -l key-file -r -F -d 'take the key from FILE'
complete -c inxt-mkdir -l key-fd -x -d 'take the key from file descriptor N'
complete -c inxt-mkdir -l key-command -x -d 'take the key from what the shell command CMD prints'
complete -c inxt-mkdir -l passphrase-fd -x -d 'read the passphrase from file descriptor N'
complete -c inxt-mkdir -s h -l help -d 'show this help'
complete -c inxt-mkdir -l version -d 'show the version'
complete -c inxt-mkdir -s q -l quiet -d 'say nothing but errors'
complete -c inxt-mkdir -s v -l verbose -d 'say more; twice: still more'
complete -c inxt-mkdir -l json -d 'results and errors as JSON'
complete -c inxt-mkdir -l no-input -d 'never ask; fail instead'
complete -c inxt-mkdir -l progress -x -a 'auto never plain json' -d 'how progress is shown'
