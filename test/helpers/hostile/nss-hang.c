/* A module of the name service switch, nsswitch.conf(5): users and groups with ids from 60000 on have names, and of all
 * others it never says anything. Each question is a line in the file that NSS_HANG_LOG names. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum nss_status asked(const char *what, unsigned id, char *buffer, size_t length) {
  char line[64], room[300 * 1024];
  /* As much of a stack as a module may take */
  memset(room, 1, sizeof room);
  __asm__ volatile("" : : "r"(room) : "memory");
  int log = open(getenv("NSS_HANG_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  snprintf(line, sizeof line, "%s %u\n", what, id);
  write(log, line, strlen(line));
  close(log);
  while (id < 60000) pause();
  snprintf(buffer, length, "far-%u", id);
  return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_hang_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t length, int *errnop) {
  memset(entry, 0, sizeof *entry);
  entry->pw_name = entry->pw_passwd = entry->pw_gecos = entry->pw_dir = entry->pw_shell = buffer;
  entry->pw_uid = uid;
  return asked("uid", uid, buffer, length);
}

enum nss_status _nss_hang_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t length, int *errnop) {
  static char *members[] = {0};
  memset(entry, 0, sizeof *entry);
  entry->gr_name = entry->gr_passwd = buffer;
  entry->gr_gid = gid;
  entry->gr_mem = members;
  return asked("gid", gid, buffer, length);
}

enum nss_status _nss_hang_getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t length, int *errnop) {
  return asked(name, 0, buffer, length);
}
