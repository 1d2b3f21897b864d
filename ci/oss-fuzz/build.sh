#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzz targets as OSS-Fuzz asks for it: with $CC, $CXX, $CFLAGS, $CXXFLAGS and $LIB_FUZZING_ENGINE, into
# $OUT, with corpora and dictionaries beside them. $SRC/iscsidsc-tck is the checkout, $WORK a folder for what is built
# on the way. ci/oss-fuzz/try runs it here, without OSS-Fuzz.
#
# fuzz_NAME are the readers of the kit (tests/fuzz). fuzz_library is the reference with the kit's sessions, calls and
# judges (docs/fuzzing.md): there the library is instrumented, and the kit is not.
set -eu
source=$SRC/iscsidsc-tck
targets='case frames login_list result scenario session_table target_report transcript waivers'
reference='exports ansi_unix kept_table_unix list_writer session_table_reader table_file_unix text'
# The libraries that the targets need stand in $OUT/lib, as the machine that runs them has none of them. With RPATH, as
# RUNPATH does not hold for what these libraries need themselves.
# shellcheck disable=SC2016 # the loader reads $ORIGIN
origin='$ORIGIN/lib'
tags=-Wl,--disable-new-dtags
mkdir -p "$OUT/lib" "$WORK"

configure() {
    cmake -S "$source" -B "$@" -G Ninja -DTCK_WINDOWS=OFF -DTCK_I386=OFF -DTCK_WERROR=OFF
}

# The readers, all of the kit instrumented.
configure "$WORK/readers" -DCMAKE_BUILD_TYPE= -DTCK_FUZZ=ON "-DTCK_FUZZ_ENGINE=$LIB_FUZZING_ENGINE" \
    -DCMAKE_EXE_LINKER_FLAGS=$tags "-DCMAKE_BUILD_RPATH=$origin"
# shellcheck disable=SC2046,SC2086 # a list of words
ninja -C "$WORK/readers" $(printf 'fuzz_%s ' $targets)
for target in $targets; do
    cp "$WORK/readers/tests/fuzz/fuzz_$target" "$OUT/"
    zip -qj "$OUT/fuzz_${target}_seed_corpus.zip" "$source/tests/fuzz/corpus/$target"/*
    "$source/ci/fuzz-dictionary" "$target" >"$OUT/fuzz_$target.dict"
    [ -s "$OUT/fuzz_$target.dict" ] || rm "$OUT/fuzz_$target.dict"
done

# The kit as it is installed, then the reference with it.
CFLAGS='' CXXFLAGS='' configure "$WORK/kit" -DCMAKE_BUILD_TYPE=Release
ninja -C "$WORK/kit" iscsidsc_tck_fuzz iscsidsc-tck
cp "$WORK/kit/lib/libiscsidsc-tck-fuzz.so" "$OUT/lib/"
for file in $reference; do
    # shellcheck disable=SC2086 # a list of words
    $CC $CFLAGS -std=c17 -D_GNU_SOURCE -I"$source" -I"$source/include" -c "$source/conformance/reference/$file.c" \
        -o "$WORK/$file.o"
done
# shellcheck disable=SC2046,SC2086 # lists of words
$CXX $CXXFLAGS $(printf "$WORK/%s.o " $reference) $LIB_FUZZING_ENGINE -rdynamic $tags "-Wl,-rpath,$origin" \
    -L"$OUT/lib" -liscsidsc-tck-fuzz -o "$OUT/fuzz_library"
printf '[libfuzzer]\nmax_len = 1048576\nlen_control = 0\n' >"$OUT/fuzz_library.options"
TCK_BUILD=$WORK/kit "$source/ci/fuzz-corpus" --cases "$WORK/corpus"
zip -qj "$OUT/fuzz_library_seed_corpus.zip" "$WORK/corpus"/*

# What the targets are linked with, but for the C library and the compiler's own.
ldd "$OUT"/fuzz_* "$OUT"/lib/*.so 2>/dev/null | sed -n 's/.* => \(\/.*\) (0x.*/\1/p' | sort -u |
    grep -vE '/(libc|libm|libpthread|libdl|librt|ld-linux.*|libgcc_s|libstdc\+\+|libiscsidsc-tck-fuzz)\.so' |
    while read -r library; do cp -L "$library" "$OUT/lib/"; done
