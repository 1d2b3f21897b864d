#!/bin/bash
# Builds lib/NAME.so for every line of recipes (made by tables.py), good0 to good4 (nothing wrong, one
# for each layout), and s_cpp. Everything is compiled once; each is that object and three numbers.
cd "$(dirname "$0")" || exit 1
rm -rf lib && mkdir -p lib obj || exit 1
python3 tables.py || exit 1
nice gcc -O2 -fPIC -fvisibility=hidden -w -I. -I../.. -I../../include -c impl.c -o obj/impl.o || exit 1
one() {
    printf '.section .rodata\n.globl what_1,what_2,what_layout\n.hidden what_1,what_2,what_layout\n.balign 4\nwhat_1: .long %d\nwhat_2: .long %d\nwhat_layout: .long %d\n.section .note.GNU-stack,"",@progbits\n' "$2" "$3" "$4" > obj/$1.s
    extra=
    case $1 in s_tls_cache|leak_thread_tls) extra=-Wl,-z,nodelete;; esac
    nice gcc -shared -fPIC obj/$1.s obj/impl.o -o lib/$1.so -lm -lpthread $extra || echo "FAILED $1"
}
export -f one
{ cat recipes; for l in 0 1 2 3 4; do echo "good$l 0 0 $l"; done; } | xargs -P 2 -L 1 bash -c 'one "$@"' _
nice g++ -O2 -shared -fPIC -fvisibility=hidden -w s_cpp.cpp -o lib/s_cpp.so || echo FAILED s_cpp
ls lib/*.so | wc -l
