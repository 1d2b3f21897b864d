#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs what docs/tutorial.md says, in a fresh folder, and compares what comes out with the page.

    tutorial.py BIN            BIN is the folder that has iscsidsc-tck
    tutorial.py BIN --time     also prints how long the commands took

Blocks of the page: `sh` are commands that end with 0, `fails` one that ends with 1; all run as they are written, in one
shell. `diff` is an edit of the project's source, whose old lines must be there once. Each line of `text` must begin a
line of what was printed so far. `cmake` are lines that CMakeLists.txt has.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs/tutorial.md")
MARK = "the-command-has-ended"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


class Shell:
    """One shell, as a reader has it: `cd` lasts."""

    def __init__(self, folder, path):
        environment = dict(os.environ, PATH=path + ":" + os.environ["PATH"], HOME=folder, TMPDIR=folder)
        self.process = subprocess.Popen(["sh"], cwd=folder, env=environment, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        """The exit status, and what was printed."""
        self.process.stdin.write(f"{command}\necho {MARK} $? $PWD\n")
        self.process.stdin.flush()
        said = []
        for line in self.process.stdout:
            if line.startswith(MARK):
                _, status, self.folder = line.split(maxsplit=2)
                self.folder = self.folder.strip()
                return int(status), "".join(said)
            said.append(line)
        raise AssertionError(f"{command}: ended the shell; it said:\n{''.join(said)}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def edit(folder, block):
    """Applies the edit to the one file that has its old lines."""
    lines = block.splitlines()
    old = "\n".join(line[1:] for line in lines if line[0] in " -") + "\n"
    new = "\n".join(line[1:] for line in lines if line[0] in " +") + "\n"
    path = os.path.join(folder, "session_list.c")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert text.count(old) == 1, f"{text.count(old)} times in session_list.c, not once:\n{old}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))


def follow(shell):
    said = ""
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    for kind, block in BLOCK.findall(page):
        if kind in ("sh", "fails"):
            for command in block.splitlines():
                status, output = shell.run(command)
                assert status == (kind == "fails"), f"{command}: exit status {status}:\n{output}"
                said += output
        elif kind == "text":
            for line in block.splitlines():
                assert any(other.startswith(line) for other in said.splitlines()), \
                    f"nothing printed the line:\n{line}\n{said}"
        elif kind == "diff":
            edit(shell.folder, block)
        elif kind == "cmake":
            with open(os.path.join(shell.folder, "CMakeLists.txt"), encoding="utf-8") as file:
                lines = file.read().splitlines()
            assert set(block.splitlines()) <= set(lines), f"not in CMakeLists.txt:\n{block}"
        else:
            raise AssertionError(f"a block of a kind that is not known: {kind}")


def main():
    with tempfile.TemporaryDirectory(prefix="tck-tutorial-") as folder:
        shell = Shell(folder, os.path.realpath(sys.argv[1]))
        begin = time.monotonic()
        try:
            follow(shell)
        finally:
            shell.close()
        if "--time" in sys.argv:
            print(f"{time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
