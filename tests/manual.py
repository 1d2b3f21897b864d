#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages, as the build makes them.

    manual.py KIT FOLDER

Each command has a page with all options of its --help, which groff sets without a warning.
"""
import os
import re
import shutil
import subprocess
import sys


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def check_page(kit, path, command):
    """What is wrong with the page: sentences."""
    with open(path, encoding="utf-8") as file:
        page = file.read().replace("\\-", "-")
    help_text = run(kit, *command, "--help")
    options = re.findall(r"^ +(?:-\w, +)?(--[a-z-]+)", help_text, re.M)
    if len(options) < 2:
        yield f"{path}: --help has no options: {help_text}"
    for option in options:
        if f"\\fB{option}\\fR" not in page:
            yield f"{path}: does not have {option}"
    if shutil.which("groff"):
        said = subprocess.run(["groff", "-ww", "-man", "-Tutf8", path], capture_output=True, text=True).stderr
        if said:
            yield f"{path}: groff: {said}"


def main(kit, folder):
    wrong = []
    listed = re.search(r"^Commands:\n(.*?)^Each", run(kit, "--help"), re.M | re.S).group(1)
    commands = [line.split()[0] for line in listed.splitlines()]
    commands = [name for name in commands if name not in ("help", "version")]
    assert len(commands) >= 10, commands
    wrong += check_page(kit, os.path.join(folder, "iscsidsc-tck.1"), [])
    for name in commands:
        wrong += check_page(kit, os.path.join(folder, f"iscsidsc-tck-{name}.1"), [name])
    for sentence in wrong:
        print(sentence)
    print(f"{len(commands) + 1} pages")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
