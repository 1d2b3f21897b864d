#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has the kit test libraries that attack it: tests/hostile/attacks.def.

    run.py BUILD                            all attacks, isolated and not, as root and as another user
    run.py BUILD --few                      ten of them
    run.py BUILD --attack NAME              one of them, and shows what the kit said (may be repeated)
    run.py BUILD --modes none --users user  some ways only
    run.py BUILD --write docs/hostile.md    writes what was measured below the marker line of that page
    run.py BUILD --check docs/hostile.md    runs nothing: does the page have the attacks, as they are?

Modes are values of the kit's option --isolation; "full" is left out where the kit has no such option, and "none"
is then the kit without it. Users are "root" and "user"; whoever is not root can be "user" only.

Each run has PID, IPC, mount and network namespaces of its own, so no attack reaches anything else, and all
that is left of it ends with the namespace. Its init is this script (--contained), which counts what is left. Exit
status 77: there are no namespaces to be had.
"""
import argparse
import concurrent.futures
import ctypes
import fcntl
import json
import os
import re
import resource
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ENTRY = re.compile(r'^ATTACK\((\w+), (\w+), (\w+), "(\w+)", "(\w+)", (\d+),\n\s+"((?:\\.|[^"])*)"\)$', re.M)
FEW = ["stops_parent", "turns_verdicts_in_memory", "leaves_200_processes", "forges_results_and_done",
       "makes_table_a_fifo", "leaves_system_v_objects", "prints_commands", "exits_with_zero",
       "filters_writing_fatally", "scribbles_on_hosts_data"]
SCENARIOS = {"hangs_in_second_scenario": ["single", "empty"]}
WAIVERS = "waivers:\n  - clause: BOUNDS-6\n    scenario: \"*\"\n    reason: none\n"
OWN_KIT = ["replaces_kits_programs"]  # those that need a kit that they may spoil
CLAUSES = ["STATUS", "COUNT", "BOUNDS", "SIZE"]
FIRST_USER, USERS = 61000, 1000  # each run is another user: the kernel counts the processes of a user
PROCESSES = 2000  # that the other user may have
GRACE = 2  # seconds after the kit's end in which what it left may end
MARKER = "<!-- Below this line the page is written by tests/hostile/run.py --write. -->"

CLONE = {"mount": 0x20000, "ipc": 0x8000000, "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000}
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
libc = ctypes.CDLL(None, use_errno=True)


class Attack:
    def __init__(self, name, moment, answer, full, none, seconds, sentence):
        self.name, self.moment, self.wrong = name, moment, answer == "WRONG"
        self.allowed = {"full": full, "none": none}
        self.seconds, self.sentence = int(seconds), sentence.replace('\\"', '"')


def read_attacks():
    with open(HERE + "/attacks.def", encoding="utf-8") as file:
        text = file.read()
    attacks = [Attack(*entry) for entry in ENTRY.findall(text)]
    assert len(attacks) == len(re.findall(r"^ATTACK\(", text, re.M)), "attacks.def has a line that can't be read"
    return attacks


# ---- Inside the namespaces: the init, which runs one kit and counts what it leaves

def check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def mount(source, target, kind, flags=0, data=None):
    check(libc.mount(source.encode(), target.encode(), kind.encode() if kind else None, flags,
                     data.encode() if data else None), "mount " + target)


def enter_namespaces():
    """The caller's next child is the init of new namespaces."""
    flags = CLONE["mount"] | CLONE["ipc"] | CLONE["pid"] | CLONE["net"]
    uid, gid = os.geteuid(), os.getegid()
    check(libc.unshare(flags | (CLONE["user"] if uid != 0 else 0)), "unshare")
    if uid != 0:
        for name, text in [("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")]:
            with open("/proc/self/" + name, "w", encoding="ascii") as file:
                file.write(text)


def end_with_parent():
    check(libc.prctl(1, signal.SIGKILL, 0, 0, 0), "prctl")  # PR_SET_PDEATHSIG


def set_read_only(path, read_only):
    """The mount at path, with all below it."""
    at_fdcwd, at_recursive, mount_attr_rdonly = -100, 0x8000, 1
    attributes = struct.pack("QQQQ", mount_attr_rdonly if read_only else 0, 0 if read_only else mount_attr_rdonly, 0, 0)
    check(libc.mount_setattr(at_fdcwd, path.encode(), at_recursive, attributes, len(attributes)), "mount_setattr")


def limit_processes():
    """So that one that forks without end takes no process from the machine. RLIMIT_NPROC does not hold for root; since
    Linux 6.14 a PID namespace has a limit of its own. Before, the file is the whole machine's."""
    if os.geteuid() == 0 and tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) >= (6, 14):
        with open("/proc/sys/kernel/pid_max", "w", encoding="ascii") as file:
            file.write(str(PROCESSES))


def furnish(place):
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    # An attack that takes a wrong path writes nowhere.
    mount(place, place, None, MS_BIND | MS_REC)
    set_read_only("/", True)
    set_read_only(place, False)
    mount("none", "/run", "tmpfs", 0, "mode=755")  # where tgtd has its lock
    os.mkdir("/run/tgtd")
    os.chmod("/run/tgtd", 0o1777)
    mount("proc", "/proc", "proc")
    limit_processes()
    mount("none", "/dev/shm", "tmpfs", 0, "size=2g,mode=1777")
    os.mkdir(place + "/queues")
    mount("none", place + "/queues", "mqueue")
    os.chmod(place + "/queues", 0o1777)
    lo = fcntl.ioctl(socket_for_lo(), 0x8913, struct.pack("16sh22x", b"lo", 0))  # SIOCGIFFLAGS
    flags = struct.unpack("16sh22x", lo)[1] | 1  # IFF_UP
    fcntl.ioctl(socket_for_lo(), 0x8914, struct.pack("16sh22x", b"lo", flags))  # SIOCSIFFLAGS


def socket_for_lo():
    import socket
    socket_for_lo.kept = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return socket_for_lo.kept.fileno()


def become(uid):
    if uid != os.geteuid():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if uid != 0:
        resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def start_kit(order):
    place = order["place"]
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TMPDIR": place + "/tmp",
                   "TCK_HOSTILE_OUTSIDE": order["outside"], "TCK_HOSTILE_KEEPER": os.readlink("/proc/self/ns/pid"),
                   "TCK_HOSTILE_REPORT": place + "/report/result.json", "TCK_HOSTILE_VICTIM": place + "/victim",
                   "TCK_HOSTILE_TRANSCRIPT": place + "/transcript",
                   "TCK_HOSTILE_WAIVERS": place + "/report/waivers.yaml"}
    with open(place + "/said", "wb") as said, open(place + "/complained", "wb") as complained:
        return subprocess.Popen(order["command"], stdin=subprocess.DEVNULL, stdout=said, stderr=complained,
                                env=environment, cwd=place + "/transcript", preexec_fn=lambda: become(order["uid"]))


def await_end(kit, seconds):
    """Its exit status, 128 + n, or None; whoever has ended meanwhile is waited for, too."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == kit.pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if pid == 0:
            time.sleep(0.005)
    return None


def list_processes():
    names = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        state = text[text.rindex(")") + 2]
        if int(pid) != 1 and state not in "ZX":
            names.append(text[text.index("(") + 1:text.rindex(")")] + (" (stopped)" if state in "Tt" else ""))
    return names


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def count_left(place):
    left = {}
    end = time.monotonic() + GRACE
    while list_processes() and time.monotonic() < end:
        reap()
        time.sleep(0.02)
    processes = list_processes()
    if processes:
        left["processes" if len(processes) > 1 else "process"] = len(processes)
        left["names"] = sorted(set(processes))
    for kind in ["shm", "sem", "msg"]:
        with open("/proc/sysvipc/" + kind, encoding="ascii") as file:
            count = len(file.readlines()) - 1
        if count > 0:
            left["System V " + kind] = count
    for what, folder in [("/dev/shm", "/dev/shm"), ("queues", place + "/queues"), ("in TMPDIR", place + "/tmp")]:
        if os.listdir(folder):
            left[what] = len(os.listdir(folder))
    with open("/proc/self/mounts", encoding="utf-8") as file:
        mounts = [line.split()[1] for line in file if place in line and line.split()[1] not in (place, place + "/queues")]
    if mounts:
        left["mounts"] = len(mounts)
        for path in mounts:
            libc.umount2(path.encode(), 2)
    return left


def keep(order):
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an init gets no signal that it does not handle
    place = order["place"]
    furnish(place)
    began = time.monotonic()
    kit = start_kit(order)
    status = await_end(kit, order["seconds"])
    result = {"status": status, "seconds": time.monotonic() - began}
    result["left"] = count_left(place) if status is not None else {}
    if status is None:
        result["hung"] = list_processes()
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass
    time.sleep(0.05)
    reap()
    for tool in [["chattr", "-R", "-i"], ["chmod", "-R", "u+rwx"], ["rm", "-rf"]]:
        subprocess.run([*tool, place + "/tmp"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return result


def contained(order):
    reader, writer = os.pipe()
    end_with_parent()
    enter_namespaces()
    init = os.fork()
    if init == 0:
        end_with_parent()
        try:
            result = keep(order)
        except Exception as error:  # pylint: disable=broad-except
            result = {"broken": f"{type(error).__name__}: {error}"}
        os.write(writer, json.dumps(result).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        print(pipe.read())
    os.waitpid(init, 0)


# ---- Outside

class Run:
    """An attack in one mode by one user, and what came of it."""

    count = 0

    def __init__(self, attack, mode, user):
        self.attack, self.mode, self.user = attack, mode, user
        self.uid = os.geteuid()
        if user == "user" and self.uid == 0:
            Run.count += 1
            self.uid = FIRST_USER + Run.count % USERS
        self.result, self.problems, self.said, self.report = {}, [], "", "none"

    def __str__(self):
        return f"{self.attack.name}, {self.mode}, {self.user}"

    def outcome(self):
        if "broken" in self.result:
            return self.result["broken"]
        status = self.result["status"]
        text = "hangs" if status is None else f"{status}, {self.result['seconds']:.1f} s"
        left = [f"{count} {what}" for what, count in self.result["left"].items() if what != "names"]
        return text + (", left: " + ", ".join(left) if left else "")


def furnish_place(place, library, uid, own_kit):
    for name in ["tmp", "report", "transcript", "lib", "victim"]:
        os.mkdir(f"{place}/{name}", 0o700)
    shutil.copy(library[0], f"{place}/lib/{library[1]}")
    if own_kit:
        shutil.copytree(own_kit + "/bin", place + "/kit/bin")
        shutil.copytree(own_kit + "/share", place + "/kit/share")
    with open(place + "/victim/precious", "w", encoding="ascii") as file:
        file.write("precious\n")
    with open(place + "/report/waivers.yaml", "w", encoding="ascii") as file:
        file.write(WAIVERS)
    os.chmod(place, 0o755)
    for folder, _, names in os.walk(place):
        for path in [folder, *(os.path.join(folder, name) for name in names)]:
            if path != place and uid != os.geteuid():
                os.chown(path, uid, uid)


def make_command(build, place, run, option):
    command = [build + "/bin/iscsidsc-tck", "run", "-i", f"{place}/lib/hostile-{run.attack.name}.so",
               "--timeout", "2", "--time-limit", "60", "--json", place + "/report/result.json",
               "--transcript", place + "/transcript"]
    for scenario in SCENARIOS.get(run.attack.name, ["single"]):
        command += ["-s", scenario]
    for clause in CLAUSES:
        command += ["-c", clause]
    if run.attack.name == "writes_waivers":
        command += ["--waivers", place + "/report/waivers.yaml"]
    return command + (["--isolation", run.mode] if option else [])


def read_start(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1000)
    except OSError:
        return ""


def read_report(path):
    """The exit status that the report tells of, or what is wrong with it."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return "no regular file"
        with open(path, encoding="utf-8") as file:
            return json.load(file)["exit_status"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return type(error).__name__


def letter_of(status, wrong):
    """As in attacks.def."""
    if status is None:
        return "H"
    if status >= 128:
        return "I" if status in (130, 143) else "K"
    return "B" if status == 0 and wrong else str(status)


def judge(run, place):
    allowed, result = run.attack.allowed[run.mode], run.result
    if "broken" in result:
        return [result["broken"]]
    status, problems = result["status"], []
    if letter_of(status, run.attack.wrong) not in allowed and not ("K" in allowed and status is not None):
        problems.append("hangs: " + ", ".join(result["hung"]) if status is None else
                        "a wrong answer held" if status == 0 and run.attack.wrong else f"exit status {status}")
    if status is not None and run.report != status and not set("KR") & set(allowed):
        problems.append(f"the report says {run.report}, the exit status is {status}")
    if result["left"] and "L" not in allowed:
        problems.append(f"left: {result['left']}")
    if status is not None and result["seconds"] > run.attack.seconds:
        problems.append(f"took {result['seconds']:.0f} s")
    try:
        with open(place + "/victim/precious", encoding="utf-8") as file:
            if file.read() != "precious\n" and "V" not in allowed:
                problems.append("a file of others was changed")
    except OSError:
        problems.append("a file of others was removed")
    if "forged" in read_start(place + "/transcript/single.jsonl"):
        problems.append("the transcript is forged")
    return problems + find_oddities(run.said)


def find_oddities(said):
    """What a terminal or a CI system would take for a command."""
    problems = []
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", said):
        problems.append("control characters in what the kit says")
    if re.search(r"^\s*(::|##\[|##vso|##teamcity)", said, re.M):
        problems.append("commands in what the kit says")
    if len(re.findall(r"^Held", said, re.M)) > 1:
        problems.append("two verdicts in what the kit says")
    return problems


def read_said(place):
    text = ""
    for name in ["said", "complained"]:
        with open(f"{place}/{name}", encoding="utf-8", errors="replace") as file:
            text += file.read(1 << 20)
    return text


def perform(run, build, option):
    libraries = build + "/tests/hostile/"
    name = f"hostile-{run.attack.name}.so"
    source = libraries + (name if os.path.exists(libraries + name) else "hostile-any.so")
    place = tempfile.mkdtemp(prefix="tck-h")
    try:
        own_kit = build if run.attack.name in OWN_KIT else None
        furnish_place(place, (source, name), run.uid, own_kit)
        order = {"place": place, "uid": run.uid, "outside": os.readlink("/proc/self/ns/pid"),
                 "command": make_command(place + "/kit" if own_kit else build, place, run, option),
                 "seconds": run.attack.seconds + 10}
        with subprocess.Popen([sys.executable, "-B", __file__, "--contained", json.dumps(order)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                out, err = process.communicate(timeout=run.attack.seconds + 40)
            except subprocess.TimeoutExpired:
                kill_init(process.pid)
                out, err = process.communicate()
        run.result = json.loads(out) if out.strip() else {"broken": "no result: " + err.strip()[-300:]}
        run.said = read_said(place) if os.path.exists(place + "/complained") else ""
        run.report = read_report(place + "/report/result.json")
        run.problems = judge(run, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return run


def kill_init(parent):
    """The init of the namespaces, and with it all in them."""
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
        for pid in file.read().split():
            os.kill(int(pid), signal.SIGKILL)


def can_contain():
    order = {"place": tempfile.mkdtemp(prefix="tck-h"), "uid": os.geteuid(), "outside": "", "command": ["true"],
             "seconds": 5}
    os.mkdir(order["place"] + "/tmp")
    os.mkdir(order["place"] + "/transcript")
    tried = subprocess.run([sys.executable, "-B", __file__, "--contained", json.dumps(order)], capture_output=True,
                           text=True, check=False)
    shutil.rmtree(order["place"], ignore_errors=True)
    if '"status": 0' in tried.stdout:
        return True
    print("skipped: no namespaces:", (tried.stdout + tried.stderr).strip()[-300:])
    return False


def list_runs(arguments, option):
    names = arguments.attack or (FEW if arguments.few else None)
    attacks = [attack for attack in read_attacks() if names is None or attack.name in names]
    assert attacks, "no such attack"
    modes = [mode for mode in arguments.modes.split(",") if option or mode == "none"]
    users = [user for user in arguments.users.split(",") if os.geteuid() == 0 or user == "user"]
    return [Run(attack, mode, user) for attack in attacks for mode in modes for user in users
            if not (arguments.few and "H" in attack.allowed[mode])]  # which would take the whole time


def tell(run, whole):
    print(f"{'FAIL' if run.problems else 'ok  '}  {run}: {run.outcome()}"
          f"{' -- ' + '; '.join(run.problems) if run.problems else ''}", flush=True)
    if whole:
        print(run.said)


def escape(text):
    return text.replace("|", "\\|")


def page_rows(attacks):
    return {attack.name: f"| `{attack.name}` | {escape(attack.sentence)} |" for attack in attacks}


def write_page(path, runs):
    ways = list(dict.fromkeys((run.mode, run.user) for run in runs))
    titles = {"full": "isolated", "none": "not isolated", "root": "root", "user": "another user"}
    cells = {(run.attack.name, run.mode, run.user): run.outcome() for run in runs}
    lines = ["| attack | what it does |" + "".join(f" {titles[mode]}, {titles[user]} |" for mode, user in ways),
             "|---|---|" + "---|" * len(ways)]
    for name, row in page_rows(list(dict.fromkeys(run.attack for run in runs))).items():
        lines.append(row + "".join(f" {cells[name, mode, user]} |" for mode, user in ways))
    with open(path, encoding="utf-8") as file:
        head = file.read().split(MARKER)[0]
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + MARKER + "\n\n" + "\n".join(lines) + "\n")


def check_page(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    missing = [name for name, row in page_rows(read_attacks()).items() if row not in text]
    for name in missing:
        print(f"{path}: {name} is missing or told otherwise: run tests/hostile/run.py BUILD --write {path}")
    return 1 if missing else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?")
    parser.add_argument("--modes", default="full,none")
    parser.add_argument("--users", default="root,user")
    parser.add_argument("--attack", action="append")
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write")
    parser.add_argument("--check")
    parser.add_argument("--contained", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contained:
        return contained(json.loads(arguments.contained))
    if arguments.check:
        return check_page(arguments.check)
    if not can_contain():
        return 77
    build = os.path.abspath(arguments.build)
    shown = subprocess.run([build + "/bin/iscsidsc-tck", "run", "--help"], capture_output=True, text=True, check=False)
    option = "--isolation" in shown.stdout + shown.stderr
    runs = list_runs(arguments, option)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(perform, run, build, option) for run in runs]):
            tell(done.result(), bool(arguments.attack))
    if arguments.write:
        write_page(arguments.write, runs)
    failed = sum(bool(run.problems) for run in runs)
    print(f"{len(runs) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
