/** The kinds of namespace that are compared. namespaces(7). */
export const namespaceKinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const;
/** A kind of namespace, as /proc/PID/ns names it. */
export type NamespaceKind = (typeof namespaceKinds)[number];

/** The inode number of each namespace; a kind that the kernel was built without is missing. */
export type Namespaces = Partial<Record<NamespaceKind, number>>;
