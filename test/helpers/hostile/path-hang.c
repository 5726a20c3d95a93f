/* Usage: path-hang DEVICE DIRECTORY NUMBER silent|reading
 * Listens on NUMBER sockets DIRECTORY/sN of a FUSE of its own, for all users, and says `ready PID`. Then nothing that is
 * asked of the FUSE is answered: it is not read either (silent: who waits can be killed), or it is (reading: who waits
 * cannot be killed before the FUSE ends). Names are not cached, so that each look asks. Takes root. */
#include "fuse-hang.h"
#include <poll.h>

static int answer(int fd, const char *in, int *bound) {
  static char out[4096]; struct fuse_in_header *h = (void *)in; struct fuse_out_header *o = (void *)out;
  void *body = out + sizeof *o; size_t size = 0; int error = 0; memset(out, 0, sizeof out);
  struct fuse_entry_out *entry = body;
  switch (h->opcode) {
  case FUSE_INIT: { struct fuse_init_in *i = (void *)(h + 1); struct fuse_init_out *r = body;
    r->major = 7; r->minor = 31; r->max_readahead = i->max_readahead; r->max_write = 4096; size = sizeof *r; break; }
  case FUSE_LOOKUP: error = -ENOENT; break;
  case FUSE_MKNOD: entry->nodeid = 2 + (*bound)++; attr(&entry->attr, entry->nodeid); entry->attr.mode = S_IFSOCK | 0777;
    entry->attr_valid = 3600; size = sizeof *entry; break;
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
  char options[100]; snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse);
  if (mount("hang", argv[2], "fuse", 0, options)) die("mount");
  int done[2]; if (pipe(done)) die("pipe");
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    for (int n = 0; n < number; n++) {
      struct sockaddr_un a = {.sun_family = AF_UNIX}; snprintf(a.sun_path, sizeof a.sun_path, "%s/s%d", argv[2], n);
      int s = socket(AF_UNIX, SOCK_STREAM, 0); if (bind(s, (void *)&a, sizeof a)) die("bind"); if (listen(s, 10)) die("listen");
    }
    write(done[1], "", 1);
    pause();
  }
  static char in[1 << 17 | 4096]; int bound = 0;
  for (;;) {
    struct pollfd p[] = {{.fd = fuse, .events = POLLIN}, {.fd = done[0], .events = POLLIN}}; poll(p, 2, -1);
    if (p[1].revents) break;
    if (read(fuse, in, sizeof in) > 0) answer(fuse, in, &bound);
  }
  fprintf(stderr, "ready %d\n", getpid());
  if (strcmp(argv[4], "reading") == 0) while (read(fuse, in, sizeof in) > 0) fprintf(stderr, "fuse: %d is never answered\n", ((struct fuse_in_header *)in)->opcode);
  pause();
}
