#!/bin/bash
# run.sh NAMES_FILE OUT KIT SCEN...: one line for each implementation, exit status and verdict
names=$1; out=$2; kit=$3; shift 3
: > $out
while read n; do
  r=$(timeout 300 $kit run -i "$(dirname "$0")"/lib/$n.so "$@" --strict --timeout 2 2>&1); st=$?
  echo -e "$n\t$st\t$(echo "$r" | grep -E '^(BROKEN|Held|NOT|UNTRUSTED|The run|HELD)' | head -1 | cut -c1-200)" >> $out
done < $names
