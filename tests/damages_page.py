#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/damages.md and emulator/table/damages.c: the same ways to damage the session table, in the same order, and where
the source has a sentence for one, the same sentence.

    damages_page.py            compares; prints what differs, and exits with 1 if something does
    damages_page.py --write    adds the rows that are missing, with the source's sentence or TODO, and drops the others
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs/damages.md")
SOURCE = os.path.join(ROOT, "emulator/table/damages.c")
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| ([^|]*) \|.*\n", re.M)


def read_source():
    """Name to the sentence, None where it is made while the table is damaged; and to its clause."""
    with open(SOURCE, encoding="utf-8") as file:
        text = re.sub(r'"\s*\n\s*"', "", file.read())
    found = {}
    # An entry of the table, or one of those that are done to each line.
    for name, rest in re.findall(r'\{"([a-z0-9-]+)", apply_(.*?)\}[,;]', text, re.S):
        sentence = re.search(r'\.sentence =\s*"([^"]*)"', rest)
        found[name] = (sentence.group(1) if sentence else None, "FAULT-3" if "is_detail = true" in rest else "FAULT-1")
    return found


def main():
    source = read_source()
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    rows = dict(ROW.findall(page))
    wanted = "".join(f"| `{name}` | {sentence or rows.get(name, 'TODO')} | {clause} |\n"
                     for name, (sentence, clause) in source.items())
    whole = "".join(match.group() for match in ROW.finditer(page))
    if "--write" in sys.argv:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(page.replace(whole, wanted))
        return 0
    if not source or "TODO" in wanted or whole != wanted:
        print(f"docs/damages.md has\n{whole}\nand should have\n{wanted}\ntests/damages_page.py --write helps")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
