#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks how the product's sources lie: who includes whom, how long files are, what stands twice.

    layout.py               checks the tree; prints what is wrong and exits with 1 if something is
    layout.py --print       prints the graph of includes between folders, figures, and checks
    layout.py --self-test   adds a mistake of each kind to a copy of the tree: each must be found
    layout.py --root DIR    another tree than the one that this script lies in

Rules:
- Includes go one way: include <- conformance <- emulator <- harness. Nothing of these includes tests/.
- No circle between modules. A module is X.c with X.h; it needs each module whose header it includes.
- No .c or .h of more than 600 lines, but for the tables below.
- No function body of 6 lines or more stands in two files.
- Every source file names the licence: ci/add-spdx puts the line there.
"""
import argparse
import os
import re
import runpy
import shutil
import sys
import tempfile

LAYERS = ["include", "conformance", "emulator", "harness"]  # each may include itself and those before
LINES_MAX = 600
BODY_MIN = 6  # lines of a function body

# Files that may be longer, and why.
TABLES = {
}

# In quotes, or in angle brackets what lies in a folder of this project.
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<((?:include|conformance|emulator|harness|tests)/[^>]+)>)', re.M)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')", re.S)
# A function as clang-format lays it out: its braces stand alone in the first column.
FUNCTION = re.compile(r"^(\w[^\n;={}#]*\([^;{}]*\))\n\{\n(.*?)^\}", re.M | re.S)


def read_sources(root):
    """Path, relative to the root, to text."""
    sources = {}
    for layer in LAYERS:
        for folder, _, names in os.walk(os.path.join(root, layer)):
            for name in names:
                if name.endswith((".c", ".h", ".def")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as file:
                        sources[os.path.relpath(path, root)] = file.read()
    return dict(sorted(sources.items()))


def resolve(path, named):
    """The included file's path: the include paths are the root, include/, and the file's own folder."""
    if "/" in named:
        return os.path.normpath(named)
    return "include/" + named if path.split("/")[0] != "include" else os.path.dirname(path) + "/" + named


def read_includes(sources):
    """Path to the sorted list of what it includes of the project."""
    return {path: sorted({resolve(path, quoted or bracketed) for quoted, bracketed in INCLUDE.findall(text)})
            for path, text in sources.items()}


def module(path):
    return os.path.splitext(path)[0]


def check_layers(includes):
    for path, needed in includes.items():
        layer = path.split("/")[0]
        for other in needed:
            target = other.split("/")[0]
            if target not in LAYERS:
                yield f"{path}: includes {other}, which is no part of the product"
            elif LAYERS.index(target) > LAYERS.index(layer):
                yield f"{path}: includes {other}: {layer} must not need {target}"
            elif other not in includes:
                yield f"{path}: includes {other}, which does not exist"


def make_graph(includes):
    graph = {module(path): set() for path in includes}
    for path, needed in includes.items():
        for other in needed:
            if module(other) != module(path) and module(other) in graph:
                graph[module(path)].add(module(other))
    return graph


def find_components(graph):
    """The sets of nodes that all reach each other (Tarjan), those of one node left out."""
    index, low, stack, components = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(component) > 1:
                components.append(sorted(component))

    sys.setrecursionlimit(10000)
    for node in graph:
        if node not in index:
            visit(node)
    return components


def shortest_circle(graph, component):
    """The shortest way from a node of the component back to itself."""
    best = None
    for start in component:
        ways = [[start]]
        seen = set()
        while ways and (best is None or len(ways[0]) < len(best)):
            way = ways.pop(0)
            for other in sorted(graph[way[-1]] & set(component)):
                if other == start:
                    best = way + [start] if best is None or len(way) + 1 < len(best) else best
                elif other not in seen:
                    seen.add(other)
                    ways.append(way + [other])
    return best


def check_circles(includes):
    graph = make_graph(includes)
    for component in find_components(graph):
        circle = shortest_circle(graph, component)
        yield (f"a circle of {len(component)} modules ({', '.join(component)}); "
               f"the shortest way round: {' -> '.join(circle)}")


def check_lengths(sources):
    for path, text in sources.items():
        lines = text.count("\n")
        if path.endswith((".c", ".h")) and lines > LINES_MAX and path not in TABLES:
            yield f"{path}: {lines} lines, more than {LINES_MAX}"
    for path in TABLES:
        if path not in sources or sources[path].count("\n") <= LINES_MAX:
            yield f"{path}: needs no exception in tests/layout.py any more"


def find_functions(text):
    """Name and body of each function, comments and layout left out."""
    text = COMMENT.sub(lambda match: match.group(1) or "", text)
    for match in FUNCTION.finditer(text):
        names = re.findall(r"(\w+)\s*\(", match.group(1))
        lines = [" ".join(line.split()) for line in match.group(2).split("\n")]
        lines = [line for line in lines if line]
        yield [name for name in names if name != "__attribute__"][0], lines


def rename(lines):
    """The body with its identifiers numbered in the order in which they come."""
    numbers = {}
    return re.sub(r"[A-Za-z_]\w*", lambda match: f"i{numbers.setdefault(match.group(), len(numbers))}",
                  "\n".join(lines))


def find_clones(sources, normalise):
    bodies = {}
    for path, text in sources.items():
        for name, lines in find_functions(text):
            if len(lines) >= BODY_MIN:
                bodies.setdefault(normalise(lines), []).append((path, name, len(lines)))
    for places in bodies.values():
        if len({path for path, _, _ in places}) > 1:
            names = ", ".join(f"{name} in {path}" for path, name, _ in places)
            yield f"{places[0][2]} lines: {names}"


def check_clones(sources):
    for clone in find_clones(sources, "\n".join):
        yield "the same body of " + clone


def check_licence(root):
    script = runpy.run_path(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "ci/add-spdx"))
    for path, mark, _ in script["find"](root):
        yield f"{path}: has no line \"{mark} {script['LICENCE']}\"; ci/add-spdx adds it"


def check(root):
    sources = read_sources(root)
    includes = read_includes(sources)
    return [*check_layers(includes), *check_circles(includes), *check_lengths(sources),
            *check_clones(sources), *check_licence(root)]


def print_graph(root):
    sources = read_sources(root)
    edges = {}
    for path, needed in read_includes(sources).items():
        folder = edges.setdefault(os.path.dirname(path), {})
        for other in needed:
            target = os.path.dirname(other)
            if target != os.path.dirname(path):
                folder[target] = folder.get(target, 0) + 1
    for folder in sorted(edges, key=lambda name: (LAYERS.index(name.split("/")[0]), name)):
        needed = ", ".join(f"{other} ({count})" for other, count in sorted(edges[folder].items()))
        print(f"{folder}: {needed or 'needs nothing'}")
    for component in find_components({folder: set(needed) for folder, needed in edges.items()}):
        print(f"These folders need each other (allowed where no files do): {', '.join(component)}")
    similar = list(find_clones(sources, rename))
    for clone in similar:
        print(f"The same but for names (allowed): {clone}")
    functions = sum(len(list(find_functions(text))) for text in sources.values())
    lines = sum(text.count("\n") for path, text in sources.items())
    print(f"{len(sources)} files, {lines} lines, {functions} functions, {len(similar)} bodies that differ "
          "by names only")


def append(root, path, text):
    with open(os.path.join(root, path), "a", encoding="utf-8") as file:
        file.write(text)


CLONE = """
static int {0}(int value)
{{
    int sum = 0; // {1}
    for (int i = 0; i < value; i++) {{
        sum += i;
        sum ^= value;
    }}
    return sum;
}}
"""


def add_circle(root):
    append(root, "conformance/base/tck_one.h", '#include "conformance/base/tck_two.h"\n')
    append(root, "conformance/base/tck_two.c", '#include "conformance/base/tck_one.h"\n')
    append(root, "conformance/base/tck_two.h", "\n")


def add_clone(root):
    append(root, "emulator/tck_one.c", CLONE.format("add", "one"))
    append(root, "harness/tck_two.c", CLONE.format("count", "another"))


# What is done to a copy of the tree, and what must be said of it.
MISTAKES = [
    ("conformance includes emulator",
     lambda root: append(root, "conformance/base/failure.c", '#include "emulator/emulator.h"\n'),
     "conformance must not need emulator"),
    ("conformance includes harness",
     lambda root: append(root, "conformance/base/failure.h", '#include "harness/tck.h"\n'),
     "conformance must not need harness"),
    ("conformance includes harness in angle brackets",
     lambda root: append(root, "conformance/base/failure.c", "#include <harness/tck.h>\n"),
     "conformance must not need harness"),
    ("emulator includes harness",
     lambda root: append(root, "emulator/emulator.c", '#include "harness/tck.h"\n'),
     "emulator must not need harness"),
    ("include includes conformance",
     lambda root: append(root, "include/session_list.h", '#include "conformance/base/failure.h"\n'),
     "include must not need conformance"),
    ("harness includes tests",
     lambda root: append(root, "harness/main.c", '#include "tests/kit.h"\n'),
     "tests/kit.h, which is no part of the product"),
    ("a circle", add_circle, "conformance/base/tck_one -> conformance/base/tck_two -> "),
    ("a long file", lambda root: append(root, "harness/tck_long.c", "\n" * (LINES_MAX + 1)),
     "harness/tck_long.c: 601 lines"),
    ("a file without a licence", lambda root: append(root, "harness/tck_bare.c", "int bare;\n"),
     "harness/tck_bare.c: has no line"),
    ("a helper that stands twice", add_clone, "add in emulator/tck_one.c, count in harness/tck_two.c"),
]


def self_test(root):
    before = set(check(root))
    missed = 0
    for what, make, expected in MISTAKES:
        with tempfile.TemporaryDirectory(prefix="tck-layout-") as copy:
            for layer in LAYERS:
                shutil.copytree(os.path.join(root, layer), os.path.join(copy, layer))
            make(copy)
            found = [line for line in check(copy) if line not in before and expected in line]
            missed += not found
            print(f"{what}: {'found' if found else 'NOT FOUND'}")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--print", action="store_true", dest="wanted")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test(options.root)
    if options.wanted:
        print_graph(options.root)
    found = check(options.root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
