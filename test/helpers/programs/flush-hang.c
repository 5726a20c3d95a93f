/* Usage: flush-hang DEVICE DIRECTORY SOCKET [dgram]  sends one message with a descriptor of a FUSE file.
 * close(2) of it asks the FUSE to flush, and sleeps until that answers, which it never does. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) { perror(what); exit(1); }

static void put(const char *path, const char *fmt, ...) {
  char text[100]; va_list ap; va_start(ap, fmt); int n = vsnprintf(text, sizeof text, fmt, ap); va_end(ap);
  int fd = open(path, O_WRONLY); if (fd < 0 || write(fd, text, n) != n) die(path); close(fd);
}

/* Mounts it at a directory; the caller's user is "root" in there. @returns the descriptor of /dev/fuse */
static int fuse_mount(const char *device, const char *directory) {
  int uid = getuid(), gid = getgid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) die("unshare");
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", "0 %d 1", uid);
  put("/proc/self/gid_map", "0 %d 1", gid);
  /* The kernel wants it opened in the user namespace of the mount */
  int fd = open(device, O_RDWR | O_CLOEXEC); if (fd < 0) die(device);
  char options[100]; snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
  if (mount("hang", directory, "fuse", 0, options)) die("mount");
  return fd;
}

static void attr(struct fuse_attr *a, uint64_t node) {
  memset(a, 0, sizeof *a); a->ino = node; a->nlink = 1;
  a->mode = node == 1 ? S_IFDIR | 0777 : S_IFREG | 0777; a->size = node == 1 ? 0 : 1 << 20; a->blksize = 4096;
}

/* Whose FLUSH is answered. */
static pid_t fuse_friend;

/* Serves until killed. READ and FLUSH are never answered. The first open is cached, the others are not. */
static void fuse_serve(int fd) {
  int opens = 0;
  static char in[1 << 17 | 4096], out[1 << 17 | 4096];
  for (;;) {
    ssize_t n = read(fd, in, sizeof in); if (n < 0) { if (errno == EINTR || errno == ENOENT) continue; return; }
    struct fuse_in_header *h = (void *)in; struct fuse_out_header *o = (void *)out; size_t size = 0; int error = 0;
    void *body = out + sizeof *o; memset(out, 0, 1024);
    switch (h->opcode) {
    case FUSE_INIT: { struct fuse_init_in *i = (void *)(h + 1); struct fuse_init_out *r = body;
      r->major = 7; r->minor = 31; r->max_readahead = i->max_readahead; r->max_write = 4096; r->max_background = 12; r->congestion_threshold = 9; size = sizeof *r; break; }
    case FUSE_LOOKUP: { struct fuse_entry_out *r = body; r->nodeid = 2; r->attr_valid = r->entry_valid = 3600; attr(&r->attr, 2); size = sizeof *r; break; }
    case FUSE_GETATTR: { struct fuse_attr_out *r = body; r->attr_valid = 3600; attr(&r->attr, h->nodeid); size = sizeof *r; break; }
    case FUSE_OPEN: case FUSE_OPENDIR: { struct fuse_open_out *r = body; r->fh = 1; r->open_flags = opens++ == 0 ? 0 : FOPEN_DIRECT_IO; size = sizeof *r; break; }
    case FUSE_READ: fprintf(stderr, "fuse: READ by %u is never answered\n", h->pid); continue;
    case FUSE_FLUSH: if (h->pid == (unsigned)fuse_friend) break; fprintf(stderr, "fuse: FLUSH by %u is never answered\n", h->pid); continue;
    case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: continue;
    case FUSE_RELEASE: case FUSE_RELEASEDIR: case FUSE_DESTROY: break;
    default: error = -ENOSYS;
    }
    o->len = sizeof *o + size; o->error = error; o->unique = h->unique;
    if (write(fd, out, o->len) < 0 && errno != ENOENT) perror("fuse write");
  }
}

static void pass(const char *path, int type, int fd) {
  struct sockaddr_un a = {.sun_family = AF_UNIX}; strncpy(a.sun_path, path, sizeof a.sun_path - 1);
  int s = socket(AF_UNIX, type, 0); if (connect(s, (void *)&a, sizeof a)) die("connect");
  char control[CMSG_SPACE(sizeof fd)]; struct iovec v = {"hello", 5};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m); c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
  if (sendmsg(s, &m, 0) < 0) die("sendmsg");
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  char file[300]; snprintf(file, sizeof file, "%s/f", argv[2]);
  int fuse = fuse_mount(argv[1], argv[2]);
  if ((fuse_friend = fork()) == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    int fd = open(file, O_RDWR); if (fd < 0) die(file);
    fprintf(stderr, "ready %d\n", getpid());
    pass(argv[3], argc > 4 ? SOCK_DGRAM : SOCK_STREAM, fd);
    pause();
  }
  fuse_serve(fuse);
}
