#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads implementations for Windows under Wine, and compares what they say with what their twins on Unix say.

    smoke.py [--all] BUILD PRINT_SESSIONS [x86_64] [i686]

BUILD is a build folder: its lib/ has the libraries, its windows/<architecture>/ the DLLs. PRINT_SESSIONS, which also
stands there for Windows, loads one and prints its sessions. The kit is not needed. Without --all only the
reference and some shapes are loaded. An architecture that can't be run here is left out, and named.

Exit status: 0 all alike, 1 something differs, 77 no architecture can be run.
"""
import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

SERVER = "/usr/lib/wine/wineserver64"
FEW = ["iscsidsc-reference", "shape-interleaved", "shape-cached", "shape-threaded", "shape-restoring",
       "faulty-exports_nothing"]
# What these say depends on where things lie in memory.
UNLIKE = {"faulty-ids_are_addresses", "faulty-w_ids_are_addresses", "faulty-no_terminators",
          "faulty-size_stored_as_64_always", "faulty-connections_at_the_end"}
START_SECONDS = 60
HANGS_AFTER = 10

NAMES = ["host", "h\u00e9", "\u03b1\u03b2", "\U0001f600-\u65e5\u672c"]


def make_table(path, names):
    """A session table with a session for each of the names."""
    lines = ["iscsidsc-session-table\t1\t7"]
    for i, name in enumerate(names):
        lines.append(f"session\t5d1c0f9a7e2b4c68\t{i + 1:016x}\tiqn.2024-01.test:{name}\tiqn.2024-01.test:disk{i}\t"
                     f"iqn.2024-01.test:disk{i}\t00023d0000{i:02x}\t{i + 1:02x}00\t{i % 3}")
        for k in range(i % 3):
            lines.append(f"connection\t5d1c0f9a7e2b4c68\t{i * 16 + k:016x}\t127.0.0.1\t{40000 + i}\tfe80::{k + 1}\t"
                         f"3260\t000{k}")
    lines.append(f"end\t{len(names)}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def folder_32():
    """Where ci/install-wine --32 put the 32-bit Wine; None: nowhere."""
    for folder in (os.environ.get("TCK_WINE32"), "/usr/local/lib/iscsidsc-tck/wine32",
                   os.path.expanduser("~/.local/lib/iscsidsc-tck/wine32")):
        if folder and os.path.exists(folder + "/version"):
            return folder
    return None


class Wine:
    """A prefix of symbolic links, and a wineserver of its own."""

    def __init__(self, architecture, folder, printer):
        self.program, dlls = "/usr/lib/wine/wine64", "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows"
        if architecture == "i686":
            self.program = folder_32() + "/usr/lib/wine/wine"
            dlls = folder_32() + "/usr/lib/i386-linux-gnu/wine/i386-windows"
        self.folder = folder
        os.makedirs(folder + "/dosdevices")
        os.makedirs(folder + "/drive_c/windows")
        os.makedirs(folder + "/tmp")
        os.symlink("../drive_c", folder + "/dosdevices/c:")
        os.symlink("/", folder + "/dosdevices/z:")
        os.symlink(dlls, folder + "/drive_c/windows/system32")
        self.environment = {**os.environ, "WINEPREFIX": folder, "WINEDEBUG": "-all", "WINESERVER": SERVER,
                            "WINEDLLOVERRIDES": "wineboot.exe,winedbg.exe=d", "TMPDIR": folder + "/tmp",
                            "LC_ALL": "C.UTF-8"}
        self.environment.pop("DISPLAY", None)
        if architecture == "i686":
            self.environment["WINEARCH"] = "win32"
        self.server = subprocess.Popen([SERVER, "-f", "-p"], env=self.environment)
        time.sleep(0.3)
        # One program is there all the time, so that the others need not wait for each other.
        self.keeper = subprocess.Popen([self.program, printer, "--keep"], env=self.environment,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if self.keeper.stdout.readline().strip() != b"ready":
            self.stop()
            raise RuntimeError(f"no program can be started under Wine in {folder}")

    def stop(self):
        self.keeper.stdin.close()
        self.keeper.wait(START_SECONDS)
        self.server.send_signal(signal.SIGINT)
        self.server.wait(START_SECONDS)


def ask(command, table, environment):
    """Exit status (None: it hangs), and what it printed to standard output."""
    try:
        done = subprocess.run(command, env={**environment, "ISCSIDSC_SESSION_TABLE": table}, timeout=HANGS_AFTER,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False)
    except subprocess.TimeoutExpired as hang:
        return None, (hang.stdout or b"").decode(errors="replace").replace("\r", "")
    return done.returncode, done.stdout.decode(errors="replace").replace("\r", "")


def essence(said, ascii_only):
    """The lines that must be alike: what is outside of the code page is another string in A."""
    lines = [line for line in said.split("\n") if re.match(r"exported|[AW] status|[aw] (session|connection)", line)]
    return [line for line in lines if ascii_only or not line.startswith("a session")]


def compare(name, unix, windows, table, ascii_only):
    """What differs between the two; an empty text if nothing does."""
    status, said = ask(*unix, table, os.environ)
    status_windows, said_windows = ask(windows[0], table, windows[1])
    one, other = essence(said, ascii_only), essence(said_windows, ascii_only)
    if status != 0:
        # How a process dies is the system's: what came before must be alike.
        return "" if status_windows != 0 or len(one) == len(other) else f"{name}: {status}, under Wine it goes on\n"
    if name in UNLIKE:
        one, other = ([line for line in lines if "exported" in line] for lines in (one, other))
    if one == other:
        return ""
    return f"{name}: under Wine ({status_windows})\n  " + "\n  ".join(other) + "\nnot\n  " + "\n  ".join(one) + "\n"


def try_architecture(build, printer, architecture, everything):
    """Number of implementations that were compared, and what differs."""
    folder = f"{build}/windows/{architecture}"
    names = FEW
    if everything:
        names = sorted(name[:-4] for name in os.listdir(folder + "/lib") if name.endswith(".dll"))
    names = [name for name in names if os.path.exists(f"{folder}/lib/{name}.dll")]
    # What only one system has has no twin.
    names = [name for name in names if os.path.exists(f"{build}/lib/lib{name}.so")]
    with tempfile.TemporaryDirectory(prefix="tck-smoke-") as place:
        tables = [(place + "/ascii", True), (place + "/others", False)]
        make_table(tables[0][0], ["host", "guest", "third"])
        make_table(tables[1][0], NAMES)
        wine = Wine(architecture, place + "/prefix", folder + "/bin/print_sessions.exe")
        try:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                differences = list(pool.map(
                    lambda pair: compare(pair[0], [[printer, f"{build}/lib/lib{pair[0]}.so"]],
                                         ([wine.program, folder + "/bin/print_sessions.exe",
                                           f"Z:{folder}/lib/{pair[0]}.dll"], wine.environment), *pair[1]),
                    [(name, table) for name in names for table in tables]))
        finally:
            wine.stop()
    return len(names), [difference for difference in differences if difference]


def why_not(build, architecture):
    """Why programs of the architecture can't be run here; None: they can."""
    if not os.path.exists(f"{build}/windows/{architecture}/bin/print_sessions.exe"):
        return "nothing is built for it"
    if not os.path.exists("/usr/lib/wine/wine64") or not os.path.exists(SERVER):
        return "Wine is not there; ci/install-wine installs it"
    if architecture == "x86_64":
        return None
    if not folder_32():
        return "the 32-bit Wine is not there; ci/install-wine --32 installs it"
    try:
        subprocess.run([folder_32() + "/usr/lib/wine/wine", "--version"], stdout=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"this machine does not run programs of 32 bits: {error}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", metavar="BUILD")
    parser.add_argument("printer", metavar="PRINT_SESSIONS")
    parser.add_argument("architectures", nargs="*", metavar="ARCHITECTURE")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    tried, failed = 0, 0
    for architecture in options.architectures or ["x86_64", "i686"]:
        reason = why_not(build, architecture)
        if reason:
            print(f"{architecture}: not tried: {reason}")
            continue
        count, differences = try_architecture(build, options.printer, architecture, options.all)
        print(f"{architecture}: {count} implementations under Wine, {len(differences)} differ from their twins")
        print("".join(differences), end="")
        tried += count
        failed += len(differences)
    if tried == 0:
        return 77
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
