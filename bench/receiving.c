// receiving PATH: what `peerpid listen --type dgram --json PATH` does for each datagram, in C
// receiving --bare SECONDS: receives from itself, and prints how many datagrams a second it could take
#include "peer.h"

enum { PASSPIDFD = 76, PIDFD = 4, MOST = 64, ROOM = 65536, CONTROL_ROOM = 4096 };

static struct mmsghdr headers[MOST];
static struct iovec vectors[MOST];
static struct sockaddr_un names[MOST];
static char (*data)[ROOM], (*controls)[CONTROL_ROOM];

static void ask_for_senders(int fd) {
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, PASSPIDFD, &on, sizeof on);
}

static void make_room(void) {
  data = malloc(MOST * sizeof *data);
  controls = malloc(MOST * sizeof *controls);
  for (int i = 0; i < MOST; i++) {
    vectors[i] = (struct iovec){data[i], ROOM};
    headers[i].msg_hdr = (struct msghdr){.msg_name = &names[i],
                                         .msg_iov = &vectors[i],
                                         .msg_iovlen = 1,
                                         .msg_control = controls[i]};
  }
}

static int receive(int fd) {
  for (int i = 0; i < MOST; i++) {
    headers[i].msg_hdr.msg_namelen = sizeof *names;
    headers[i].msg_hdr.msg_controllen = CONTROL_ROOM;
  }
  return recvmmsg(fd, headers, MOST, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC, NULL);
}

static int sender_of(struct msghdr *message, struct ucred *credential) {
  int pidfd = -1;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_CREDENTIALS) memcpy(credential, CMSG_DATA(c), sizeof *credential);
    if (c->cmsg_type == PIDFD) memcpy(&pidfd, CMSG_DATA(c), sizeof pidfd);
  }
  return pidfd;
}

/** Of the batch: each sender is looked at once. */
static struct look *looks;
static int looked;

static struct look *look_of(int pidfd, int number) {
  unsigned long id = id_of(pidfd);
  for (int i = 0; i < looked; i++)
    if (looks[i].id == id && looks[i].number == number) return &looks[i];
  struct look *look = &looks[looked++];
  look_at(pidfd, id, number, look);
  return look;
}

static void say_message(struct mmsghdr *header) {
  struct ucred credential = {0};
  int pidfd = sender_of(&header->msg_hdr, &credential);
  struct look *look = look_of(pidfd, credential.pid);
  say("{\"time\":");
  say_now();
  say(",\"event\":\"message\",\"bytes\":%u,\"preview\":", header->msg_len);
  say_string(header->msg_hdr.msg_iov->iov_base, header->msg_len < 64 ? header->msg_len : 64);
  say(",\"credential\":{\"pid\":%d,\"uid\":%u,\"gid\":%u}", credential.pid, credential.uid, credential.gid);
  say_look(look);
  say("}\n");
  close(pidfd);
  if (used > sizeof out / 2) flush_out();
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

/** Only receiving is timed, not the sending before it. */
static void bare(double seconds) {
  int pair[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  ask_for_senders(pair[0]);
  double spent = 0;
  long received = 0;
  for (double end = seconds_now() + seconds; seconds_now() < end;) {
    while (send(pair[1], "a small datagram", 16, MSG_DONTWAIT) == 16) {}
    double start = seconds_now();
    for (int count; (count = receive(pair[0])) > 0; received += count) {
      for (int i = 0; i < count; i++) {
        struct ucred credential;
        close(sender_of(&headers[i].msg_hdr, &credential));
      }
    }
    spent += seconds_now() - start;
  }
  printf("%.0f\n", received / spent);
}

int main(int argc, char **argv) {
  make_room();
  if (argc == 3 && strcmp(argv[1], "--bare") == 0) return bare(atof(argv[2])), 0;
  if (argc != 2) return 2;
  learn_system();
  looks = malloc(MOST * sizeof *looks);
  struct sockaddr_un address = address_of(argv[1]);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ask_for_senders(fd);
  if (bind(fd, (void *)&address, sizeof address) < 0) return 1;
  for (;;) {
    struct pollfd entry = {fd, POLLIN, 0};
    poll(&entry, 1, -1);
    int count = receive(fd);
    looked = 0;
    for (int i = 0; i < count; i++) say_message(&headers[i]);
    flush_out();
  }
}
