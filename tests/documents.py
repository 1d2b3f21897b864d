#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The documents: what they point to is there, and what they have users type exists.

    documents.py KIT    KIT is the built kit

- Each relative link of a page leads to a file, and to a heading of it where it names one.
- docs/README.md, the index, names every page and schema of docs/.
- `iscsidsc-tck WORD` in an example names a command that the kit has.
- No page but those for contributors has users type the path of a build tree.
- Actions of others are pinned by digest, in workflows and in documents.
- The starter projects ask for the version that CMakeLists.txt has.
"""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]+))?\)")
TYPED = re.compile(r"^ {4}(?:\$ )?(?:\w+=\S+ )*(?:podman run .* )?iscsidsc-tck ([a-z]+)", re.M)
FOR_CONTRIBUTORS = {"docs/contributing.md", "docs/faults.md", "docs/hostile.md", "docs/design.md", "docs/trust.md"}


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def anchors(text):
    """The names that GitHub gives to headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.M)}


def check_links(page, text):
    for path, anchor in LINK.findall(text):
        if "://" in path:
            continue
        place = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if not os.path.exists(os.path.join(ROOT, place)):
            yield f"{page}: links to {path}, which is not there"
        elif anchor and place.endswith(".md") and anchor not in anchors(read(place)):
            yield f"{page}: links to {path}#{anchor}, and there is no such heading"


def check_index():
    index = read("docs/README.md")
    for path in sorted(os.listdir(os.path.join(ROOT, "docs"))):
        if path.endswith((".md", ".schema.json")) and path != "README.md" and path not in index:
            yield f"docs/README.md: does not name {path}"


def check_typed(page, text, commands):
    for command in TYPED.findall(text):
        if command not in commands:
            yield f"{page}: iscsidsc-tck {command}: the kit has no such command"
    if page not in FOR_CONTRIBUTORS and "    build/default/bin/iscsidsc-tck" in text:
        yield f"{page}: has users type the path of a build tree; write iscsidsc-tck"


def check_versions():
    whole = re.search(r"project\(iscsidsc-tck VERSION (\S+)", read("CMakeLists.txt")).group(1)
    minor = whole.rsplit(".", 1)[0]
    for path in glob.glob(os.path.join(ROOT, "harness/command/starter/**"), recursive=True, include_hidden=True):
        if os.path.isfile(path):
            name = os.path.relpath(path, ROOT)
            for found in re.findall(r"iscsidsc-tck (\d\S*) REQUIRED", read(name)):
                if found != minor:
                    yield f"{name}: asks for version {found}; this is {minor}"
            for found in re.findall(r"_(\d[^_]*)_amd64\.deb|/v(\d[\w.]*)/?", read(name)):
                if "".join(found) != whole:
                    yield f"{name}: has version {''.join(found)}; this is {whole}"


def check_actions():
    for pattern in ("ci/**/*.yml", "docs/*.md", "harness/command/starter/**/*.yml"):
        for path in glob.glob(pattern, root_dir=ROOT, recursive=True, include_hidden=True):
            for action, version in re.findall(r"uses: ([\w./-]+)@(\S+)", read(path)):
                if not action.startswith("OWNER/") and not re.fullmatch("[0-9a-f]{40}", version):
                    yield f"{path}: {action}@{version}: is not pinned by digest"


def main():
    said = subprocess.run([sys.argv[1], "--help"], capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^  ([a-z]+) ", said, re.M))
    pages = sorted(glob.glob("*.md", root_dir=ROOT) + glob.glob("docs/*.md", root_dir=ROOT))
    found = [*check_index(), *check_versions(), *check_actions()]
    for page in pages:
        text = read(page)
        found += [*check_links(page, text), *check_typed(page, text, commands)]
    print("\n".join(found))
    return 1 if found or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
