# Stops the demonstration's server when the demonstration ends before it could do so itself (Ctrl-C, SIGKILL):
# standard input is a pipe from it, and its end without a word is the sign.
#
# A line says which process of its works now, an empty one that none does, `done` that nothing is left to do.
#
# Usage: guard.sh TEELO FOLDER
worker=
while read -r word; do
    [ "$word" != done ] || exit 0
    worker=$word
done
# A run would wait a minute for its server to come back, and then write into the folder.
[ -z "$worker" ] || kill "$worker"
"$1" devdb stop --dir "$2"
# A server that was just being started has not yet said who it is; now it has.
sleep 1
"$1" devdb stop --dir "$2"
