// listening PATH: what `peerpid listen --json PATH` does for each connection, in C
#include "peer.h"

#include <sys/epoll.h>

enum { ACCEPTED_PER_TURN = 64, MOST_FDS = 1 << 16 };

/** What a descriptor that epoll tells of is. */
static struct {
  enum { NOTHING, LISTENER, CONNECTION, PROCESS } kind;
  int number;
  unsigned long id;
} watched[MOST_FDS];

static int epoll, accepted;
static int process_fds[4096], processes;

static void watch(int fd, int kind, int number, unsigned long id) {
  if (fd >= MOST_FDS) exit(1);
  watched[fd].kind = kind;
  watched[fd].number = number;
  watched[fd].id = id;
  struct epoll_event event = {EPOLLIN | EPOLLRDHUP, {.fd = fd}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void forget(int fd) {
  watched[fd].kind = NOTHING;
  epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
  close(fd);
}

static void say_event(const char *event, int number) {
  say("{\"time\":");
  say_now();
  say(",\"event\":\"%s\",\"connection\":%d", event, number);
}

/** One pidfd a process, however many connections it makes. */
static void watch_process(int pidfd, unsigned long id) {
  for (int i = 0; i < processes; i++) {
    if (watched[process_fds[i]].id == id) {
      close(pidfd);
      return;
    }
  }
  if (processes == 4096) exit(1);
  process_fds[processes++] = pidfd;
  watch(pidfd, PROCESS, accepted, id);
}

static void accept_some(int listener) {
  static struct look looks[ACCEPTED_PER_TURN];
  int together[ACCEPTED_PER_TURN], count = 0, looked = 0;
  while (count < ACCEPTED_PER_TURN) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) break;
    together[count++] = fd;
  }
  for (int i = 0; i < count; i++) {
    int fd = together[i];
    watch(fd, CONNECTION, ++accepted, 0);
    struct sockaddr_un name;
    socklen_t length = sizeof name;
    getpeername(fd, (void *)&name, &length);
    struct stat stat;
    fstat(fd, &stat);
    say_event("connection", accepted);
    say(",\"socket\":{\"type\":\"stream\",\"state\":\"connected\",\"inode\":%lu},", stat.st_ino);
    unsigned long id;
    int pidfd = say_peer(fd, &id, looks, &looked);
    say("}\n");
    watch_process(pidfd, id);
    if (used > sizeof out / 2) flush_out();
  }
}

static void receive(int fd) {
  static char buffer[65536];
  if (recv(fd, buffer, sizeof buffer, MSG_DONTWAIT) > 0) return;
  say_event("disconnect", watched[fd].number);
  say("}\n");
  forget(fd);
}

static void process_ended(int fd) {
  struct pidfd_info info = {.mask = INFO_EXIT | INFO_CGROUPID};
  ioctl(fd, GET_INFO, &info);
  say_event("exit", watched[fd].number);
  say(",\"waitStatus\":%d}\n", info.exit_code);
  for (int i = 0; i < processes; i++)
    if (process_fds[i] == fd) process_fds[i--] = process_fds[--processes];
  forget(fd);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  learn_system();
  struct sockaddr_un address = address_of(argv[1]);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind(listener, (void *)&address, sizeof address) < 0 || listen(listener, 65535) < 0) return 1;
  epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(listener, LISTENER, 0, 0);
  for (;;) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (watched[fd].kind == LISTENER) accept_some(fd);
      else if (watched[fd].kind == CONNECTION) receive(fd);
      else if (watched[fd].kind == PROCESS) process_ended(fd);
    }
    flush_out();
  }
}
