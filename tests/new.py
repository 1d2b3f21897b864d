# SPDX-License-Identifier: Apache-2.0
"""ci/new in a copy of the project: what it writes is well-formed, and mistakes write nothing."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COPIED = ["ci", "conformance", "docs", "include", "scenarios", "tests"]
GCC = ["gcc", "-std=c17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion",
       "-Wstrict-prototypes", "-Wmissing-prototypes", "-D_GNU_SOURCE", "-I.", "-Iinclude"]


def digest(folder):
    return {os.path.join(where, name): os.path.getmtime(os.path.join(where, name))
            for top in COPIED for where, _, names in os.walk(os.path.join(folder, top)) for name in names}


def main():
    with tempfile.TemporaryDirectory(prefix="tck-new-") as copy:
        for top in COPIED:
            shutil.copytree(os.path.join(ROOT, top), os.path.join(copy, top),
                            ignore=shutil.ignore_patterns("*.xz", "malformed", "__pycache__"))

        def new(*arguments):
            return subprocess.run([sys.executable, "-B", os.path.join(copy, "ci/new"), *arguments],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

        def run(*command):
            result = subprocess.run(command, cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                    text=True, check=False)
            assert result.returncode in (0, 77), f"{command}:\n{result.stdout}"

        def read(path):
            with open(os.path.join(copy, path), encoding="utf-8") as file:
                return file.read()

        def made(*arguments):
            result = new(*arguments)
            assert result.returncode == 0, f"ci/new {arguments}: {result.stdout}"
            return result.stdout

        groups = [name[:-2] for name in sorted(os.listdir(os.path.join(copy, "conformance/clauses")))
                  if name.endswith(".c") and name != "groups.c"]
        for group in groups:
            said = made("clause", group.upper(), "tck_new_one")
            clause = re.search(r"[A-Z]+-\d+", said).group()
            path = f"conformance/clauses/{group}.c"
            assert read(path).count(f'.id = "{clause}"') == 1, said
            assert f"| {clause} |" not in read("docs/contract.md"), said
            run(*GCC, path)
            if os.path.exists(os.path.join(copy, f"conformance/faulty/{group}.c")):
                made("fault", clause, f"tck_new_{group}")
                assert f'FAULT(tck_new_{group}, {group}, "{clause}", ' in read("conformance/faulty/faults.def")
                run(*GCC, f"conformance/faulty/{group}.c")
        made("scenario", "tck-new-one")
        run(sys.executable, "-B", "tests/scenarios.py", "docs/scenario.schema.json",
            "scenarios/tck-new-one.yaml")
        assert read("tests/test_scenario.c").count('{"tck-new-one", 1, 1, 1},') == 1
        made("shape", "tck_new_one")
        assert "SHAPE(tck_new_one, " in read("conformance/shapes/shapes.def")
        run(*GCC, "conformance/shapes/shape.c")

        before = digest(copy)
        mistakes = [[], ["clause"], ["clause", "NOTHING", "x"], ["clause", "GROUPS", "x"],
                    ["clause", "SIZE", "Not A Name"], ["clause", "SIZE", "tck_new_one"],
                    ["fault", "SIZE-99", "x"], ["fault", "SIZE-1", "tck_new_size"],
                    ["scenario", "single"], ["scenario", "../x"], ["shape", "interleaved"],
                    ["shape", "tck_new_one"], ["something", "x"]]
        for arguments in mistakes:
            result = new(*arguments)
            assert result.returncode == 2 and result.stdout != "", f"ci/new {arguments}: {result}"
        assert digest(copy) == before, "a mistake has written something"
    print(f"{2 * len(groups) + 2} skeletons, {len(mistakes)} mistakes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
