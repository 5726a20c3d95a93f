import { IdentityBatch } from './identity-batch.js';

/** The senders of the messages that one recvmmsg(2) gave. */
export class SenderBatch extends IdentityBatch {
  /**
   * @param pidfdsAsked - whether the kernel agreed to send pidfds along, so that a missing one says something
   * @param leftOutFor - how many descriptors waited to be closed, where it was received without room for more
   */
  constructor(
    readonly pidfdsAsked = true,
    readonly leftOutFor?: number,
  ) {
    super(
      'the same process as of an earlier message that was received in the same call: what was found then, after both had come, is shown again',
    );
  }
}
