#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/contract.md and the kit: the same clauses, with the same level and basis.

    contract_page.py KIT

What the page's section "What this version does not judge yet" names may differ, and has to: an entry that no
longer applies is reported too.
"""
import json
import os
import re
import subprocess
import sys

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs/contract.md")
ROW = re.compile(r"^\| ([A-Z]+-\d+) \| (\w+) \| (\w+) \|", re.M)


def find_differences(page, kit):
    """Sentences, one for each difference. `kit` is the output of "list clauses --json"."""
    rows, _, missing = page.partition("## What this version does not judge yet")
    said = {clause: (level, basis) for clause, level, basis in ROW.findall(rows)}
    judged = {clause["id"]: (clause["level"], clause["basis"]) for clause in kit}
    for clause in sorted(said.keys() | judged.keys()):
        left_out = re.search(rf"\b{clause}\b|\bgroup {clause.split('-')[0]}\b", missing)
        if clause not in said:
            yield f"{clause}: the kit judges it, the page does not have it"
        elif clause not in judged and not left_out:
            yield f"{clause}: the page has it, the kit does not judge it"
        elif clause in judged and said[clause] != judged[clause] and not left_out:
            yield f"{clause}: {' '.join(said[clause])} on the page, {' '.join(judged[clause])} in the kit"
    for line in re.findall(r"^- (.*?) (?:is|are) not judged\.", missing, re.M | re.S):
        for clause in re.findall(r"[A-Z]+-\d+", line):
            if clause in judged:
                yield f"{clause}: the page says that it is not judged, but the kit judges it"


def main():
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    kit = json.loads(subprocess.run([sys.argv[1], "list", "clauses", "--json"], stdout=subprocess.PIPE,
                                    check=True).stdout)
    found = list(find_differences(page, kit))
    for sentence in found:
        print(sentence)
    # A page with a mistake of each kind has to be found out.
    for wrong, text in [("left out", page.replace("| SIZE-1 | must | documented |", "")),
                        ("another level", page.replace("| SIZE-1 | must |", "| SIZE-1 | should |")),
                        ("another basis", page.replace("| SIZE-1 | must | documented |", "| SIZE-1 | must | implied |")),
                        ("not judged", page.replace("| SIZE-1 | must", "| SIZE-99 | must | implied | |\n| SIZE-1 | must"))]:
        if len(list(find_differences(text, kit))) != len(found) + 1:
            print(f"a page with a row {wrong} is not found out")
            found.append(wrong)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
