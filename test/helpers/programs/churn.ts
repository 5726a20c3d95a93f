/** Connects, passes, forks and ends some hundred times a second; all its processes are `churn…`. */
export const churn = `
import os, socket, sys, time, random, select, ctypes
name = b'\\0' + sys.argv[1].encode()
server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen(64); server.setblocking(False)
libc = ctypes.CDLL(None)
libc.prctl(15, b'churn-server')
print('ready', flush=True)
deadline = time.time() + 25
children, held = set(), []
def client():
    libc.prctl(15, b'churn-client')
    random.seed(os.getpid() * time.time_ns())
    s = socket.socket(socket.AF_UNIX); s.connect(name)
    kind = random.random()
    if kind < .3: time.sleep(random.random() * .02)
    elif kind < .5:
        a, b = socket.socketpair()
        socket.send_fds(s, [b'x'], [a.fileno()])
        time.sleep(.005)
    elif kind < .6 and os.fork() == 0: time.sleep(.02)
while time.time() < deadline and not select.select([0], [], [], .002)[0]:
    while len(children) < 10:
        pid = os.fork()
        if pid == 0:
            try: client()
            finally: os._exit(3)
        children.add(pid)
    try: held.append(server.accept()[0])
    except BlockingIOError: pass
    while len(held) > 20:
        connection = held.pop(random.randrange(len(held)))
        try:
            for fd in socket.recv_fds(connection, 8, 4, socket.MSG_DONTWAIT)[1]: os.close(fd)
        except OSError: pass
        connection.close()
    try:
        while True:
            pid = os.waitpid(-1, os.WNOHANG)[0]
            if pid == 0: break
            children.discard(pid)
    except ChildProcessError: pass
for pid in children: os.kill(pid, 9)
`;

/** Puts other files at its descriptors all the time: a pipe that nobody writes, a file, TCP, other local sockets. */
export const swapper = `
import os, socket, sys, time, select, ctypes
ctypes.CDLL(None).prctl(15, b'swap\\x1b[31m\\n)')
server = socket.socket(socket.AF_UNIX); server.bind(b'\\0' + sys.argv[1].encode()); server.listen(5)
a, b = socket.socketpair()
files = [server.fileno(), os.pipe()[0], os.open('/etc/passwd', os.O_RDONLY), socket.socket().fileno(), a.fileno(), b.fileno()]
slots = [os.dup(0) for _ in range(60)]
print('ready', flush=True)
deadline = time.time() + 15
turn = 0
while time.time() < deadline and not select.select([0], [], [], 0)[0]:
    for _ in range(20):
        for slot in slots:
            os.dup2(files[turn % 6], slot)
            turn += 1
        turn += 1
`;
