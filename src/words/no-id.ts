/** Stands for a user or group id that is not known, as `(uid_t) -1` does, which no user has. credentials(7) */
export const noId = 0xffffffff;
