# SPDX-License-Identifier: AGPL-3.0-or-later
# fish completion of inxt.  Made by scripts/make-completions from the tools' option tables; not edited by hand.

function __inxt_hand_on
    set -l words (commandline -opc)
    set -e words[1]
    complete -C "inxt-$words "(commandline -ct)
end
complete -c inxt -f
complete -c inxt -n __fish_is_first_arg -a audit -d 'make Hosts prove that they still hold a file'
complete -c inxt -n __fish_is_first_arg -a encrypt -d 'encrypt a file and describe it in a manifest; or decrypt it'
complete -c inxt -n __fish_is_first_arg -a get -d 'bring a file back from its Hosts'
complete -c inxt -n __fish_is_first_arg -a host -d 'store pieces for others'
complete -c inxt -n __fish_is_first_arg -a key -d 'make, restore and show keys'
complete -c inxt -n __fish_is_first_arg -a put -d 'store files on many Hosts'
complete -c inxt -n __fish_is_first_arg -a rm -d 'delete a file\'s pieces from its Hosts'
complete -c inxt -n __fish_is_first_arg -a shard -d 'cut ciphertext into pieces, any K of K+M of which are enough; or join it again'
complete -c inxt -n 'not __fish_is_first_arg' -a '(__inxt_hand_on)'
