"""listening.py PATH: what `peerpid listen --json PATH` does for each connection, in Python."""

import fcntl
import json
import os
import select
import socket
import struct
import sys
import time

import peer

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(65535)
listener.setblocking(False)
epoll = select.epoll()
epoll.register(listener, select.EPOLLIN)
connections = {}
processes = {}
known = set()
accepted = 0
pending = []


def say(event, number, **rest):
    pending.append(json.dumps({"time": peer.iso(time.time()), "event": event, "connection": number, **rest}))


def accept_some():
    global accepted
    together = []
    while len(together) < 64:
        try:
            together.append(listener.accept()[0])
        except BlockingIOError:
            break
    looks = {}
    for sock in together:
        sock.setblocking(False)
        accepted += 1
        connections[sock.fileno()] = (accepted, sock)
        epoll.register(sock, select.EPOLLIN | select.EPOLLRDHUP)
        inode = os.fstat(sock.fileno()).st_ino
        document, pidfd, pidfd_id = peer.peer(sock, looks)
        say("connection", accepted, socket={"type": "stream", "state": "connected", "inode": inode}, **document)
        if pidfd_id in known:
            os.close(pidfd)
        else:
            known.add(pidfd_id)
            processes[pidfd] = (accepted, pidfd_id)
            epoll.register(pidfd, select.EPOLLIN)


while True:
    for fd, _ in epoll.poll(maxevents=64):
        if fd == listener.fileno():
            accept_some()
        elif fd in connections:
            number, sock = connections[fd]
            if sock.recv(65536):
                continue
            say("disconnect", number)
            epoll.unregister(fd)
            sock.close()
            del connections[fd]
        elif fd in processes:
            number, pidfd_id = processes.pop(fd)
            try:
                status = struct.unpack_from("i", fcntl.ioctl(fd, peer.GET_INFO, struct.pack("Q56x", 12)), 60)[0]
            except OSError:
                status = None
            say("exit", number, waitStatus=status)
            known.discard(pidfd_id)
            epoll.unregister(fd)
            os.close(fd)
    if pending:
        os.write(1, ("\n".join(pending) + "\n").encode())
        pending.clear()
