#!/bin/sh
# runner.sh FOLDER PROGRAM [ARGUMENT...]: runs main of one execution in the scratch folder and writes how it ended.
# Only built-in commands, so that a small job pays for one shell and nothing else. Arguments are passed on untouched.
folder=$1
shift

# Made only if it does not exist: whoever makes this file is the one who may run main, or forbid it.
set -C
read -r self < /proc/$$/stat
echo "$self" 2>/dev/null > "$folder/started" || exit 75
set +C

exec < /dev/null > "$folder/stdout.log" 2> "$folder/stderr.log"
cd "$folder/scratch" || exit 74
"$@"
echo "{\"exit_code\":$?}" > "$folder/exit.json"
