#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the kit writes fits docs/several.schema.json, diff.schema.json and list.schema.json; what does not is noticed.

    schemas.py KIT FAULTY    FAULTY is a library that differs from the reference
"""
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

DOCS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs")
RUN = ["run", "--offline", "-s", "single", "-s", "empty", "-c", "COUNT", "-c", "SIZE", "--effort", "quick", "--quiet"]


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def check(name, document):
    """The schema's first complaint, or None."""
    schema = load(os.path.join(DOCS, name))
    parts = [(schema, document)]
    if name == "several.schema.json":
        # Older readers can't follow the reference to the other file: each result by itself, then the rest.
        result = load(os.path.join(DOCS, "result.schema.json"))
        assert schema["properties"]["implementations"]["items"].pop("$ref") == result["$id"]
        parts += [(result, one) for one in document["implementations"]]
    for one, part in parts:
        jsonschema.Draft202012Validator.check_schema(one)
        for complaint in jsonschema.Draft202012Validator(one).iter_errors(part):
            return complaint
    return None


def expect_fit(name, document, lists):
    """`lists` are those in the document that have entries."""
    complaint = check(name, document)
    assert complaint is None, f"{name}: {complaint}"
    assert lists, f"{name}: there is nothing in the lists, so nothing was checked"
    # A key that nobody has described, at the top and further down.
    assert check(name, dict(document, another=1)) is not None, f"{name}: takes a key that there is not"
    for entries in lists:
        entries[0]["another"] = 1
        assert check(name, document) is not None, f"{name}: takes an entry with a key that there is not"
        del entries[0]["another"]


def check_lists(kit):
    """Each kind of list fits, member by member; and one of the two kinds only."""
    for kind in ("clauses", "scenarios"):
        document = json.loads(subprocess.run([kit, "list", kind, "--json"], check=True, capture_output=True).stdout)
        complaint = check("list.schema.json", document)
        assert complaint is None, f"list {kind}: {complaint.context or complaint}"
        for change in ({"another": 1}, {next(iter(document[0])): None}):
            assert check("list.schema.json", [{**document[0], **change}]) is not None, f"list {kind}: takes {change}"
        for member in document[0]:
            less = {key: value for key, value in document[0].items() if key != member}
            assert check("list.schema.json", [less]) is not None, f"list {kind}: takes an entry without {member}"


def main():
    kit, faulty = sys.argv[1:]
    check_lists(kit)
    with tempfile.TemporaryDirectory(prefix="tck-schemas-") as folder:
        def path(name):
            return os.path.join(folder, name + ".json")
        reference = os.path.join(os.path.dirname(faulty), "libiscsidsc-reference.so")
        # 0 or 1: the faulty one is broken.
        for name, libraries, status in (("one", [reference], 0), ("other", [faulty], 1),
                                        ("several", [reference, faulty], 1)):
            options = [word for library in libraries for word in ("-i", library)]
            ended = subprocess.run([kit, *RUN, *options, "--json", path(name)], stdout=subprocess.DEVNULL, check=False)
            assert ended.returncode == status, f"{name}: exit status {ended.returncode}, not {status}"
        subprocess.run([kit, "diff", path("one"), path("other"), "--json", path("diff")], stdout=subprocess.DEVNULL,
                       check=False)
        several = load(path("several"))
        expect_fit("several.schema.json", several, [several["differences"], several["implementations"]])
        diff = load(path("diff"))
        expect_fit("diff.schema.json", diff, [each for each in diff["differences"].values()
                                              if each and isinstance(each, list)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
