#!/usr/bin/env python3
"""Loads HTML reports in headless Chromium, as wide as a screen and as a phone, and finds fault with
them: console messages, requests for anything but the file itself, a page wider than the window, links
that lead nowhere, text that is not escaped, what the keyboard does not reach or does not show.

    browser.py [--screenshots FOLDER] [--at ID] [--dark] REPORT...

Exit status: 0 nothing was found, 1 something was, 77 there is no Chromium here (the test is skipped).
"""
import argparse
import base64
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WIDTHS = (1280, 380)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SKIPPED = 77
LIMIT = 60  # seconds for one answer: only a browser that is stuck takes that long

CHECKS = """(() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth)
    found.push('the page is ' + root.scrollWidth + ' wide in a window of ' + window.innerWidth);
  for (const link of document.querySelectorAll('a[href]')) {
    const to = link.getAttribute('href');
    if (!to.startsWith('#')) found.push('a link leads outside: ' + to);
    else if (!document.getElementById(to.slice(1))) found.push('a link leads nowhere: ' + to);
  }
  const ids = new Set();
  for (const element of document.querySelectorAll('[id]')) {
    if (ids.has(element.id)) found.push('two elements have the id ' + element.id);
    ids.add(element.id);
  }
  if (document.querySelector('script, iframe, object, embed, img, form, base'))
    found.push('there is an element that a report has no use for');
  for (const element of document.querySelectorAll('*'))
    for (const attribute of element.getAttributeNames())
      if (attribute.startsWith('on')) found.push('an event handler: ' + attribute);
  if (!document.querySelector('main') || !document.querySelector('h1'))
    found.push('there is no heading or no main part');
  for (const box of document.querySelectorAll('.scroll'))
    if (box.tabIndex !== 0) found.push('what scrolls cannot be reached by keyboard');
  return found;
})()"""


# Where the keyboard is: the number of that element among all that it should reach; what shows it.
REACHED = """(() => {
  const wanted = [...document.querySelectorAll('a[href], summary, input, [tabindex="0"]')]
    .filter(element => element.checkVisibility({contentVisibilityAuto: true}));
  const active = document.activeElement;
  const style = getComputedStyle(active);
  return {count: wanted.length, at: wanted.indexOf(active), name: active.tagName + ' ' + active.textContent.slice(0, 40),
          shown: active.className === 'skiplink' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0),
          open: active.parentElement ? active.parentElement.open : null, hash: location.hash};
})()"""
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}
TABS_MAX = 150  # of a page; more say nothing new


class Browser:
    """Chromium, spoken to over two pipes: no port, nothing to install."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="tck-browser-")
        ours_out, theirs_in = self._pipe()
        theirs_out, ours_in = self._pipe(reverse=True)
        self.out, self.incoming = ours_out, ours_in
        self.buffer, self.events, self.number = b"", [], 0

        def place():
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        # The pipes have to be descriptors 3 and 4 in the browser, whatever they are here.
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
             "--user-data-dir=" + self.folder, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=place, close_fds=False, start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self.session = None
        self.session = self.ask("Target.attachToTarget", targetId=page["targetId"],
                                flatten=True)["sessionId"]

    @staticmethod
    def _pipe(reverse=False):
        """(ours, theirs), theirs inheritable and out of the way of 3 and 4."""
        import fcntl
        reading, writing = os.pipe()
        ours, theirs = (reading, writing) if reverse else (writing, reading)
        moved = fcntl.fcntl(theirs, fcntl.F_DUPFD, 20)
        os.close(theirs)
        # `reverse`: the caller wants theirs first.
        return (moved, ours) if reverse else (ours, moved)

    session = None

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            answer = self.receive()
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError("%s: %s" % (method, answer["error"].get("message")))
            else:
                return answer.get("result", {})

    def receive(self):
        while b"\0" not in self.buffer:
            if not select.select([self.incoming], [], [], LIMIT)[0]:
                raise RuntimeError("the browser does not answer")
            read = os.read(self.incoming, 1 << 20)
            if not read:
                raise RuntimeError("the browser ended")
            self.buffer += read
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def wait(self, method):
        while True:
            for event in self.events:
                if event.get("method") == method:
                    return event
            self.events.append(self.receive())

    def close(self):
        try:
            self.session = None
            self.ask("Browser.close")
        except (RuntimeError, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.out)
        os.close(self.incoming)
        # Children of the browser may still be at their files for a moment.
        for _ in range(50):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not os.path.exists(self.folder):
                break
            time.sleep(0.1)


def complaints(events, address):
    for event in events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            yield "console: %s" % [a.get("value") for a in parameters.get("args", [])]
        elif method == "Log.entryAdded":
            yield "console: %s" % parameters["entry"].get("text")
        elif method == "Runtime.exceptionThrown":
            yield "exception: %s" % parameters["exceptionDetails"].get("text")
        elif method == "Network.requestWillBeSent":
            url = parameters["request"]["url"]
            if url != address and not url.startswith("data:"):
                yield "a request: %s" % url


def press(browser, key):
    code, text = KEYS[key]
    for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
        browser.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                    **({"text": text} if text and kind == "keyDown" else {}))
    return browser.ask("Runtime.evaluate", expression=REACHED, returnByValue=True)["result"]["value"]


def walk(browser):
    """Goes from element to element by the keyboard, follows a link and opens a part."""
    browser.ask("Page.bringToFront")
    followed = opened = False
    last = -1
    for _ in range(TABS_MAX):
        now = press(browser, "Tab")
        if now["at"] <= last and now["at"] != -1 or now["at"] == -1 and last == now["count"] - 1:
            return  # round once
        if now["at"] != last + 1:
            yield "the keyboard goes from element %d to %d (%s)" % (last, now["at"], now["name"])
            return
        if not now["shown"]:
            yield "the keyboard is not seen to be at %s" % now["name"]
        if now["name"].startswith("SUMMARY") and not opened:
            opened = True
            if press(browser, " ")["open"] == now["open"]:
                yield "a blank does not open or close %s" % now["name"]
            press(browser, " ")
        last = now["at"]
        if now["name"].startswith("A ") and not followed and last > 0:
            followed = True
            if not press(browser, "Enter")["hash"]:
                yield "Enter does not follow %s" % now["name"]
            return_to(browser, last)


def return_to(browser, index):
    browser.ask("Runtime.evaluate", expression=(
        "[...document.querySelectorAll('a[href], summary, input, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility({contentVisibilityAuto: true}))[%d].focus()" % index))


def load(browser, report, width, options):
    address = report.resolve().as_uri()
    browser.events.clear()
    browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                mobile=width < 500)
    browser.ask("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-color-scheme", "value": "dark" if options.dark else "light"}])
    browser.ask("Page.navigate", url=address)
    browser.wait("Page.loadEventFired")
    found = browser.ask("Runtime.evaluate", expression=CHECKS, returnByValue=True)
    result = found["result"].get("value")
    if result is None:
        result = ["the checks failed: %s" % found.get("exceptionDetails", {}).get("text")]
    if options.screenshots:
        screenshot(browser, report, width, options)
    return list(complaints(browser.events, address)) + result + list(walk(browser))


def screenshot(browser, report, width, options):
    clip = {"x": 0, "y": 0, "width": width, "height": options.height, "scale": 1}
    if options.at:
        top = browser.ask("Runtime.evaluate", returnByValue=True, expression=(
            "(() => { const e = document.getElementById(%s); if (!e) return 0; e.open = true;"
            " return e.getBoundingClientRect().top + scrollY; })()" % json.dumps(options.at)))
        clip["y"] = top["result"]["value"]
    picture = browser.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
    name = "%s-%d%s.png" % (report.stem, width, "-dark" if options.dark else "")
    (pathlib.Path(options.screenshots) / name).write_bytes(base64.b64decode(picture))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--screenshots", metavar="FOLDER")
    parser.add_argument("--at", metavar="ID", help="what the screenshots begin with")
    parser.add_argument("--height", type=int, default=1600)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("reports", nargs="+", type=pathlib.Path, metavar="REPORT")
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        print("skipped: no Chromium is installed (the package chromium has it)")
        return SKIPPED
    status = 0
    browser = Browser(program)
    try:
        for domain in ("Page", "Runtime", "Log", "Network"):
            browser.ask(domain + ".enable")
        for report in options.reports:
            for width in WIDTHS:
                for complaint in load(browser, report, width, options):
                    print("%s at %d: %s" % (report, width, complaint))
                    status = 1
    finally:
        browser.close()
    print("%d reports in %s: %s" % (len(options.reports), os.path.basename(program),
                                    "faults were found" if status else "nothing found"))
    return status


if __name__ == "__main__":
    sys.exit(main())
