# SPDX-License-Identifier: AGPL-3.0-or-later
# fish completion of inxt-mv.  Made by scripts/make-completions from the tools' option tables; not edited by hand.

complete -c inxt-mv -l no-clobber -d 'leave alone what has a name that is taken'
complete -c inxt-mv -l bridge -r -F -d 'the Bridge that keeps the names under inxt:/'
complete -c inxt-mv -l allow-same -x -d 'let pieces of one segment lie at Hosts of the same operator, network or domain; new: at more new Hosts'
complete -c inxt-mv -l keep-versions -x -d 'from now on keep what is overwritten or removed for so long (at first 30d)'
complete -c inxt-mv -l key-file -r -F -d 'take the key from FILE'
complete -c inxt-mv -l key-fd -x -d 'take the key from file descriptor N'
complete -c inxt-mv -l key-command -x -d 'take the key from what the shell command CMD prints'
complete -c inxt-mv -l passphrase-fd -x -d 'read the passphrase from file descriptor N'
complete -c inxt-mv -s h -l help -d 'show this help'
complete -c inxt-mv -l version -d 'show the version'
complete -c inxt-mv -s q -l quiet -d 'say nothing but errors'
complete -c inxt-mv -s v -l verbose -d 'say more; twice: still more'
complete -c inxt-mv -l json -d 'results and errors as JSON'
complete -c inxt-mv -l no-input -d 'never ask; fail instead'
complete -c inxt-mv -l progress -x -a 'auto never plain json' -d 'how progress is shown'
