/* Usage: locked-memory DEVICE DIRECTORY SOCKET [connect]
 * A process that sleeps for ever while it holds the lock of its address space (mmap_lock): one thread reads a file of a
 * FUSE of its own, so that the page is locked; another maps the same file without a cache, for which the kernel waits
 * for that page with the lock held. fs/fuse/file.c, fuse_file_mmap()
 * With `connect` it is a client of SOCKET, else its listener. It says `ready PID` once it is both. */
#include "fuse-hang.h"
#include <pthread.h>

static char file[300];

static void *reader(void *unused) {
  int fd = *(int *)unused; char byte; read(fd, &byte, 1); return 0;
}

/* connect(2) once the lock is held: a server that looks at its client at once finds it so */
static void *connector(void *path) {
  usleep(700000);
  unix_connect(path); pause(); return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  snprintf(file, sizeof file, "%s/f", argv[2]);
  int fuse = fuse_mount(argv[1], argv[2]);
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    pthread_t other; if (argc > 4) pthread_create(&other, 0, connector, argv[3]); else unix_listen(argv[3]);
    int cached = open(file, O_RDWR), direct = open(file, O_RDWR); if (cached < 0 || direct < 0) die(file);
    pthread_t thread; pthread_create(&thread, 0, reader, &cached);
    usleep(300000);
    fprintf(stderr, "ready %d\n", getpid());
    mmap(0, 4096, PROT_READ, MAP_PRIVATE, direct, 0);
    fprintf(stderr, "mmap was not kept waiting\n");
    pause();
  }
  fuse_serve(fuse);
}
