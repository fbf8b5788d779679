# Runs a server that must not outlive the process that asked for it: standard input is a pipe from that
# process, and its end (for whatever reason that process has ended, SIGKILL included) ends the server at once
# and removes its folder. A line on the pipe lets the server live on.
#
# Usage: watch.sh FOLDER SERVER ARGUMENTS...
folder=$1
shift
exec 3<&0 </dev/null >>"$folder/server.log" 2>&1
"$@" 3<&- &
server=$!
(
    read -r word <&3 && exit 1
    kill -QUIT "$server"
) &
reader=$!
exec 3<&-
wait "$server"
status=$?
# A reader that is still there means that the server has ended by itself: its log is wanted.
kill "$reader"
wait "$reader" && cd / && rm -rf -- "$folder"
exit "$status"
