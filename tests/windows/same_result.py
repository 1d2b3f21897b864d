#!/usr/bin/env python3
"""The reference as a DLL under Wine and as an ELF library: the results differ only where docs/windows.md says so.

    same_result.py BUILD-FOLDER

Every value of the complete results (JSON) is compared, of scenarios with many forms of names, several connections and
no sessions, under code page 1252 and under UTF-8. A DLL that is wrong in one thing has to be told apart.
"""
import json
import os
import re
import shutil
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
PLATFORM = re.compile(r"^(host\.(build_id|version|platform|code_page|exports.*)|implementation|implementation_digest"
                      r"|is_reference|plan\.digest)$")
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
    """The complete result of a run, flat; None where it could not be made."""
    path = os.path.join(folder, name + ".json")
    scenarios = [word for scenario in SCENARIOS for word in ("-s", scenario)]
    kit = subprocess.run([os.path.join(build, "bin/iscsidsc-tck"), "run", "-i", library, *scenarios, "-c", "STATUS",
                          "-c", "SIZE", "-c", "COUNT", "-c", "BOUNDS", "-c", "LAYOUT", "-c", "CONTENT", "-c",
                          "CHARSET", "-c", "EX", "--effort", "quick", "--quiet", "--json", path, *options],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if kit.returncode > 1:
        print(kit.stdout)
        return None
    with open(path, encoding="utf-8") as file:
        return dict(flatten(json.load(file)))


def differences(one, other, allowed):
    return [f"{path}: {one.get(path)!r}, under Wine {other.get(path)!r}" for path in sorted(one.keys() | other.keys())
            if one.get(path) != other.get(path) and not any(pattern.search(path) for pattern in allowed)]


def main():
    build = sys.argv[1]
    dll = os.path.join(build, "windows/x86_64/lib/iscsidsc-reference.dll")
    faulty = os.path.join(build, "windows/x86_64/lib/faulty-success_is_true.dll")
    if not shutil.which("wine") and not os.path.exists("/usr/lib/wine/wine64"):
        print("there is no Wine")
        return SKIPPED
    if not os.path.exists(dll):
        print("nothing was built for Windows")
        return SKIPPED
    problems = []
    with tempfile.TemporaryDirectory(prefix="tck-same-") as folder:
        native = run(build, folder, os.path.join(build, "lib/libiscsidsc-reference.so"), "native")
        ansi = run(build, folder, dll, "1252", "--code-page", "1252")
        utf8 = run(build, folder, dll, "utf-8", "--code-page", "utf-8")
        if native is None or ansi is None or utf8 is None:
            return 1
        problems += differences(native, utf8, [MEASURED, PLATFORM])
        problems += differences(native, ansi, [MEASURED, PLATFORM, CODE_PAGE])
        if not differences(native, ansi, [MEASURED, PLATFORM]):
            problems.append("names that are not in the code page change nothing")
        if os.path.exists(faulty):
            wrong = run(build, folder, faulty, "faulty")
            if wrong is not None and not differences(native, wrong, [MEASURED, PLATFORM, CODE_PAGE]):
                problems.append("a faulty DLL is not told apart")
    for problem in problems[:50]:
        print(problem)
    print(f"{len(native)} values compared, {len(problems)} differences that docs/windows.md does not list")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
