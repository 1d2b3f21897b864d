# SPDX-License-Identifier: Apache-2.0
"""What goes over the wire in the scenario connections-4, seen by tshark: one session, so one ISID and one
TSIH, with four connections, so four CIDs, each logged in.

Usage: capture.py KIT. Exit status 77: tshark is not installed, or may not capture here.
"""
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LOGIN_REQUEST, LOGIN_RESPONSE = "0x03", "0x23"


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def capture(folder, kit):
    """Captures while the scenario is brought up and held; returns the file and the portals' ports."""
    file = folder + "/capture.pcapng"
    tshark = subprocess.Popen(["tshark", "-i", "lo", "-f", "tcp", "-w", file], stderr=subprocess.PIPE, text=True)
    try:
        said = ""
        while "Capture started" not in said:
            line = tshark.stderr.readline()
            if line == "":
                skip("tshark can't capture: " + said.strip())
            said += line
        held = subprocess.Popen([kit, "emulate", "connections-4"], stdout=subprocess.PIPE, text=True)
        shown = ""
        for line in held.stdout:
            shown += line
            if "Ctrl-C ends it" in line:
                break
        held.send_signal(signal.SIGINT)
        held.communicate(timeout=60)
        assert held.returncode == 0, held.returncode
        time.sleep(1)  # what was captured last is still on its way to tshark, and nothing tells when it is there
    finally:
        tshark.send_signal(signal.SIGINT)
        tshark.communicate(timeout=60)
    ports = re.findall(r"portal +127\.0\.0\.\d:(\d+)", shown)
    assert len(ports) == 4, shown
    return file, ports


def read_logins(file, ports):
    chosen = " || ".join("tcp.port==" + port for port in ports)
    decode = [word for port in ports for word in ("-d", "tcp.port==%s,iscsi" % port)]
    fields = [word for name in ("opcode", "isid", "tsih", "cid", "login.T") for word in ("-e", "iscsi." + name)]
    text = subprocess.run(["tshark", "-r", file, "-Y", "(iscsi.opcode==0x03 || iscsi.opcode==0x23) && (%s)" % chosen,
                           "-T", "fields", *fields, *decode], capture_output=True, text=True)
    assert text.returncode == 0, text.stderr
    return [line.split("\t") for line in text.stdout.splitlines()]


def main():
    if shutil.which("tshark") is None:
        skip("tshark is not installed")
    with tempfile.TemporaryDirectory() as folder:
        file, ports = capture(folder, sys.argv[1])
        logins = read_logins(file, ports)
    for login in logins:
        print(*login)
    requests = [login for login in logins if login[0] == LOGIN_REQUEST]
    responses = [login for login in logins if login[0] == LOGIN_RESPONSE]
    assert len({login[1] for login in logins}) == 1, "one ISID"
    assert {login[3] for login in requests} == {"0x0000", "0x0001", "0x0002", "0x0003"}, "four CIDs"
    # The first login asks for a new session (TSIH 0) and is given a TSIH; the others name it.
    tsihs = {login[2] for login in responses} - {"0x0000"}
    assert len(tsihs) == 1, "one TSIH"
    assert {login[2] for login in requests if login[3] != "0x0000"} == tsihs, "the others name it"


main()
