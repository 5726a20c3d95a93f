/* Usage: socket-fuse DEVICE DIRECTORY NAME
 * Mounts a FUSE of its own, for all users, with one socket file NAME that nobody is bound to, as a file system shows it that
 * has its files below it or on another machine. Says `ready PID`, and answers until it is killed. Takes root. */
#include "fuse-hang.h"

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int fuse = open(argv[1], O_RDWR | O_CLOEXEC); if (fuse < 0) die(argv[1]);
  char options[100]; snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse);
  if (mount("socket", argv[2], "fuse", 0, options)) die("mount");
  fprintf(stderr, "ready %d\n", getpid());
  static char in[1 << 17 | 4096], out[4096];
  for (;;) {
    if (read(fuse, in, sizeof in) < 0) { if (errno == EINTR || errno == ENOENT) continue; return 1; }
    struct fuse_in_header *h = (void *)in; struct fuse_out_header *o = (void *)out; memset(out, 0, sizeof out);
    void *body = out + sizeof *o; size_t size = 0; int error = 0;
    switch (h->opcode) {
    case FUSE_INIT: { struct fuse_init_in *i = (void *)(h + 1); struct fuse_init_out *r = body;
      r->major = 7; r->minor = 31; r->max_readahead = i->max_readahead; r->max_write = 4096; size = sizeof *r; break; }
    case FUSE_LOOKUP: { struct fuse_entry_out *r = body; if (strcmp((char *)(h + 1), argv[3])) { error = -ENOENT; break; }
      r->nodeid = 2; r->attr_valid = r->entry_valid = 3600; attr(&r->attr, 2); r->attr.mode = S_IFSOCK | 0777; r->attr.size = 0; size = sizeof *r; break; }
    case FUSE_GETATTR: { struct fuse_attr_out *r = body; r->attr_valid = 3600; attr(&r->attr, h->nodeid);
      if (h->nodeid == 2) r->attr.mode = S_IFSOCK | 0777; size = sizeof *r; break; }
    case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: continue;
    case FUSE_DESTROY: case FUSE_RELEASE: case FUSE_RELEASEDIR: break;
    default: error = -ENOSYS;
    }
    o->len = sizeof *o + size; o->error = error; o->unique = h->unique;
    if (write(fuse, out, o->len) < 0 && errno != ENOENT) perror("fuse write");
  }
}
