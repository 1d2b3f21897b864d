#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/buffer-map.svg: the map of the buffer of a report's first finding, as a picture of its own.

    tests/picture.py REPORT.html >docs/buffer-map.svg

    build/default/bin/iscsidsc-tck run -i build/default/lib/libfaulty-terminator_after_exact_size.so -s single \\
        -c BOUNDS-1 --html REPORT.html
"""
import re
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        page = file.read()
    picture = re.search(r'<svg class="map" viewBox="([^"]*)".*?</svg>', page, re.S)
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    colours = dict(re.findall(r"--(\w+):(#\w+)", style.split("@media")[0]))
    # The rules of maps alone, with the colours of the light page in place of its variables.
    rules = "".join(f"{selector}{{{body}}}" for selector, body in re.findall(r"([^{}@]+)\{([^{}]*)\}", style)
                    if selector == "svg text" or (name := re.search(r"(?:^|svg )\.(\w+)$", selector)) and
                    re.search(rf'class="[^"]*\b{name.group(1)}\b', picture.group()))
    rules = re.sub(r"var\(--(\w+)\)", lambda match: colours.get(match.group(1), "#000"), rules).replace("svg.map", "svg")
    text = picture.group().replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    text = re.sub(r"(<svg [^>]*>)", rf"\1<style>{rules}</style><rect width='100%' height='100%' fill='{colours['card']}'/>",
                  text, count=1)
    print(text)


if __name__ == "__main__":
    sys.exit(main())
