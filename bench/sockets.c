// sockets PROCESSES SOCKETS PATH: processes that each hold so many connected stream sockets, until standard input ends.
//
// Half are socketpairs, both ends in one process. Half are connections, from
// each process to the next one's listener at PATH.N, so that there are
// addresses, and ends in two processes. Prints "ready" when all are connected.
#define _GNU_SOURCE  // accept4(2)
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_un address_of(const char *path, int process) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int length = snprintf(address.sun_path, sizeof address.sun_path, "%s.%d", path, process);
  if (length >= (int)sizeof address.sun_path) exit(2);
  return address;
}

static void must(int result, const char *what) {
  if (result >= 0) return;
  perror(what);
  exit(1);
}

/** Says "done" by one byte, and waits for the others by the end of file. */
static void hold(int process, int processes, int sockets, const char *path, int done, int go) {
  struct sockaddr_un own = address_of(path, process), next = address_of(path, (process + 1) % processes);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(bind(listener, (const void *)&own, sizeof own), own.sun_path);
  must(listen(listener, sockets), "listen");
  must(write(done, "", 1), "write");
  char none;
  must(read(go, &none, 1), "read");
  close(go);
  for (int i = 0; i < sockets / 4; i++) {
    int pair[2], client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
    // They wait in the other's backlog until it gets there
    must(connect(client, (const void *)&next, sizeof next), next.sun_path);
  }
  for (int i = 0; i < sockets / 4; i++) must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
  must(write(done, "", 1), "write");
  close(done);
  for (;;) pause();
}

/** As many bytes as there are processes. */
static void await_all(int done, int processes) {
  char bytes[512];
  for (ssize_t got; processes > 0; processes -= (int)got)
    if ((got = read(done, bytes, (size_t)processes < sizeof bytes ? (size_t)processes : sizeof bytes)) <= 0) exit(1);
}

static void on_child(int signal) {
  (void)signal;
  _exit(1);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int processes = atoi(argv[1]), sockets = atoi(argv[2]);
  // A connection waits in the backlog until it is accepted, and more than somaxconn would wait for each other
  if (processes < 1 || sockets < 4 || sockets % 4 != 0 || sockets / 4 > 4096) return 2;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  // A child that ends has failed, and then there is nothing to measure; the others die with their parent
  signal(SIGCHLD, on_child);
  int done[2], go[2];
  must(pipe(done), "pipe");
  must(pipe(go), "pipe");
  pid_t parent = getpid();
  pid_t *children = calloc(processes, sizeof *children);
  for (int i = 0; i < processes; i++) {
    must(children[i] = fork(), "fork");
    if (children[i] > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    close(done[0]);
    close(go[1]);
    hold(i, processes, sockets, argv[3], done[1], go[0]);
  }
  close(done[1]);
  close(go[0]);
  await_all(done[0], processes);
  close(go[1]);
  await_all(done[0], processes);
  puts("ready");
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {}
  signal(SIGCHLD, SIG_DFL);
  for (int i = 0; i < processes; i++) kill(children[i], SIGKILL);
  while (wait(NULL) > 0) {}
}
