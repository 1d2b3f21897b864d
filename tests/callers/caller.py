#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What caller.c does, in Python: makes a portal known, looks for targets, logs in, lists, and logs out.

    caller.py LIBRARY ADDRESS PORT TARGET [USER PASSWORD]

It prints "logged in" and waits for a line on its standard input; at the end it prints "logged out".
"""
import ctypes
import sys
from ctypes import POINTER, Structure, byref, c_char, c_char_p, c_uint16, c_uint32, c_uint64, c_uint8, c_void_p

INSUFFICIENT_BUFFER = 122
INVALID_SESSION_ID = 0xEFFF001C
ANY_PORT = 0xFFFFFFFF


class UniqueId(Structure):
    _fields_ = [("adapter_unique", c_uint64), ("adapter_specific", c_uint64)]

    def __eq__(self, other):
        return bytes(self) == bytes(other)


class Portal(Structure):
    _fields_ = [("symbolic_name", c_char * 256), ("address", c_char * 256), ("socket", c_uint16)]


class LoginOptions(Structure):
    _fields_ = [("version", c_uint32), ("information_specified", c_uint32), ("login_flags", c_uint32),
                ("auth_type", c_uint32), ("header_digest", c_uint32), ("data_digest", c_uint32),
                ("maximum_connections", c_uint32), ("default_time2wait", c_uint32),
                ("default_time2retain", c_uint32), ("username_length", c_uint32),
                ("password_length", c_uint32), ("username", c_char_p), ("password", c_char_p)]


class Connection(Structure):
    _fields_ = [("connection_id", UniqueId), ("initiator_address", c_char_p), ("target_address", c_char_p),
                ("initiator_socket", c_uint16), ("target_socket", c_uint16), ("cid", c_uint8 * 2)]


class Session(Structure):
    _fields_ = [("session_id", UniqueId), ("initiator_name", c_char_p), ("target_node_name", c_char_p),
                ("target_name", c_char_p), ("isid", c_uint8 * 6), ("tsid", c_uint8 * 2),
                ("connection_count", c_uint32), ("connections", POINTER(Connection))]


class Version(Structure):
    _fields_ = [("major", c_uint32), ("minor", c_uint32), ("build", c_uint32)]


class Device(Structure):
    _fields_ = [("initiator_name", c_char * 256), ("target_name", c_char * 224), ("address_length", c_uint32),
                ("port", c_uint8), ("path", c_uint8), ("target", c_uint8), ("lun", c_uint8),
                ("interface_type", c_uint32 * 4), ("interface_name", c_char * 260), ("legacy_name", c_char * 260),
                ("device_type", c_uint32), ("device_number", c_uint32), ("partition_number", c_uint32),
                ("device_instance", c_uint32)]


def expect(good, what, got=""):
    if not good:
        sys.exit(f"caller.py: {what}: got {got}")


def expect_status(status, what, expected=0):
    status &= 0xFFFFFFFF
    expect(status == expected, what, f"{status} (0x{status:x})")


def look_for_target(library, target):
    size = c_uint32(0)
    expect_status(library.ReportIScsiTargetsA(1, byref(size), None), "ReportIScsiTargetsA for the size",
                  INSUFFICIENT_BUFFER)
    names = ctypes.create_string_buffer(size.value)
    expect_status(library.ReportIScsiTargetsA(0, byref(size), names), "ReportIScsiTargetsA")
    expect(target in names.raw[:size.value].split(b"\0"), "the target is not reported", names.raw)


def find_session(library, session_id):
    size, count = c_uint32(0), c_uint32(0)
    status = library.GetIScsiSessionListA(byref(size), byref(count), None)
    expect(status in (0, INSUFFICIENT_BUFFER), "GetIScsiSessionListA for the size", status)
    sessions = (Session * (size.value // ctypes.sizeof(Session) + 1))()
    size = c_uint32(ctypes.sizeof(sessions))
    expect_status(library.GetIScsiSessionListA(byref(size), byref(count), sessions), "GetIScsiSessionListA")
    for session in sessions[:count.value]:
        if session.session_id == session_id:
            return session, sessions  # which holds the strings
    return None, None


def log_in(library, target, secret):
    session_id, connection_id = UniqueId(), UniqueId()
    options = LoginOptions()
    if secret:
        user, password = secret
        options = LoginOptions(information_specified=0xE0, auth_type=1, username=user, username_length=len(user),
                               password=password, password_length=len(password))
    status = library.LoginIScsiTargetA(target, 0, None, c_uint32(ANY_PORT), None, c_uint64(0), None,
                                       byref(options) if secret else None, c_uint32(0), None, 0,
                                       byref(session_id), byref(connection_id))
    expect_status(status, "LoginIScsiTargetA")
    return session_id, connection_id


def ask_devices(library, session_id, target):
    count = c_uint32(0)
    expect_status(library.GetDevicesForIScsiSessionA(byref(session_id), byref(count), None),
                  "GetDevicesForIScsiSessionA for the count", INSUFFICIENT_BUFFER)
    devices = (Device * count.value)()
    expect_status(library.GetDevicesForIScsiSessionA(byref(session_id), byref(count), devices),
                  "GetDevicesForIScsiSessionA")
    for device in devices:
        expect(device.target_name == target, "a device's target", device.target_name)
        print(f"device lun {device.lun} type {device.device_type}")


def main():
    if len(sys.argv) not in (5, 7):
        sys.exit(__doc__)
    library = ctypes.CDLL(sys.argv[1])
    address, port, target = sys.argv[2].encode(), int(sys.argv[3]), sys.argv[4].encode()
    secret = [word.encode() for word in sys.argv[5:]]
    version = Version()
    expect_status(library.GetIScsiVersionInformation(byref(version)), "GetIScsiVersionInformation")
    expect(version.major > 0, "the version", version.major)
    name = ctypes.create_string_buffer(224)
    expect_status(library.GetIScsiInitiatorNodeNameA(name), "GetIScsiInitiatorNodeNameA")
    print("initiator", name.value.decode())
    portal = Portal(address=address, socket=port)
    expect_status(library.AddIScsiSendTargetPortalA(None, c_uint32(ANY_PORT), None, c_uint64(0), byref(portal)),
                  "AddIScsiSendTargetPortalA")
    look_for_target(library, target)
    session_id, connection_id = log_in(library, target, secret)
    session, _held = find_session(library, session_id)
    expect(session is not None, "the session is not listed")
    expect(session.target_node_name == target, "its target", session.target_node_name)
    expect(session.connection_count == 1, "its connections", session.connection_count)
    expect(session.connections[0].connection_id == connection_id, "its connection has another identifier")
    expect(session.connections[0].target_socket == port, "its port", session.connections[0].target_socket)
    ask_devices(library, session_id, target)
    print("logged in", flush=True)
    expect(sys.stdin.readline() != "", "nobody said to go on")
    expect_status(library.LogoutIScsiTarget(byref(session_id)), "LogoutIScsiTarget")
    expect(find_session(library, session_id)[0] is None, "the session is still listed")
    expect_status(library.LogoutIScsiTarget(byref(session_id)), "LogoutIScsiTarget once more", INVALID_SESSION_ID)
    print("logged out")


if __name__ == "__main__":
    main()
