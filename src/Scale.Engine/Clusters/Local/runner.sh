#!/bin/sh
# runner.sh FOLDER STATUS PROGRAM [ARGUMENT...]: runs main of one execution in the scratch folder and writes how it ended.
# STATUS is the file of the folder that the program gets as descriptor 3, or empty for none.
# Only built-in commands, so that a small job pays for one shell and nothing else. Arguments are passed on untouched.
folder=$1
status=$2
shift 2

# Main is asked to end by a signal to the whole group: who waits for it and writes its exit code has to outlive that.
trap : TERM

# Made only if it does not exist: whoever makes this file is the one who may run main, or forbid it.
set -C
echo $$ 2>/dev/null > "$folder/started" || exit 75
set +C

# When the machine's memory is used up it is a job that ends, not the server.
echo 500 2>/dev/null > /proc/self/oom_score_adj

# These files may be there already, and are empty then. To cut off one that is there (>) makes some file systems write it to the disk at once.
exec < /dev/null 1<> "$folder/stdout.log" 2<> "$folder/stderr.log"
cd "$folder/scratch" || exit 74
if [ "$status" ]; then
    "$@" 3<> "$folder/$status"
else
    "$@"
fi
echo "{\"exit_code\":$?}" 1<> "$folder/exit.json"
