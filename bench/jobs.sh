#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How much faster a run is with several scenarios side by side: the standard set with -j 1, 2, ... up to the
# number of processors, the best of three runs of each.
# Usage: bench/jobs.sh [PROGRAM], build/default/bin/iscsidsc-tck if none is given.
set -eu
program=${1:-$(dirname "$0")/../build/default/bin/iscsidsc-tck}
processors=$(nproc)

# The best time of three runs, in milliseconds.
best() {
    least=
    for _ in 1 2 3; do
        begin=$(date +%s%N)
        "$program" run --quiet -j "$1" >/dev/null
        took=$((($(date +%s%N) - begin) / 1000000))
        if [ -z "$least" ] || [ "$took" -lt "$least" ]; then
            least=$took
        fi
    done
    echo "$least"
}

one=$(best 1)
echo "-j 1: $one ms"
jobs=2
while [ "$jobs" -le "$processors" ]; do
    several=$(best "$jobs")
    echo "-j $jobs: $several ms, $((one * 100 / several)) % of the speed"
    jobs=$((jobs * 2))
done
