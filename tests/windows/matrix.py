#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs implementations as DLLs under Wine and as libraries for Linux, and compares the verdicts clause for clause.

    matrix.py [--jobs N] [--platform NAME]... [--log FILE] [--brief] BUILD TEST_FAULTY [IMPLEMENTATION...]

The implementations are the faulty ones, as TEST_FAULTY --plan says, and the shapes; without names all of them. With
--brief the shapes are not judged by the groups that take minutes of each. The platforms are windows/x86_64, which is
compared with 64-bit Linux, and windows/i686, with 32-bit Linux: structures have other sizes there, so a damaged list is
read otherwise. One that can't be run here is left out, and named. BUILD is a build folder, in which the targets
windows_implementations and i386_implementations were built.

What is a race comes out differently from run to run: where verdicts differ, both are run again, and only what was
never seen on the other platform counts. DIFFERENCES below has those that are known, each with its reason.

Exit status: 0 all alike, 1 something differs, 77 no platform can be run.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
REPETITIONS = 3
LONG_GROUPS = ["STABLE", "THREADS", "FAULT", "CHANGE"]
PLATFORMS = {"windows/x86_64": "native", "windows/i686": "i386"}

# (implementation, platform, check: regular expressions) and why. docs/windows.md lists them.
DIFFERENCES = [
    ("(untouched_)?mapping_left", "windows/.*", "THREADS-1'|status",
     "Wine makes a mapping of the kernel's of each that is left, and a process has 65,530 at most: the host ends"),
    ("offer_is_signed|offer_has_31_bits|large_is_invalid_address", "windows/i686", "SIZE-10?'|EMPTY-1'|status",
     "Wine leaves no room for a buffer of 0x80000000 bytes on 32 bits"),
    ("size_calculated_once|size_of_last_query|required_of_another_moment|list_cut_to_first_count|query_from_cache",
     "windows/.*", "CHANGE-3'",
     "a call takes longer, so fewer are made while sessions come and go, and they meet a moment more rarely"),
    ("list_kept_for_eight_calls", "windows/.*", "CHANGE-4'",
     "it depends on how many calls were made before; its own clause, CHANGE-3, fails on both"),
]


def library(build, platform, kind, name):
    if platform == "native":
        return f"{build}/lib/lib{kind}-{name}.so"
    if platform == "i386":
        return f"{build}/i386/lib/lib{kind}-{name}.so"
    return f"{build}/{platform}/lib/{kind}-{name}.dll"


def run(build, platform, implementation):
    """The verdicts, {(scenario, clause, charset): verdict}, with the exit status under "status"."""
    kind, name, options = implementation
    with tempfile.TemporaryDirectory(prefix="tck-matrix-") as folder:
        path = folder + "/result.json"
        if platform.startswith("windows"):
            options = options + ["--code-page", "utf-8"]
        kit = subprocess.run([build + "/bin/iscsidsc-tck", "run", "-i", library(build, platform, kind, name),
                              "--effort", "quick", "--timeout", "3", "--quiet", "--json", path, *options],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                             check=False)
        verdicts = {"status": str(kit.returncode)}
        if kit.returncode > 1:
            reason = [line.strip() for line in kit.stdout.splitlines() if "because" in line]
            verdicts["status"] += " " + " ".join(reason)[:200]
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for scenario in json.load(file)["scenarios"]:
                    for check in scenario["checks"]:
                        key = (scenario["name"], check["clause"], check["charset"])
                        verdicts[key] = check["verdict"]
    return verdicts


class Seen:
    """The verdicts that were seen of each check, over all runs on a platform."""

    def __init__(self):
        self.verdicts = collections.defaultdict(set)
        self.runs = 0

    def add(self, verdicts):
        self.runs += 1
        for key, verdict in verdicts.items():
            self.verdicts[key].add(verdict)


def compare(native, other):
    """The checks of which no verdict was seen on both."""
    keys = native.verdicts.keys() | other.verdicts.keys()
    return sorted((str(key), sorted(native.verdicts.get(key, {"none"})), sorted(other.verdicts.get(key, {"none"})))
                  for key in keys if not native.verdicts.get(key, {"none"}) & other.verdicts.get(key, {"none"}))


def reason_of(platform, implementation, check):
    """Why that check may differ; None: it may not."""
    for name_pattern, platform_pattern, check_pattern, reason in DIFFERENCES:
        if (re.fullmatch(name_pattern, implementation[1]) and re.fullmatch(platform_pattern, platform)
                and re.search(check_pattern, check)):
            return reason
    return None


def try_implementation(build, platforms, implementation):
    """{platform: (differences, was it run again, number of checks)}; None where it does not exist there."""
    result = {}
    for platform in platforms:
        if not os.path.exists(library(build, platform, *implementation[:2])):
            result[platform] = None
            continue
        twin, dll = Seen(), Seen()
        differences = []
        for number in range(REPETITIONS):
            twin.add(run(build, PLATFORMS[platform], implementation))
            dll.add(run(build, platform, implementation))
            differences = compare(twin, dll)
            if all(reason_of(platform, implementation, entry[0]) for entry in differences):
                break
        result[platform] = (differences, number > 0, len(dll.verdicts) - 1)
    return result


def read_plan(build, test_faulty):
    """All implementations: kind, name, options of the kit."""
    plan = subprocess.run([test_faulty, "--plan"], stdout=subprocess.PIPE, text=True, check=True)
    implementations = []
    for line in plan.stdout.splitlines():
        name, system, *options = line.split("\t")
        if system != "Windows":
            implementations.append(("faulty", name, options))
    for name in sorted(os.listdir(build + "/lib")):
        if name.startswith("libshape-"):
            shape = name[len("libshape-"):-len(".so")]
            profile = "windows" if shape.startswith("windows_") else "documented"
            implementations.append(("shape", shape, ["-s", "mixed", "-s", "empty", "--strict", "--profile", profile]))
    return implementations


def runs_here(build, platform):
    """Tries a platform with one call; prints why it can't be run."""
    name = "shape-interleaved"
    path = library(build, platform, *name.split("-"))
    if not os.path.exists(path):
        print(f"{platform}: not tried: {path} was not built")
        return False
    kit = subprocess.run([build + "/bin/iscsidsc-tck", "run", "-i", path, "-s", "single", "-c", "EXPORT-1", "--quiet"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if kit.returncode != 0:
        print(f"{platform}: not tried: {kit.stdout.strip()}")
    return kit.returncode == 0


class Tally:
    def __init__(self, log):
        self.log = log
        self.counts = collections.defaultdict(collections.Counter)
        self.failed = False

    def say(self, text):
        print(text, flush=True)
        if self.log:
            print(text, file=self.log, flush=True)

    def add(self, implementation, result):
        for platform, outcome in result.items():
            count = self.counts[platform]
            if outcome is None:
                count["absent"] += 1
                self.say(f"{platform}: {implementation[0]}-{implementation[1]}: does not exist there")
                continue
            differences, again, checks = outcome
            count["implementations"] += 1
            count["checks"] += checks
            count["run again"] += again
            for check, native, other in differences:
                reason = reason_of(platform, implementation, check)
                count["known" if reason else "different"] += 1
                self.failed |= reason is None
                self.say(f"{platform}: {implementation[0]}-{implementation[1]}: {check}: {'/'.join(native)} on Linux, "
                         f"{'/'.join(other)} under Wine" + (f": {reason}" if reason else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--platform", action="append")
    parser.add_argument("--log")
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("build", metavar="BUILD")
    parser.add_argument("test_faulty", metavar="TEST_FAULTY")
    parser.add_argument("names", metavar="IMPLEMENTATION", nargs="*")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    platforms = [platform for platform in options.platform or PLATFORMS
                 if runs_here(build, platform) and runs_here(build, PLATFORMS[platform])]
    if not platforms:
        return SKIPPED
    implementations = [entry for entry in read_plan(build, options.test_faulty)
                       if not options.names or entry[1] in options.names]
    if options.brief:
        for kind, _, arguments in implementations:
            if kind == "shape":
                arguments += [word for group in LONG_GROUPS for word in ("--exclude", group)]
    log = open(options.log, "w", encoding="utf-8") if options.log else None  # pylint: disable=consider-using-with
    tally = Tally(log)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        pending = {pool.submit(try_implementation, build, platforms, entry): entry for entry in implementations}
        for done in concurrent.futures.as_completed(pending):
            tally.add(pending[done], done.result())
            if sum(tally.counts[platforms[0]][word] for word in ("implementations", "absent")) % 50 == 0:
                tally.say(f"... {dict(tally.counts[platforms[0]])}")
    for platform in platforms:
        count = tally.counts[platform]
        tally.say(f"{platform}: {count['implementations']} implementations, {count['checks']} checks: "
                  f"{count['different']} differ, {count['known']} differ as is known; {count['run again']} "
                  f"implementations were run again; {count['absent']} do not exist there")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
