#!/usr/bin/env python3
"""confined.py UNIT COMMAND...: runs the command as a systemd service of that unit may run: with its system calls and
address families and no others, no memory that is both written and executed, no new privileges, as nobody. What needs
systemd itself (its view of the file system) is left out."""
import ctypes
import os
import re
import socket
import subprocess
import sys

ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM)
EQUAL = 4  # SCMP_CMP_EQ
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
NOBODY = 65534


class Compare(ctypes.Structure):  # struct scmp_arg_cmp
    _fields_ = [("argument", ctypes.c_uint), ("how", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def settings(unit, key):
    return re.findall(rf"^{key}=(.*)$", unit, re.M)


def calls_of(name):
    """The system calls of a set, or the one of that name."""
    if not name.startswith("@"):
        return {name}
    said = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout
    inside = [line.strip() for line in said.splitlines()[1:]]
    return set().union(*(calls_of(each) for each in inside if each and not each.startswith("#")))


def allowed_calls(unit):
    """As systemd.exec(5) has it: the first list says what may be, those with ~ take from it."""
    allowed = set(calls_of("@default"))
    for line in settings(unit, "SystemCallFilter"):
        names = set().union(*(calls_of(name) for name in line.lstrip("~").split()))
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def confine(unit):
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(REFUSE))
    families = [getattr(socket, name) for line in settings(unit, "RestrictAddressFamilies") for name in line.split()]
    allowed = allowed_calls(unit)
    for name in sorted(allowed):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            continue  # not of this machine
        rules = [Compare(0, EQUAL, family, 0) for family in families] if name == "socket" else [None]
        for rule in rules:
            count = 0 if rule is None else 1
            if library.seccomp_rule_add_array(context, ALLOW, number, count, rule and ctypes.byref(rule)) != 0:
                sys.exit(f"confined.py: no rule for {name}")
    ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0)  # Linux 6.3 and up
    if library.seccomp_load(context) != 0:
        sys.exit("confined.py: the kernel takes no filter")


def main():
    with open(sys.argv[1]) as file:
        unit = file.read()
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    confine(unit)
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
