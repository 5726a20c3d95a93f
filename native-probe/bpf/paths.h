/* Names from the directory entry up to the root of the mount namespace, the last component first. */
#ifndef PEERPID_PATHS_H
#define PEERPID_PATHS_H

#define COMPONENTS_MOST 24

static __always_inline struct mount *mount_of(struct vfsmount *mnt) {
  return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* Set in what is returned where there are more components */
#define CUT 0x8000

/* @param at - where in the text it begins @returns where it ends */
static __noinline __u32 read_path(struct event *event, __u32 at, struct vfsmount *mnt, struct dentry *dentry) {
  struct mount *mount = mount_of(mnt);
  for (int component = 0; component < COMPONENTS_MOST; component++) {
    struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
    if (dentry == BPF_CORE_READ(mount, mnt.mnt_root) || dentry == parent) {
      struct mount *above = BPF_CORE_READ(mount, mnt_parent);
      if (above == mount || !above) return at;
      dentry = BPF_CORE_READ(mount, mnt_mountpoint);
      mount = above;
      continue;
    }
    if (at > TEXT_MOST) return at | CUT;
    long size = bpf_probe_read_kernel_str(event->text + at, 256, BPF_CORE_READ(dentry, d_name.name));
    if (size <= 0) return at | CUT;
    at += size;
    dentry = parent;
  }
  return at | CUT;
}

static __always_inline struct kernfs_node *above_node(struct kernfs_node *node) {
  if (bpf_core_field_exists(node->__parent)) return BPF_CORE_READ(node, __parent);
  return BPF_CORE_READ((struct kernfs_node___before_6_15 *)node, parent);
}

/* The directory of a cgroup of version 2. As read_path() */
static __noinline __u32 read_cgroup(struct event *event, __u32 at, struct kernfs_node *node) {
  for (int component = 0; component < COMPONENTS_MOST; component++) {
    struct kernfs_node *above = node ? above_node(node) : 0;
    if (!above) return at;
    if (at > TEXT_MOST) return at | CUT;
    long size = bpf_probe_read_kernel_str(event->text + at, 256, BPF_CORE_READ(node, name));
    if (size <= 0) return at | CUT;
    at += size;
    node = above;
  }
  return at | CUT;
}

#endif
