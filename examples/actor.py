#!/usr/bin/python3
"""A process of a recipe: a service or a client, called as its file is, which does what it reads line by line.

It answers each line with `ok`, or with an error, which it also writes into its log, as services do.
"""
import grp
import os
import resource
import signal
import socket
import struct
import sys

kept = []
name = os.path.basename(sys.argv[0])


def address(text):
    return "\0" + text[1:] if text.startswith("@") else text


def listen(path, backlog="128"):
    server = socket.socket(socket.AF_UNIX)
    server.bind(address(path))
    server.listen(int(backlog))
    kept.append(server)


def receive(path):
    """Bind a datagram socket that asks for the credential of each sender."""
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    receiver.bind(address(path))
    kept.append(receiver)


def connect(path, kind="stream"):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if kind == "dgram" else socket.SOCK_STREAM)
    client.connect(address(path))
    kept.append(client)


def try_to_connect(path):
    """Connect as programs do that wait for nothing."""
    client = socket.socket(socket.AF_UNIX)
    client.setblocking(False)
    kept.append(client)
    client.connect(address(path))


def ask_for_senders():
    kept[0].setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)


def send(text):
    kept[-1].send(text.encode())


def accept():
    connection, _ = kept[0].accept()
    kept.append(connection)


def remove(path):
    """What a service does before bind(2) that clears away what its last run left there."""
    os.unlink(path)


def owned(path, group, mode):
    os.chown(path, -1, grp.getgrnam(group).gr_gid)
    os.chmod(path, int(mode, 8))


def names_of_client():
    """Look the client up by its PID, as services do."""
    pid, _, _ = struct.unpack("3i", kept[-1].getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    os.readlink(f"/proc/{pid}/exe")


def use_up_descriptors(limit):
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(limit), int(limit)))
    try:
        while True:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass


def join_bus(path):
    """Say hello to a message bus, which gives a name."""
    connect(path)
    bus = kept[-1]
    uid = str(os.getuid()).encode().hex().encode()
    bus.sendall(b"\0AUTH EXTERNAL " + uid + b"\r\n")
    bus.recv(1000)
    name_of_bus = b"org.freedesktop.DBus"
    fields = b""
    for code, kind, value in (1, b"o", b"/"), (6, b"s", name_of_bus), (2, b"s", name_of_bus), (3, b"s", b"Hello"):
        fields += b"\0" * (-len(fields) % 8)
        fields += bytes([code, 1]) + kind + b"\0" + struct.pack("<I", len(value)) + value + b"\0"
    header = struct.pack("<BBBBIII", ord("l"), 1, 0, 1, 0, 1, len(fields)) + fields
    bus.sendall(b"BEGIN\r\n" + header + b"\0" * (-len(header) % 8))
    bus.recv(1000)


def leave():
    """End, and leave all descriptors to a child, as a daemon does."""
    if os.fork() > 0:
        os._exit(0)
    signal.pause()


def end():
    os._exit(0)


def obey(line):
    verb, *words = line.split()
    commands[verb](*words)


commands = {
    "listen": listen,
    "receive": receive,
    "connect": connect,
    "try-to-connect": try_to_connect,
    "accept": accept,
    "ask-for-senders": ask_for_senders,
    "send": send,
    "remove": remove,
    "owned": owned,
    "end": end,
    "join-bus": join_bus,
    "leave": leave,
    "names-of-client": names_of_client,
    "use-up-descriptors": use_up_descriptors,
}

# Before descriptors run out
log = open(f"/tmp/{name}.log", "a", encoding="utf8")
print("ready", flush=True)
for line in sys.stdin:
    try:
        obey(line)
        print("ok", flush=True)
    except OSError as error:
        print(error, flush=True)
        print(f"{name}: {error}", file=log, flush=True)
