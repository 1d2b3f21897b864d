#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What isolation costs: the standard set with --isolation none and full in turn, so that both meet the same machine.
# Usage: bench/isolation.sh [ROUNDS [PROGRAM]]; 5 rounds and build/default/bin/iscsidsc-tck if none are given.
set -eu
rounds=${1:-5}
program=${2:-$(dirname "$0")/../build/default/bin/iscsidsc-tck}

# Milliseconds of one run.
measure() {
    begin=$(date +%s%N)
    "$program" run --quiet --strict --isolation "$1" >/dev/null
    echo $((($(date +%s%N) - begin) / 1000000))
}

none=0
full=0
round=1
while [ "$round" -le "$rounds" ]; do
    without=$(measure none)
    with=$(measure full)
    echo "round $round: none $without ms, full $with ms"
    none=$((none + without))
    full=$((full + with))
    round=$((round + 1))
done
echo "mean: none $((none / rounds)) ms, full $((full / rounds)) ms: $(((full * 1000 / none + 5) / 10)) % of the time"
