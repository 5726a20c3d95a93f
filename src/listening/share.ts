/** How many descriptors of one sender may wait to be closed before no more of its are taken: of a connection, and of datagrams of a user. */
export const mostOfOne = 256;

/** The descriptors of one sender that wait to be closed. */
export class Share {
  waiting = 0;
}

/** The shares of the users that send datagrams: a process is made too easily for each to have one of its own. */
export class UserShares {
  readonly #byUser = new Map<number | undefined, Share>();

  /** @param uid - undefined where the kernel does not say who sent it */
  of(uid: number | undefined): Share {
    let share = this.#byUser.get(uid);
    if (share === undefined) {
      // As many as have descriptors that wait, and this one
      for (const [user, { waiting }] of this.#byUser) if (waiting === 0) this.#byUser.delete(user);
      this.#byUser.set(uid, (share = new Share()));
    }
    return share;
  }
}
