/* Usage: path-hang DEVICE DIRECTORY NUMBER silent|reading|permission|later
 * Listens on NUMBER sockets DIRECTORY/sN of a FUSE of its own, for all users, and says `ready PID`. Then nothing that is
 * asked of the FUSE is answered: it is not read either (silent: who waits can be killed), or it is (reading: who waits
 * cannot be killed before the FUSE ends). Names are not cached, so that each look asks. permission: as silent, but names are
 * cached, and only the mode of a file is asked for when somebody connects to it (default_permissions). later: as silent, but from
 * SIGUSR1 on, at which it says `silent`; names are cached. Takes root. */
#include "fuse-hang.h"
#include <poll.h>

static int permission, cached;
static volatile sig_atomic_t hangs;
static void hang(int _) { hangs = 1; }

static int answer(int fd, const char *in, int *bound) {
  static char out[4096]; struct fuse_in_header *h = (void *)in; struct fuse_out_header *o = (void *)out;
  void *body = out + sizeof *o; size_t size = 0; int error = 0; memset(out, 0, sizeof out);
  struct fuse_entry_out *entry = body;
  switch (h->opcode) {
  case FUSE_INIT: { struct fuse_init_in *i = (void *)(h + 1); struct fuse_init_out *r = body;
    r->major = 7; r->minor = 31; r->max_readahead = i->max_readahead; r->max_write = 4096; size = sizeof *r; break; }
  case FUSE_LOOKUP: error = -ENOENT; break;
  case FUSE_MKNOD: entry->nodeid = 2 + (*bound)++; attr(&entry->attr, entry->nodeid); entry->attr.mode = S_IFSOCK | 0777;
    entry->attr_valid = permission ? 0 : 3600; entry->entry_valid = cached ? 3600 : 0; size = sizeof *entry; break;
  case FUSE_GETATTR: { struct fuse_attr_out *r = body; r->attr_valid = 3600; attr(&r->attr, h->nodeid); size = sizeof *r; break; }
  case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: return 0;
  default: error = -ENOSYS;
  }
  o->len = sizeof *o + size; o->error = error; o->unique = h->unique;
  return write(fd, out, o->len);
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  int number = atoi(argv[3]), fuse = open(argv[1], O_RDWR | O_CLOEXEC); if (fuse < 0) die(argv[1]);
  permission = strcmp(argv[4], "permission") == 0; int later = strcmp(argv[4], "later") == 0; cached = permission || later;
  struct sigaction usr1 = {.sa_handler = hang}; sigaction(SIGUSR1, &usr1, NULL);
  char options[100]; snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other%s", fuse, permission ? ",default_permissions" : "");
  if (mount("hang", argv[2], "fuse", 0, options)) die("mount");
  int done[2]; if (pipe(done)) die("pipe");
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    for (int n = 0; n < number; n++) {
      struct sockaddr_un a = {.sun_family = AF_UNIX}; snprintf(a.sun_path, sizeof a.sun_path, "%s/s%d", argv[2], n);
      int s = socket(AF_UNIX, SOCK_STREAM, 0); if (bind(s, (void *)&a, sizeof a)) die("bind"); if (listen(s, 10)) die("listen");
    }
    struct stat of; if (stat(argv[2], &of)) die("stat"); // The mode of the directory, which each bind had forgotten
    write(done[1], "", 1);
    for (;;) pause();
  }
  static char in[1 << 17 | 4096]; int bound = 0;
  for (;;) {
    struct pollfd p[] = {{.fd = fuse, .events = POLLIN}, {.fd = done[0], .events = POLLIN}}; poll(p, 2, -1);
    if (hangs) { fprintf(stderr, "silent\n"); break; }
    if (p[1].revents & POLLIN) {
      fprintf(stderr, "ready %d\n", getpid());
      if (!later) break;
      char byte; if (read(done[0], &byte, 1) != 1) die("read");
    }
    if (!(p[0].revents & POLLIN)) continue;
    if (read(fuse, in, sizeof in) > 0) answer(fuse, in, &bound);
  }
  if (strcmp(argv[4], "reading") == 0) while (read(fuse, in, sizeof in) > 0) fprintf(stderr, "fuse: %d is never answered\n", ((struct fuse_in_header *)in)->opcode);
  for (;;) pause();
}
