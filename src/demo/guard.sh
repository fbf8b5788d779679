# Stops the demonstration's server when the demonstration ends before it could do so itself (Ctrl-C, SIGKILL):
# standard input is a pipe from it, and its end without a word is the sign.
#
# Usage: guard.sh TEELO FOLDER
read -r word && exit 0
"$1" devdb stop --dir "$2"
# A server that was just being started has not yet said who it is; now it has.
sleep 1
"$1" devdb stop --dir "$2"
