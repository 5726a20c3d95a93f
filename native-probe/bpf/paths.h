/* Names from the directory entry up to the root of the mount namespace, the last component first. */
#ifndef PEERPID_PATHS_H
#define PEERPID_PATHS_H

#define COMPONENTS_MOST 24

static __always_inline struct mount *mount_of(struct vfsmount *mnt) {
  return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* @returns whether there are more components */
static __noinline bool read_path(char *to, __u16 *length, struct vfsmount *mnt, struct dentry *dentry) {
  struct mount *mount = mount_of(mnt);
  unsigned int at = 0;
  for (int component = 0; component < COMPONENTS_MOST; component++) {
    struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
    if (dentry == BPF_CORE_READ(mount, mnt.mnt_root) || dentry == parent) {
      struct mount *above = BPF_CORE_READ(mount, mnt_parent);
      *length = at;
      if (above == mount || !above) return false;
      dentry = BPF_CORE_READ(mount, mnt_mountpoint);
      mount = above;
      continue;
    }
    if (at > PATH_MOST) return true;
    long size = bpf_probe_read_kernel_str(to + at, 256, BPF_CORE_READ(dentry, d_name.name));
    if (size <= 0) return true;
    at += size;
    *length = at;
    dentry = parent;
  }
  return true;
}

static __always_inline struct kernfs_node *above_node(struct kernfs_node *node) {
  if (bpf_core_field_exists(node->__parent)) return BPF_CORE_READ(node, __parent);
  return BPF_CORE_READ((struct kernfs_node___before_6_15 *)node, parent);
}

/* The directory of a cgroup of version 2. @returns whether there are more components */
static __noinline bool read_cgroup(char *to, __u16 *length, struct kernfs_node *node) {
  unsigned int at = 0;
  for (int component = 0; component < COMPONENTS_MOST; component++) {
    struct kernfs_node *above = node ? above_node(node) : 0;
    if (!above) return false;
    if (at > PATH_MOST) return true;
    long size = bpf_probe_read_kernel_str(to + at, 256, BPF_CORE_READ(node, name));
    if (size <= 0) return true;
    at += size;
    *length = at;
    node = above;
  }
  return true;
}

#endif
