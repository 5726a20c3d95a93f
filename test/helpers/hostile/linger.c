/* Usage: linger SOCKET stream|dgram|oob|serve COUNT
 *   sends COUNT messages, each with a TCP socket whose last close(2) waits for an hour: SO_LINGER waits until all is sent,
 *   and the other end, which this program has open, takes nothing. oob: with MSG_OOB, on a stream, and something after it.
 *   serve: listens there, and sends each of COUNT clients one. Then it waits to be ended. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void die(const char *what) { perror(what); exit(1); }

static const int small = 4096;

static int lingering(int listener) {
  struct sockaddr_in a; socklen_t n = sizeof a; if (getsockname(listener, (void *)&a, &n)) die("getsockname");
  int s = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(s, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  struct linger hour = {1, 3600}; if (setsockopt(s, SOL_SOCKET, SO_LINGER, &hour, sizeof hour)) die("SO_LINGER");
  if (connect(s, (void *)&a, sizeof a)) die("connect to ourselves");
  if (accept(listener, 0, 0) < 0) die("accept from ourselves");
  static char much[65536]; while (send(s, much, sizeof much, MSG_DONTWAIT) > 0);
  return s;
}

/* Sends it, and so leaves the receiver as the last that has it. */
static int pass(int s, int fd, int flags) {
  char control[CMSG_SPACE(sizeof fd)]; struct iovec v = {"!", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m); c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
  if (sendmsg(s, &m, flags | MSG_NOSIGNAL) < 0) return -1;
  close(fd);
  if (flags && send(s, "after", 5, 0) < 0) die("send");
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  struct rlimit all; getrlimit(RLIMIT_NOFILE, &all); all.rlim_cur = all.rlim_max; setrlimit(RLIMIT_NOFILE, &all);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (listen(listener, 16)) die("listen");
  struct sockaddr_un a = {.sun_family = AF_UNIX}; strncpy(a.sun_path, argv[1], sizeof a.sun_path - 1);
  int s = socket(AF_UNIX, strcmp(argv[2], "dgram") ? SOCK_STREAM : SOCK_DGRAM, 0), count = atoi(argv[3]);
  if (!strcmp(argv[2], "serve")) {
    if (bind(s, (void *)&a, sizeof a) || listen(s, 16)) die("bind");
    fprintf(stderr, "listens\n");
    while (count-- > 0) {
      int fd = lingering(listener), client = accept(s, 0, 0); if (client < 0) die("accept");
      fprintf(stderr, pass(client, fd, 0) ? "too late\n" : "sent\n");
    }
  } else {
    if (connect(s, (void *)&a, sizeof a)) die("connect");
    while (count-- > 0) if (pass(s, lingering(listener), strcmp(argv[2], "oob") ? 0 : MSG_OOB)) die("sendmsg");
    fprintf(stderr, "sent all\n");
  }
  pause();
}
