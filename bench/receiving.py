"""receiving.py PATH: what `peerpid listen --type dgram --json PATH` does for each datagram, in Python.

receiving.py --bare SECONDS: receives from itself, and prints how many datagrams a second it could take.
Python has no recvmmsg(2), so a batch is what recvmsg(2) gives until there is no more, 64 at most.
"""

import json
import os
import select
import socket
import struct
import sys
import time

import peer

PASSPIDFD, PIDFD, MOST = 76, 4, 64
FLAGS = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC | socket.MSG_TRUNC


def ask_for_senders(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    sock.setsockopt(socket.SOL_SOCKET, PASSPIDFD, 1)


def receive(sock):
    messages = []
    while len(messages) < MOST:
        try:
            data, control, _, _ = sock.recvmsg(65536, 4096, FLAGS)
        except BlockingIOError:
            break
        credential = pidfd = None
        for level, kind, value in control:
            if level != socket.SOL_SOCKET:
                continue
            if kind == socket.SCM_CREDENTIALS:
                credential = struct.unpack("iII", value)
            elif kind == PIDFD:
                pidfd = struct.unpack("i", value)[0]
        messages.append((data, credential, pidfd))
    return messages


def lines(messages):
    """Of the batch each sender is looked at once."""
    looks = {}
    for data, (pid, uid, gid), pidfd in messages:
        key = os.fstat(pidfd).st_ino, pid
        if key not in looks:
            looks[key] = peer.look(pid, pidfd, key[0])
        event = {
            "time": peer.iso(time.time()),
            "event": "message",
            "bytes": len(data),
            "preview": peer.text(data[:64]),
            "credential": {"pid": pid, "uid": uid, "gid": gid},
            **looks[key],
        }
        yield json.dumps(event) + "\n"
        os.close(pidfd)


def bare(seconds):
    """Only receiving is timed, not the sending before it."""
    receiver, sender = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ask_for_senders(receiver)
    sender.setblocking(False)
    spent, received = 0, 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            while True:
                sender.send(b"a small datagram")
        except BlockingIOError:
            pass
        start = time.monotonic()
        while messages := receive(receiver):
            for _, _, pidfd in messages:
                os.close(pidfd)
            received += len(messages)
        spent += time.monotonic() - start
    print(round(received / spent))


if sys.argv[1] == "--bare":
    bare(float(sys.argv[2]))
    sys.exit()
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
ask_for_senders(receiver)
receiver.bind(sys.argv[1])
poll = select.poll()
poll.register(receiver, select.POLLIN)
while True:
    poll.poll()
    os.write(1, "".join(lines(receive(receiver))).encode())
