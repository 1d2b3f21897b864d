#!/usr/bin/env python3
"""Makes HTML reports with the built kit - one that holds, those of faulty implementations, one of 1,000
sessions, one of two implementations, one of what changed between two runs - reads in them which bytes
were wrong, and loads them in a browser.

    reports.py KIT FOLDER-OF-FAULTY-IMPLEMENTATIONS

Exit status: 0 all is well, 1 something isn't, 77 the browser is missing (what else was looked at is
well): the test is skipped.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

LIMIT = 5 * 1000 * 1000  # bytes of a report of the standard set
SKIPPED = 77

# What a reader must be able to tell from the page alone, of each faulty implementation.
FAULTS = {
    "byte_after_success": [r"byte \d+: the write that faulted"],
    "connections_over_strings": [
        r"bytes \d+ to \d+: both InitiatorName of session 0 and Connections of session"],
    "connections_in_static_memory": [
        r"bytes \d+ to \d+: Connections of session 0 is 0x[0-9a-f]+[^<]*: outside"],
    "required_without_last_terminator": [
        r"\*BufferSize says that (\d+) are required, the list that a call with room to spare left "
        r"ends at byte \d+"],
    "truncated_success": [r"from byte \d+ on: missing; the list that a call with room to spare left"],
}

# The groups that those break, so that the test does not take longer than it has to.
GROUPS = [word for group in ("STATUS", "SIZE", "BOUNDS", "LAYOUT", "CONTENT") for word in ("-c", group)]

THOUSAND = """\
name: thousand
summary: A thousand sessions.
why: The map of the buffer has to be readable for so many.
targets:
  - id: disks
    pattern: iqn.2004-01.com.example.storage:array-{n}
    count: 25
initiators:
  - id: hosts
    pattern: iqn.2004-01.com.example.host:node-{n}
    count: 20
sessions:
  - initiator: hosts
    target: disks
    count: 2
"""


def run(kit, page, expected, *arguments):
    """Runs the kit; the page that it wrote as text."""
    done = subprocess.run([kit, "run", "--html", page, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode != expected:
        sys.exit("%s %s: exit status %d, not %d:\n%s%s" % (
            kit, " ".join(map(str, arguments)), done.returncode, expected, done.stdout,
            done.stderr))
    return page.read_text(encoding="utf-8")


def check(text, name, patterns):
    if len(text.encode()) > LIMIT:
        sys.exit("%s: the report has %d bytes" % (name, len(text.encode())))
    for pattern in patterns:
        if not re.search(pattern, text):
            sys.exit("%s: the report does not say: %s" % (name, pattern))
        print("%s: %s" % (name, re.search(pattern, text).group(0)))


def make(kit, faulty, folder):
    thousand = folder / "thousand.yaml"
    thousand.write_text(THOUSAND)
    check(run(kit, folder / "pass.html", 0, *GROUPS), "pass", [r"Held: no must clause was broken"])
    for name, patterns in FAULTS.items():
        library = faulty / ("libfaulty-%s.so" % name)
        check(run(kit, folder / (name + ".html"), 1, "-i", library, "-s", "single", "-s", "names-223",
                  *GROUPS), name, patterns)
    check(run(kit, folder / "standard.html", 1, "-i", faulty / "libfaulty-truncated_success.so",
              *GROUPS), "the standard set", [r"<svg"])
    pair = [faulty / "libfaulty-one_less_is_enough.so", faulty / "libfaulty-required_rounded_up.so"]
    check(run(kit, folder / "several.html", 1, "-i", pair[0], "-i", pair[1], "-s", "single", "-c", "SIZE"),
          "two implementations",
          [r'href="#i1-clause-SIZE-5" class="v fail">F <small>2 of 2', r'class="v pass">P <small>2 of 2',
           r"Where they differ"])
    results = [folder / "old.json", folder / "new.json"]
    for library, result in zip(pair, results):
        run(kit, folder / "single.html", 1, "-i", library, "-s", "single", "-c", "SIZE", "--json", result)
    done = subprocess.run([kit, "diff", "-q", "--html", folder / "diff.html", *results])
    if done.returncode != 1:
        sys.exit("diff: exit status %d, not 1" % done.returncode)
    check((folder / "diff.html").read_text(encoding="utf-8"), "diff",
          [r"Nothing fails that did not before", r"Fixed <span[^>]*>\(2\)", r"\d+ bytes</td>"])
    check(run(kit, folder / "thousand.html", 1, "-s", thousand, "-c", "LAYOUT-5", "--effort", "quick",
              "-i", faulty / "libfaulty-connections_over_strings.so"), "thousand",
          [r"on top all of it", r"both InitiatorName of session 0 and Connections of session 999"])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    kit, faulty = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="tck-html-") as name:
        folder = pathlib.Path(name)
        make(kit, faulty, folder)
        browser = pathlib.Path(__file__).with_name("browser.py")
        done = subprocess.run([sys.executable, browser, *sorted(folder.glob("*.html"))])
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
