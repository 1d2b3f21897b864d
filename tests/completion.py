#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The completion in a real bash and a real zsh, as the build makes it.

    completion.py SHELL KIT FOLDER

SHELL is bash or zsh; KIT is the program, and FOLDER has the scripts. A shell runs on a terminal of its own, the line is
typed, and the Tab key. What the shell then has in its line is compared, and what it offers. 77: there is no such shell.
"""
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
SECONDS = 60

# The line as the shell has it is written to a file by Ctrl-X Ctrl-L, so nothing is read off the screen.
BASH = r"""
PS1='ready> '
source {script}
show() {{ printf '%s\n' "$READLINE_LINE" >{out}.new; mv {out}.new {out}; READLINE_LINE=; READLINE_POINT=0; }}
bind -x '"\C-x\C-l": show'
bind 'set completion-query-items 0'
bind 'set page-completions off'
bind 'set enable-bracketed-paste off'
"""
ZSH = r"""
PS1='ready> '
fpath=({folder} $fpath)
autoload -Uz compinit
compinit -u -D
zstyle ':completion:*' list-colors ''
LISTMAX=100000
compadd() {{
    if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a hits
    builtin compadd -A hits "$@"
    print -rl -- $hits >>{offers}
    builtin compadd "$@"
}}
show() {{ print -r -- "$BUFFER" >{out}.new; mv {out}.new {out}; BUFFER=; }}
zle -N show
bindkey -e
bindkey '^X^L' show
unsetopt zle_bracketed_paste
"""
# Bash's function is called, too, as it would be for the words: what it offers where several fit.
OFFERS = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_iscsidsc_tck
printf '%s\\n' "${COMPREPLY[@]}"
"""

# Words, what is offered, what is not.
OFFERED = [
    ("re", "replay", "run"),
    ("help mer", "merge", "run"),
    ("run --time", "--time-limit", "--jobs"),
    ("run --effort ", "quick", "scale"),
    ("run --effort=q", "quick", "full"),
    ("run --set=", "scale", "quick"),
    ("run -c SIZE-", "SIZE-3", "COUNT-1"),
    ("run -c SIZ", "SIZE", "COUNT"),
    ("explain COUN", "COUNT-1", "SIZE-3"),
    ("explain SIZE-3 COUN", "COUNT-1", "SIZE-3"),
    ("run -s sing", "single", "mixed"),
    ("run -s single -s mix", "mixed", "single"),
    ("emulate mix", "mixed", "single"),
    ("list ", "clauses", "single"),
    ("list cl", "clauses", "scenarios"),
    ("run --json ", "results of June.json", "quick"),
    ("emulate --json ", "mixed", None),
    ("init --language ", "c++", "quick"),
    ("init ", "my folder", "results of June.json"),
    ("run --transcript ", "my folder", "results of June.json"),
    ("run --jobs ", None, "results of June.json"),
    ("diff ", "results of June.json", "single"),
]

# What is typed, and the line after Tab: names with blanks are whole, and quoted as the shell quotes them.
LINES = [
    ("iscsidsc-tck rep", "iscsidsc-tck replay "),
    ("iscsidsc-tck run --json res", "iscsidsc-tck run --json results\\ of\\ June.json "),
    ("iscsidsc-tck run --json=res", "iscsidsc-tck run --json=results\\ of\\ June.json "),
    ("iscsidsc-tck run --json results\\ o", "iscsidsc-tck run --json results\\ of\\ June.json "),
    ("iscsidsc-tck run --json 'results o", "iscsidsc-tck run --json 'results of June.json' "),
    ("iscsidsc-tck run --html my", "iscsidsc-tck run --html my\\ folder/"),
    ("iscsidsc-tck run --html my\\ folder/", "iscsidsc-tck run --html my\\ folder/inner\\ file.html "),
    ("iscsidsc-tck init my", "iscsidsc-tck init my\\ folder/"),
    ("iscsidsc-tck run --effort=q", "iscsidsc-tck run --effort=quick "),
    ("iscsidsc-tck run --dry", "iscsidsc-tck run --dry-run "),
    ("iscsidsc-tck run -i results\\ of\\ June.json --dry", "iscsidsc-tck run -i results\\ of\\ June.json --dry-run "),
]


class Shell:
    """An interactive shell on a terminal."""

    def __init__(self, words, setup, folder, environment):
        self.out = os.path.join(folder, ".line")
        self.offers = os.path.join(folder, ".offers")
        self.said = b""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(os.path.join(folder, "work"))
            os.execvpe(words[0], words, environment)
        rc = os.path.join(folder, ".rc")
        with open(rc, "w", encoding="utf-8") as file:
            file.write(setup)
        self.type(f" source {shlex.quote(rc)}\n")
        self.wait(lambda: b"ready> " in self.said)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, condition):
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end, f"the shell said only: {self.said.decode(errors='replace')}"
            if select.select([self.terminal], [], [], 0.05)[0]:
                self.said += os.read(self.terminal, 65536)

    def complete(self, line):
        """The line after Tab, and what was offered where the shell tells."""
        for path in (self.out, self.offers):
            if os.path.exists(path):
                os.unlink(path)
        self.type(line + "\t\x18\x0c")
        self.wait(lambda: os.path.exists(self.out))
        with open(self.out, encoding="utf-8") as file:
            line = file.read().rstrip("\n")
        offers = []
        if os.path.exists(self.offers):
            with open(self.offers, encoding="utf-8") as file:
                offers = file.read().replace("\\ ", " ").split("\n")
        return line, offers

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.child, 0)


def bash_words(kit, typed):
    """As bash has the words of a line."""
    words = []
    for word in typed.split(" "):
        name, equals, value = word.partition("=")
        words += [name, "="] + ([value] if value else []) if equals else [word]
    return [kit, *words]


def bash_offers(script, work, kit, typed):
    said = subprocess.run(["bash", "-c", OFFERS, "bash", script, *bash_words(kit, typed)], check=True,
                          capture_output=True, text=True, cwd=work)
    assert "compopt" in said.stderr or not said.stderr, said.stderr
    return said.stdout.split("\n")


def open_shell(name, folder, kit, scripts):
    environment = {**os.environ, "PATH": os.path.dirname(kit) + ":" + os.environ["PATH"], "TERM": "xterm", "HOME": folder,
                   "ZDOTDIR": folder, "HISTFILE": ""}
    paths = {"out": shlex.quote(os.path.join(folder, ".line")), "offers": shlex.quote(os.path.join(folder, ".offers"))}
    script = os.path.join(scripts, f"iscsidsc-tck.{name}")
    if name == "bash":
        return Shell(["bash", "--norc", "--noprofile", "-i"], BASH.format(script=shlex.quote(script), **paths), folder,
                     environment)
    functions = os.path.join(folder, "functions")
    os.mkdir(functions)
    shutil.copy(script, os.path.join(functions, "_iscsidsc-tck"))
    return Shell(["zsh", "-f", "-i"], ZSH.format(folder=shlex.quote(functions), **paths), folder, environment)


def check(name, folder, kit, scripts):
    """What is wrong: sentences."""
    work = os.path.join(folder, "work")
    os.makedirs(os.path.join(work, "my folder"))
    for path in ("results of June.json", "my folder/inner file.html"):
        with open(os.path.join(work, path), "w", encoding="utf-8"):
            pass
    shell = open_shell(name, folder, kit, scripts)
    for typed, expected in LINES:
        got = shell.complete(typed)[0]
        if got != expected:
            yield f"{typed!r} and Tab give {got!r}, not {expected!r}"
    for typed, offered, not_offered in OFFERED:
        offers = (bash_offers(os.path.join(scripts, "iscsidsc-tck.bash"), work, kit, typed) if name == "bash"
                  else shell.complete("iscsidsc-tck " + typed)[1])
        if offered is not None and offered not in offers:
            yield f"{typed!r}: {offered} is not offered, but {offers}"
        if not_offered is not None and not_offered in offers:
            yield f"{typed!r}: {not_offered} is offered"
    shell.close()


def main(name, kit, scripts):
    if shutil.which(name) is None:
        print(f"skipped: there is no {name}: ci/install-packages")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        wrong = list(check(name, folder, os.path.abspath(kit), os.path.abspath(scripts)))
    for sentence in wrong:
        print(sentence)
    print(f"{len(LINES)} lines and {len(OFFERED)} offers in {name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
