"""inspecting.py PATH: what `peerpid inspect --json PATH` does, in Python."""

import json
import os
import socket
import struct
import sys

import peer


def inode_of(file):
    """The inode of the listener that is bound to the file: a dump of all that listen, as peerpid asks for."""
    found = None
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)
    netlink.send(struct.pack("IHHII", 40, 20, 0x301, 0, 0) + struct.pack("BBHIIIII", 1, 0, 0, 1 << 10, 0, 23, 2**32 - 1, 2**32 - 1))
    while True:
        buffer = netlink.recv(65536)
        at = 0
        while at + 16 <= len(buffer):
            size, kind = struct.unpack_from("IH", buffer, at)
            if kind in (2, 3):
                netlink.close()
                return found
            inode = struct.unpack_from("I", buffer, at + 20)[0]
            attribute = at + 32
            while attribute + 4 <= at + size:
                length, name = struct.unpack_from("HH", buffer, attribute)
                if name == 1 and struct.unpack_from("I", buffer, attribute + 4)[0] == file.st_ino:
                    found = inode
                attribute += (length + 3) & ~3
            at += (size + 3) & ~3


def holders(inode):
    wanted = f"socket:[{inode}]"
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            names = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        fds = []
        for name in names:
            try:
                if os.readlink(f"/proc/{pid}/fd/{name}") == wanted:
                    fds.append(int(name))
            except OSError:
                pass
        if fds:
            pidfd = os.pidfd_open(int(pid))
            peer.read(f"/proc/{pid}/stat")
            if peer.info(pidfd) == int(pid):
                found.append({"pid": int(pid), "pidfdId": os.fstat(pidfd).st_ino, "fds": fds})
            os.close(pidfd)
    return found


path = sys.argv[1]
file = os.stat(path)
sock = socket.socket(socket.AF_UNIX)
sock.connect(path)
inode = inode_of(file)
document, _, _ = peer.peer(sock, {})
about = {"address": path, "type": "stream", "state": "listening", "inode": inode, "mode": f"{file.st_mode & 0o7777:04o}"}
print(json.dumps({"socket": about, **document, "holders": holders(inode)}))
