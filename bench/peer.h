// What peerpid asks of a connection's peer, call for call, and its JSON: the yardstick in C.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PEERSEC = 31, PEERGROUPS = 59, PEERPIDFD = 77 };

struct pidfd_info {
  uint64_t mask, cgroupid;
  uint32_t pid, tgid, ppid, ids[8];
  int32_t exit_code;
};
#define GET_INFO _IOWR(0xFF, 11, struct pidfd_info)
enum { INFO_PID = 1, INFO_CREDS = 2, INFO_CGROUPID = 4, INFO_EXIT = 8 };

// The JSON that gathers until it is written out

static char out[1 << 22];
static size_t used;

#define say(...) (used += snprintf(out + used, sizeof out - used, __VA_ARGS__))

static void say_string(const char *text, size_t length) {
  out[used++] = '"';
  for (size_t i = 0; i < length; i++) {
    unsigned char c = text[i];
    if (c == '"' || c == '\\') out[used++] = '\\';
    if (c < 0x20) say("\\u%04x", c);
    else out[used++] = c;
  }
  out[used++] = '"';
}

static void flush_out(void) {
  for (size_t done = 0; done < used;) {
    ssize_t count = write(1, out + done, used - done);
    if (count < 0) exit(1);
    done += count;
  }
  used = 0;
}

static void say_time(time_t seconds, int milliseconds) {
  struct tm tm;
  gmtime_r(&seconds, &tm);
  used += strftime(out + used, 32, "\"%Y-%m-%dT%H:%M:%S", &tm);
  say(".%03dZ\"", milliseconds);
}

static inline void say_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  say_time(now.tv_sec, now.tv_nsec / 1000000);
}

// /proc

static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

struct facts {
  char stat[4096], status[8192], cmdline[65536], exe[4096], cwd[4096], cgroup[4096], loginuid[32];
  ssize_t cmdline_length;
  unsigned long namespaces[8];
};

static ssize_t slurp(const char *path, char *buffer, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return buffer[0] = 0;
  size_t length = 0;
  for (ssize_t count; (count = read(fd, buffer + length, size - 1 - length)) > 0;) length += count;
  close(fd);
  buffer[length] = 0;
  return length;
}

static void link_of(const char *path, char *buffer, size_t size) {
  ssize_t length = readlink(path, buffer, size - 1);
  buffer[length < 0 ? 0 : length] = 0;
}

static void read_facts(int pid, struct facts *f) {
  char path[64];
#define PROC(name) (snprintf(path, sizeof path, "/proc/%d/%s", pid, name), path)
  slurp(PROC("stat"), f->stat, sizeof f->stat);
  slurp(PROC("status"), f->status, sizeof f->status);
  f->cmdline_length = slurp(PROC("cmdline"), f->cmdline, sizeof f->cmdline);
  link_of(PROC("exe"), f->exe, sizeof f->exe);
  link_of(PROC("cwd"), f->cwd, sizeof f->cwd);
  slurp(PROC("cgroup"), f->cgroup, sizeof f->cgroup);
  slurp(PROC("loginuid"), f->loginuid, sizeof f->loginuid);
  for (int i = 0; i < 8; i++) {
    char name[16], link[64];
    snprintf(name, sizeof name, "ns/%s", kinds[i]);
    link_of(PROC(name), link, sizeof link);
    const char *number = strchr(link, '[');
    f->namespaces[i] = number ? strtoul(number + 1, NULL, 10) : 0;
  }
}

static const char *line_of(const char *status, const char *name) {
  const char *line = strstr(status, name);
  return line ? line + strlen(name) : "";
}

static void say_ids(const char *name, const char *numbers) {
  unsigned real = 0, effective = 0, saved = 0, fs = 0;
  sscanf(numbers, "%u %u %u %u", &real, &effective, &saved, &fs);
  say(",\"%s\":{\"real\":%u,\"effective\":%u,\"saved\":%u,\"fs\":%u}", name, real, effective, saved, fs);
}

static long long boot_time;
static char boot_id[64];

static void learn_system(void) {
  static char stat[1 << 16];
  slurp("/proc/stat", stat, sizeof stat);
  boot_time = atoll(line_of(stat, "\nbtime "));
  slurp("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id);
  boot_id[strcspn(boot_id, "\n")] = 0;
}

static void say_process(int pid, unsigned long id, struct facts *f) {
  say("{\"pid\":%d,\"pidfdId\":%lu,\"bootId\":\"%s\",\"state\":\"running\",\"comm\":", pid, id, boot_id);
  char *open = strchr(f->stat, '('), *end = strrchr(f->stat, ')');
  if (open && end) say_string(open + 1, end - open - 1);
  else say("\"\"");
  say(",\"exe\":");
  say_string(f->exe, strlen(f->exe));
  say(",\"cmdline\":[");
  for (ssize_t at = 0; at < f->cmdline_length; at += strlen(f->cmdline + at) + 1) {
    if (at > 0) say(",");
    say_string(f->cmdline + at, strlen(f->cmdline + at));
  }
  say("],\"cwd\":");
  say_string(f->cwd, strlen(f->cwd));
  say_ids("uids", line_of(f->status, "\nUid:\t"));
  say_ids("gids", line_of(f->status, "\nGid:\t"));
  say(",\"groups\":[");
  const char *group = line_of(f->status, "\nGroups:\t");
  for (int first = 1; *group >= '0' && *group <= '9'; first = 0) {
    char *rest;
    say(first ? "%lu" : ",%lu", strtoul(group, &rest, 10));
    group = rest + (*rest == ' ');
  }
  say("],\"loginUid\":%s,\"startTime\":", f->loginuid[0] ? f->loginuid : "null");
  long long ticks = 0;
  const char *field = end ? end + 1 : "";
  for (int i = 0; i < 20 && field; i++) field = strchr(field + 1, ' ');
  if (field) ticks = atoll(field);
  say_time(boot_time + ticks / 100, ticks % 100 * 10);
  say(",\"capabilities\":[");
  uint64_t set = strtoull(line_of(f->status, "\nCapEff:\t"), NULL, 16);
  for (int bit = 0, first = 1; bit < 64; bit++) {
    if (set >> bit & 1) {
      say(first ? "\"cap_%d\"" : ",\"cap_%d\"", bit);
      first = 0;
    }
  }
  say("],\"noNewPrivs\":%d,\"seccomp\":%d,\"tracerPid\":%d,\"cgroup\":", atoi(line_of(f->status, "\nNoNewPrivs:\t")),
      atoi(line_of(f->status, "\nSeccomp:\t")), atoi(line_of(f->status, "\nTracerPid:\t")));
  const char *cgroup = strncmp(f->cgroup, "0::", 3) == 0 ? f->cgroup + 3 : line_of(f->cgroup, "\n0::");
  say_string(cgroup, strcspn(cgroup, "\n"));
  say(",\"namespaces\":{");
  for (int i = 0; i < 8; i++) say("%s\"%s\":%lu", i ? "," : "", kinds[i], f->namespaces[i]);
  say("}}");
}

// The peer

static int has_ended(int pidfd) {
  struct pollfd entry = {pidfd, POLLIN, 0};
  return poll(&entry, 1, 0) > 0;
}

static int info_of(int pidfd) {
  struct pidfd_info info = {.mask = INFO_PID | INFO_CREDS | INFO_CGROUPID};
  return ioctl(pidfd, GET_INFO, &info) < 0 ? -1 : (int)info.pid;
}

/** A process, and whether the number means it, as of one moment. */
struct look {
  unsigned long id;
  int number, pid, pinned;
  struct facts facts;
};

static unsigned long id_of(int fd) {
  struct stat stat;
  return fstat(fd, &stat) < 0 ? 0 : stat.st_ino;
}

/** Looks at the process that a pidfd pins, and at who has the number. */
static void look_at(int pidfd, unsigned long id, int number, struct look *look) {
  int ended = has_ended(pidfd), same = 0;
  look->id = id;
  look->number = number;
  look->pid = info_of(pidfd);
  int opened = syscall(SYS_pidfd_open, number, 0);
  if (opened >= 0) {
    same = id_of(opened) == id;
    close(opened);
  }
  read_facts(number, &look->facts);
  int still = info_of(pidfd) == look->pid && has_ended(pidfd) == ended && info_of(pidfd) == look->pid;
  look->pinned = same && still;
}

static void say_look(struct look *look) {
  say(",\"byPid\":");
  say_process(look->number, look->id, &look->facts);
  say(",\"byPidfd\":");
  say_process(look->pid, look->id, &look->facts);
  say(",\"verdict\":\"%s\"", look->pinned ? "pinned" : "exited");
}

/** Says the peer's part of the JSON. Returns the pidfd, and its id. A process that is among the looks is not looked at again. */
static inline int say_peer(int fd, unsigned long *id, struct look *looks, int *looked) {
  struct ucred credential = {0};
  socklen_t length = sizeof credential;
  getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credential, &length);
  int pidfd = -1;
  length = sizeof pidfd;
  if (getsockopt(fd, SOL_SOCKET, PEERPIDFD, &pidfd, &length) < 0) exit(4);
  *id = id_of(pidfd);
  gid_t groups[1024];
  socklen_t groups_length = sizeof groups;
  if (getsockopt(fd, SOL_SOCKET, PEERGROUPS, groups, &groups_length) < 0) groups_length = 0;
  char label[256];
  socklen_t label_length = sizeof label;
  if (getsockopt(fd, SOL_SOCKET, PEERSEC, label, &label_length) < 0) label_length = 0;

  struct look *look = looks;
  while (look < looks + *looked && (look->id != *id || look->number != credential.pid)) look++;
  if (look == looks + *looked) {
    look_at(pidfd, *id, credential.pid, look);
    ++*looked;
  }

  say("\"credential\":{\"pid\":%d,\"uid\":%u,\"gid\":%u,\"groups\":[", credential.pid, credential.uid, credential.gid);
  for (size_t i = 0; i < groups_length / sizeof *groups; i++) say(i ? ",%u" : "%u", groups[i]);
  say("]");
  if (label_length > 0) {
    say(",\"securityLabel\":");
    say_string(label, strnlen(label, label_length));
  }
  say("}");
  say_look(look);
  return pidfd;
}

static struct sockaddr_un address_of(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return address;
}
