"""What peerpid asks of a connection's peer, call for call, and its JSON: the yardstick in Python."""

import fcntl
import os
import select
import socket
import struct
from datetime import datetime, timezone

PEERSEC, PEERGROUPS, PEERPIDFD = 31, 59, 77
GET_INFO = 0xC040FF0B
KINDS = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")


def read(path):
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        whole = b""
        while part := os.read(fd, 65536):
            whole += part
        return whole
    finally:
        os.close(fd)


def text(value):
    return value.decode("utf-8", "backslashreplace")


BOOT_ID = text(read("/proc/sys/kernel/random/boot_id")).strip().replace("-", "")
BOOT_TIME = int(read("/proc/stat").split(b"\nbtime ")[1].split(b"\n")[0])


def iso(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")


def process(pid):
    proc = f"/proc/{pid}"
    stat = read(f"{proc}/stat")
    status = dict(line.split(":\t", 1) for line in text(read(f"{proc}/status")).splitlines() if ":\t" in line)
    cmdline = read(f"{proc}/cmdline").split(b"\0")[:-1]
    exe, cwd = os.readlink(f"{proc}/exe"), os.readlink(f"{proc}/cwd")
    cgroups = text(read(f"{proc}/cgroup")).splitlines()
    login = int(read(f"{proc}/loginuid"))
    namespaces = {kind: int(os.readlink(f"{proc}/ns/{kind}")[len(kind) + 2 : -1]) for kind in KINDS}
    end = stat.rindex(b")")
    effective = int(status["CapEff"], 16)
    ids = lambda name: dict(zip(("real", "effective", "saved", "fs"), map(int, status[name].split())))
    return {
        "comm": text(stat[stat.index(b"(") + 1 : end]),
        "exe": exe,
        "cmdline": [text(argument) for argument in cmdline],
        "cwd": cwd,
        "uids": ids("Uid"),
        "gids": ids("Gid"),
        "groups": [int(group) for group in status["Groups"].split()],
        "loginUid": None if login == 0xFFFFFFFF else login,
        "startTime": iso(BOOT_TIME + int(stat[end + 2 :].split()[19]) / 100),
        "capabilities": [f"cap_{bit}" for bit in range(effective.bit_length()) if effective >> bit & 1],
        "noNewPrivs": status["NoNewPrivs"] == "1",
        "seccomp": int(status["Seccomp"]),
        "tracerPid": int(status["TracerPid"]),
        "cgroup": next((line[3:] for line in cgroups if line.startswith("0::")), None),
        "namespaces": namespaces,
    }


def ended(pidfd):
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(0))


def info(pidfd):
    try:
        answer = fcntl.ioctl(pidfd, GET_INFO, struct.pack("Q56x", 7))
    except OSError:
        return -1
    return struct.unpack_from("I", answer, 20)[0]


def option(sock, name, size):
    try:
        return sock.getsockopt(socket.SOL_SOCKET, name, size)
    except OSError:
        return b""


def look(pid, pidfd, pidfd_id):
    """The process that a pidfd pins, and who has the number: a part of the JSON."""
    had_ended, number = ended(pidfd), info(pidfd)
    same = False
    try:
        opened = os.pidfd_open(pid)
        same = os.fstat(opened).st_ino == pidfd_id
        os.close(opened)
        facts = process(pid)
    except OSError:
        facts = {}
    still = info(pidfd) == number and ended(pidfd) == had_ended and info(pidfd) == number
    names = {"pidfdId": pidfd_id, "bootId": BOOT_ID, "state": "running"}
    return {
        "byPid": {"pid": pid, **names, **facts},
        "byPidfd": {"pid": number, **names, **facts},
        "verdict": "pinned" if same and still else "exited",
    }


def peer(sock, looks):
    """The peer's part of the JSON, the pidfd, and its id. A process that is among the looks is not looked at again."""
    pid, uid, gid = struct.unpack("iII", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    pidfd = sock.getsockopt(socket.SOL_SOCKET, PEERPIDFD)
    pidfd_id = os.fstat(pidfd).st_ino
    groups = option(sock, PEERGROUPS, 1024)
    label = option(sock, PEERSEC, 256)
    if (pid, pidfd_id) not in looks:
        looks[pid, pidfd_id] = look(pid, pidfd, pidfd_id)
    document = {
        "credential": {
            "pid": pid,
            "uid": uid,
            "gid": gid,
            "groups": list(struct.unpack(f"{len(groups) // 4}I", groups)),
            "securityLabel": text(label.rstrip(b"\0")) or None,
        },
        **looks[pid, pidfd_id],
    }
    return document, pidfd, pidfd_id
