# SPDX-License-Identifier: AGPL-3.0-or-later
# fish completion of inxt.  Made by scripts/make-completions from the tools' option tables; not edited by hand.

function __inxt_hand_on
    set -l words (commandline -opc)
    set -e words[1]
    complete -C "inxt-$words "(commandline -ct)
end
complete -c inxt -f
complete -c inxt -n __fish_is_first_arg -a audit -d 'make Hosts prove that they still hold a file'
complete -c inxt -n __fish_is_first_arg -a bridge -d 'bring Hosts and owners together'
complete -c inxt -n __fish_is_first_arg -a care -d 'let a Bridge repair files while nobody looks'
complete -c inxt -n __fish_is_first_arg -a encrypt -d 'encrypt a file and describe it in a manifest; or decrypt it'
complete -c inxt -n __fish_is_first_arg -a get -d 'bring a file back from its Hosts'
complete -c inxt -n __fish_is_first_arg -a host -d 'store pieces for others'
complete -c inxt -n __fish_is_first_arg -a hosts -d 'list the Hosts that a Bridge knows'
complete -c inxt -n __fish_is_first_arg -a key -d 'make, restore and show keys'
complete -c inxt -n __fish_is_first_arg -a ls -d 'list your tree of names, or a share'
complete -c inxt -n __fish_is_first_arg -a mkdir -d 'make folders in your tree of names'
complete -c inxt -n __fish_is_first_arg -a mv -d 'give files and folders of your tree other names'
complete -c inxt -n __fish_is_first_arg -a object -d 'keep objects at Hosts: write them at an offset, describe them, list them'
complete -c inxt -n __fish_is_first_arg -a permit -d 'see, hand on and take back what may be done at a Bridge'
complete -c inxt -n __fish_is_first_arg -a put -d 'store files on many Hosts'
complete -c inxt -n __fish_is_first_arg -a recover -d 'bring everything back with the words and a list of Hosts'
complete -c inxt -n __fish_is_first_arg -a rekey -d 'give a file a new secret, and replace its pieces'
complete -c inxt -n __fish_is_first_arg -a renew -d 'keep a file at its Hosts for longer'
complete -c inxt -n __fish_is_first_arg -a repair -d 'store the lost pieces of a file anew'
complete -c inxt -n __fish_is_first_arg -a restore -d 'have back what was overwritten or removed'
complete -c inxt -n __fish_is_first_arg -a rm -d 'delete a file\'s pieces from its Hosts'
complete -c inxt -n __fish_is_first_arg -a shard -d 'cut ciphertext into pieces, any K of K+M of which are enough; or join it again'
complete -c inxt -n __fish_is_first_arg -a share -d 'let others read a file or a folder, until a time'
complete -c inxt -n 'not __fish_is_first_arg' -a '(__inxt_hand_on)'
