#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has the kit run out of memory, and its reads and writes fall short, at moments of this test's choice.

    run.py BUILD                     memory: every place of the short run that asks for some fails once, and then
                                     all that follow, too; then the standard set, at random; likewise short reads
                                     and writes, EINTR and EAGAIN
    run.py BUILD --few               a part of that, which takes seconds and needs no tgtd
    run.py BUILD --seed N            another one for what is drawn
    run.py BUILD --stack HEX         one place only, and shows what the kit said; --for-good: with all that follow

Expected: with memory that runs out the kit ends by itself with 0, or with 3 and a word about memory; its report, if
there is one, has the same status, and with 0 the same verdicts as ever; it leaves no process and no file. Short reads
and writes change nothing. Where a library that the kit is linked with crashes or ends the process, KNOWN says so.
inject.c does the injecting, by LD_PRELOAD. Exit status 77: it can't be had in this build.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

ROLES = ["parent", "sweeper", "worker", "host", "room"]
COUNTS = ["asked", "failed", "transfers", "cut", "interrupted", "refused"]
STACKS = 1 << 16
HEAD = 8 * len(ROLES) * len(COUNTS)
SHORT_RUN = ["run", "-s", "single", "-c", "COUNT", "--offline"]
WHOLE_RUN = ["run", "--effort", "quick"]  # the standard set, with tgtd
SECONDS = 120  # after which a run hangs
LONG_SECONDS = 900
VARIABLE = re.compile(r".*_ns|peak_memory|base|kept")  # in a result: times, sizes and addresses


def library(build):
    return f"{build}/tests/libinject.so"


def name_lines(build, log):
    """The stacks that inject.c wrote, with the lines of the kit's own code."""
    if not os.path.exists(log):
        return ""
    with open(log, encoding="utf-8") as file:
        lines = file.read().splitlines()
    program = build + "/bin/iscsidsc-tck"
    own = [line for line in lines if line.startswith(program + "(+")]
    asked = subprocess.run(["addr2line", "-pfe", program, *(line.split("+")[1].split(")")[0] for line in own)],
                           capture_output=True, text=True, check=False).stdout.splitlines()
    named = dict(zip(own, asked))
    return "\n".join(named.get(line, line) for line in lines)


class Run:
    """One run of the kit, in a folder of its own."""

    def __init__(self, build, arguments, variables, seconds=SECONDS):
        self.folder = tempfile.mkdtemp(prefix="test-inject-")
        self.temporary = self.folder + "/tmp"
        os.mkdir(self.temporary)
        self.shared = self.folder + "/shared"
        with open(self.shared, "wb") as file:
            file.truncate(HEAD + STACKS * 16)
        self.log, self.json = self.folder + "/log", self.folder + "/result.json"
        environment = dict(os.environ, TMPDIR=self.temporary, LD_PRELOAD=library(build), INJECT_SHARED=self.shared,
                           INJECT_LOG=self.log, **{name: str(value) for name, value in variables.items()})
        with subprocess.Popen([build + "/bin/iscsidsc-tck", *arguments, "--json", self.json], cwd=self.folder,
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, start_new_session=True) as kit:
            try:
                said, _ = kit.communicate(timeout=seconds)
                self.status = kit.returncode
            except subprocess.TimeoutExpired:
                self.status = None
                os.killpg(kit.pid, signal.SIGKILL)
                said, _ = kit.communicate()
        self.said = said.decode(errors="replace")
        self.read_shared()
        self.left = self.find_left()
        self.stack = name_lines(build, self.log)
        self.report = self.read_report()
        shutil.rmtree(self.folder, ignore_errors=True)

    def read_shared(self):
        with open(self.shared, "rb") as file:
            data = file.read()
        self.counts = {}
        for i, role in enumerate(ROLES):
            values = struct.unpack_from(f"{len(COUNTS)}Q", data, 8 * len(COUNTS) * i)
            self.counts[role] = dict(zip(COUNTS, values))
        self.stacks = [(f"{h:x}", ROLES[role]) for h, role in struct.iter_unpack("2Q", data[HEAD:]) if h != 0]

    def find_left(self):
        left = [f"the file {name}" for name in os.listdir(self.temporary)]
        mark = f"TMPDIR={self.temporary}\0".encode()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if mark in file.read():
                        left.append(f"process {pid}")
                        os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass
        return left

    def read_report(self):
        try:
            with open(self.json, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def count(self, what):
        return sum(counts[what] for counts in self.counts.values())


def steady(value):
    """A result without what differs from run to run."""
    if isinstance(value, dict):
        return {key: steady(each) for key, each in value.items() if not VARIABLE.fullmatch(key)}
    return [steady(each) for each in value] if isinstance(value, list) else value


def verdicts(report):
    return sorted((scenario["name"], check["clause"], check["charset"], check["verdict"])
                  for scenario in report["scenarios"] for check in scenario["checks"])


# Libraries that the kit is linked with end the process themselves: what is on the stack, and why it is theirs.
KNOWN = {
    "tag_string_to_list": "Check 0.15.2 does not look at what strdup gives it; all reports are written by then",
}


def memory_complaints(run, usual):
    """What is wrong with a run for which some memory was refused."""
    known = "crash\n" in run.stack and any(name in run.stack.split("crash\n")[1] for name in KNOWN)
    if run.status is None:
        yield "it hangs"
        return
    if run.status not in (0, 3):
        yield f"exit status {run.status}"
    if "crash\n" in run.stack and not known:
        yield "it crashes"
    if run.status == 3 and not known and not re.search("memory", run.said, re.I):
        yield "it does not say that memory ran out"
    if re.search("^BROKEN", run.said, re.M):
        yield "it blames the implementation"
    yield from run.left
    if run.report is not None and run.report["exit_status"] != run.status and not known:
        yield f"the report has exit status {run.report['exit_status']}, the kit {run.status}"
    if run.status == 0 and (run.report is None or verdicts(run.report) != usual):
        yield "exit status 0 without the usual verdicts"


def transfer_complaints(run, usual):
    """What is wrong with a run whose reads and writes fell short."""
    if run.status != 0:
        yield f"exit status {run.status}"
    if run.report is None or usual not in (steady(run.report), verdicts(run.report)):
        yield "the report is another"
    yield from run.left


def show(run):
    print(run.said[-3000:])
    print(run.stack[:3000])
    print({role: counts for role, counts in run.counts.items() if any(counts.values())})


class Series:
    """Runs side by side, and what is to be said of them."""

    def __init__(self, build):
        self.build, self.jobs, self.bad = build, [], 0
        self.pool = concurrent.futures.ThreadPoolExecutor(3)
        self.totals = {role: dict.fromkeys(COUNTS, 0) for role in ROLES}

    def add(self, arguments, variables, complaints, usual, seconds=SECONDS):
        job = self.pool.submit(Run, self.build, arguments, variables, seconds)
        self.jobs.append((job, variables, complaints, usual))

    def finish(self, title, needed):
        """Prints what was wrong. `needed`: counts that can't be 0, as (role, what)."""
        for job, variables, complaints, usual in self.jobs:
            run = job.result()
            for role in ROLES:
                for what in COUNTS:
                    self.totals[role][what] += run.counts[role][what]
            found = list(complaints(run, usual))
            self.bad += len(found) > 0
            if found:
                print(f"==== {' '.join(f'{name}={value}' for name, value in variables.items())}: {'; '.join(found)}")
                show(run)
        for role, what in needed:
            if self.totals[role][what] == 0:
                print(f"==== {title}: nothing was injected: {role}, {what}")
                self.bad += 1
        injected = {role: {what: count for what, count in counts.items() if count > 0}
                    for role, counts in self.totals.items() if any(counts.values())}
        print(f"{title}: {len(self.jobs)} runs, {self.bad} wrong; {injected}")
        return self.bad


def fail_each_place(build, few, seed):
    """Each place of the short run that asks for memory fails, once or with all that follow."""
    first = Run(build, SHORT_RUN, {})
    usual = verdicts(first.report)
    series = Series(build)
    roles = {role for _, role in first.stacks}
    for role in roles:
        places = [stack for stack, of in first.stacks if of == role]
        for stack in places[seed % 24::24] or places[:1] if few else places:
            series.add(SHORT_RUN, {"INJECT_STACK": stack}, memory_complaints, usual)
            series.add(SHORT_RUN, {"INJECT_STACK": stack, "INJECT_FOR_GOOD": "1"}, memory_complaints, usual)
    return series.finish("each place", [(role, "failed") for role in ("parent", "worker", "host")])


def fail_at_random(build, arguments, seeds, seconds):
    first = Run(build, arguments, {}, seconds)
    usual = verdicts(first.report)
    series = Series(build)
    for seed in seeds:
        chance = max(first.count("asked") // (1 + seed % 4), 1)
        series.add(arguments, {"INJECT_ONE_IN": chance, "INJECT_SEED": seed}, memory_complaints, usual, seconds)
    return series.finish("at random: " + " ".join(arguments), [("worker", "failed")])


def fall_short(build, arguments, seeds, seconds):
    first = Run(build, arguments, {}, seconds)
    # tgtd has other ports and numbers in each run.
    usual = steady(first.report) if "--offline" in arguments else verdicts(first.report)
    series = Series(build)
    for seed in seeds:
        series.add(arguments, {"INJECT_TRANSFERS": 4, "INJECT_SEED": seed}, transfer_complaints, usual, seconds)
    needed = [(role, what) for role in ("worker", "host") for what in ("cut", "interrupted")]
    return series.finish("short: " + " ".join(arguments), needed)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stack")
    parser.add_argument("--for-good", action="store_true")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    if not os.path.exists(library(build)):
        print("skipped: this build has no such library")
        return 77
    if options.stack:
        good = {"INJECT_FOR_GOOD": "1"} if options.for_good else {}
        run = Run(build, SHORT_RUN, {"INJECT_STACK": options.stack, **good})
        show(run)
        return 0
    bad = fail_each_place(build, options.few, options.seed)
    seeds = range(options.seed, options.seed + (6 if options.few else 40))
    bad += fall_short(build, SHORT_RUN, seeds, SECONDS)
    if not options.few:
        bad += fall_short(build, WHOLE_RUN, seeds[:3], LONG_SECONDS)
        bad += fail_at_random(build, WHOLE_RUN, seeds[:20], LONG_SECONDS)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
