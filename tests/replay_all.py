#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does `replay` give the verdicts of the run, whatever was run? Runs the standard scenarios against the reference, ten
faulty implementations and three shapes, keeps the transcripts, replays them with the same library, and compares the
verdict of each check. Of the reference also the scenarios of the set `scale` that have at most 1,000 sessions.

    tests/replay_all.py BUILD [LIBRARY...]

Exits with 1 where a verdict differs, and says which.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

LIBRARIES = [
    "iscsidsc-reference",
    "faulty-count_is_one_too_many", "faulty-cid_counts_from_one", "faulty-connections_over_strings",
    "faulty-both_null_faults", "faulty-descriptor_left", "faulty-bad_lines_skipped", "faulty-list_read_once",
    "faulty-byte_after_failure", "faulty-required_in_structures", "faulty-addresses_in_brackets",
    "shape-everything", "shape-windows_like", "shape-limited",
]


def verdicts(path):
    """The verdict of each check, by scenario, clause and function."""
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    return {(scenario["name"], check["clause"], check["charset"]): check["verdict"]
            for scenario in result["scenarios"] for check in scenario["checks"]}


def call(arguments):
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(arguments)}: exit status {done.returncode}\n{done.stdout[-3000:]}")
    return done.returncode


def compare(kit, library, options, folder):
    """How many checks there are, and those whose verdicts differ."""
    profile = ["--profile", "windows"] if "windows_like" in library else []
    ran, again = os.path.join(folder, "ran.json"), os.path.join(folder, "again.json")
    usual = ["-i", library, "--timeout", "2"] + profile
    status = call([kit, "run", "--transcript", folder, "--json", ran] + usual + options)
    replayed = call([kit, "replay", "--json", again] + usual + sorted(glob.glob(os.path.join(folder, "*.jsonl"))))
    first, second = verdicts(ran), verdicts(again)
    different = [f"{' '.join(key)}: {first.get(key)} when run, {second.get(key)} when replayed"
                 for key in sorted(set(first) | set(second), key=str) if first.get(key) != second.get(key)]
    if status != replayed:
        different.append(f"exit status {status} when run, {replayed} when replayed")
    return len(first), different


def main():
    build = sys.argv[1]
    kit = os.path.join(build, "bin", "iscsidsc-tck")
    wanted = sys.argv[2:] or LIBRARIES
    failed = False
    for name in wanted:
        library = os.path.join(build, "lib", f"lib{name}.so")
        rounds = [[]]
        if name == LIBRARIES[0]:
            known = json.loads(subprocess.run([kit, "list", "scenarios", "--json"], stdout=subprocess.PIPE,
                                              check=True).stdout)
            scale = [one["name"] for one in known if one["set"] == "scale" and one["sessions"] <= 1000]
            rounds.append(["--effort", "quick"] + [word for one in scale for word in ("-s", one)])
        for options in rounds:
            with tempfile.TemporaryDirectory(prefix="tck-replay-") as folder:
                count, different = compare(kit, library, options, folder)
            what = f"{name} (scale)" if options else name
            print(f"{what}: {count} checks, {len(different)} with another verdict", flush=True)
            for one in different:
                print(f"    {one}", flush=True)
            failed = failed or bool(different)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
