#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference as a DLL under Wine and as an ELF library: the results differ only where docs/windows.md says so.

    same_result.py BUILD-FOLDER

Every value of the complete results (JSON) is compared, of scenarios with many forms of names, several connections and
no sessions, under code page 1252 and under UTF-8: the DLL of 64 bits with the library of 64 bits, that of 32 bits with
that of 32 bits. What can't be run here is left out, and named. A DLL that is wrong in one thing has to be told apart.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
SCENARIOS = ["mixed", "connections-4", "empty"]

# What is measured, and differs from run to run on one platform as well. A list begins with a session's identifier, which
# is drawn anew in each run: one time in 256 its first byte is the one that was there, and "inside" begins later.
MEASURED = re.compile(r"(_ns|\.duration_ns|\.calls|\.calls_per_second|\.base|\.peak_memory\..*|\.ns|\.began|\.index"
                      r"|kept\[\d+\]\.bytes|\.outcome\.inside\[0\])$")
# What the library and the platform are. docs/windows.md lists them.
PLATFORM = re.compile(r"^(host\.(build_id|long_align|version|platform|code_page|exports.*)|implementation"
                      r"|implementation_digest|is_reference|command|isolation\..*|plan\.digest)$")
# What strings of A that are not in the code page change: their sizes, and what the clause about them says.
CODE_PAGE = re.compile(r"^scenarios\[\d+\]\.(lists\.A\.|observed\.A\.|sweeps\.A\[|checks\[\d+\]\.got$)")


def flatten(value, path=""):
    if isinstance(value, dict):
        for name, member in value.items():
            yield from flatten(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from flatten(entry, f"{path}[{index}]")
    else:
        yield path, value


def run(build, folder, library, name, *options):
    """The complete result of a run, flat; empty where it could not be made."""
    path = os.path.join(folder, name + ".json")
    scenarios = [word for scenario in SCENARIOS for word in ("-s", scenario)]
    kit = subprocess.run([os.path.join(build, "bin/iscsidsc-tck"), "run", "-i", library, *scenarios, "-c", "STATUS",
                          "-c", "SIZE", "-c", "COUNT", "-c", "BOUNDS", "-c", "LAYOUT", "-c", "CONTENT", "-c",
                          "CHARSET", "-c", "EX", "--effort", "quick", "--quiet", "--json", path, *options],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if kit.returncode > 1:
        print(kit.stdout)
        return {}
    with open(path, encoding="utf-8") as file:
        return dict(flatten(json.load(file)))


def differences(one, other, allowed):
    return [f"{path}: {one.get(path)!r}, under Wine {other.get(path)!r}" for path in sorted(one.keys() | other.keys())
            if one.get(path) != other.get(path) and not any(pattern.search(path) for pattern in allowed)]


def compare(build, library, dlls):
    """The problems of the DLLs in a folder, and how many values were compared."""
    problems = []
    faulty = dlls + "/faulty-success_is_true.dll"
    with tempfile.TemporaryDirectory(prefix="tck-same-") as folder:
        native = run(build, folder, library, "native")
        ansi = run(build, folder, dlls + "/iscsidsc-reference.dll", "1252", "--code-page", "1252")
        utf8 = run(build, folder, dlls + "/iscsidsc-reference.dll", "utf-8", "--code-page", "utf-8")
        if not (native and ansi and utf8):
            return ["a run could not be made"], 0
        problems += differences(native, utf8, [MEASURED, PLATFORM])
        problems += differences(native, ansi, [MEASURED, PLATFORM, CODE_PAGE])
        if not differences(native, ansi, [MEASURED, PLATFORM]):
            problems.append("names that are not in the code page change nothing")
        if os.path.exists(faulty):
            wrong = run(build, folder, faulty, "faulty")
            if wrong and not differences(native, wrong, [MEASURED, PLATFORM, CODE_PAGE]):
                problems.append("a faulty DLL is not told apart")
    return problems, len(native)


def why_not(build, library):
    """Why the kit can't run a library here; "": it can."""
    if not os.path.exists(library):
        return "it was not built"
    kit = subprocess.run([os.path.join(build, "bin/iscsidsc-tck"), "run", "-i", library, "-s", "single", "-c",
                          "EXPORT-1", "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         check=False)
    return kit.stdout.strip() if kit.returncode != 0 else ""


def main():
    build = sys.argv[1]
    pairs = [("lib/libiscsidsc-reference.so", "windows/x86_64/lib"),
             ("i386/lib/libiscsidsc-reference.so", "windows/i686/lib")]
    compared, failed = 0, False
    for library, dlls in pairs:
        library, dlls = os.path.join(build, library), os.path.join(build, dlls)
        reasons = [f"{path}: not tried: {reason}" for path in (library, dlls + "/iscsidsc-reference.dll")
                   for reason in [why_not(build, path)] if reason]
        if reasons:
            print("\n".join(reasons))
            continue
        problems, count = compare(build, library, dlls)
        for problem in problems[:50]:
            print(problem)
        print(f"{dlls}: {count} values compared, {len(problems)} differences that docs/windows.md does not list")
        compared += count
        failed = failed or bool(problems)
    if failed:
        return 1
    return 0 if compared else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
