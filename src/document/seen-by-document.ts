import type { Verdict } from '../verdict/verdict.js';

/** Ids as one process sees them, in its own user namespace and with the names of its own files. */
export interface IdsSeenDocument {
  /** The overflow id (65534) when it is not mapped in the holder's user namespace. */
  readonly uid?: number;
  /** In the holder's own /etc/passwd, where that is another file than peerpid's; null where it has no such user. */
  readonly user?: string | null;
  readonly gid?: number;
  /** The same of /etc/group. */
  readonly group?: string | null;
  /** The supplementary groups, where group is known; the name is null where the file has none. */
  readonly groups?: readonly { readonly id: number; readonly name: string | null }[];
}

/** A credential as one holder sees it. */
export interface SeenByDocument extends IdsSeenDocument {
  /** The holder: of several the one whose view is the worst. */
  readonly holder: number;
  /** 0 when the peer has no PID in the holder's PID namespace. */
  readonly pid?: number;
  readonly verdict: Verdict;
}

/** Those who are known here, in the eyes of a process that has the service's socket. */
export interface ServiceSeesDocument {
  /** The process: of several the one whose view is the worst. */
  readonly holder: number;
  /** How it sees a client such as peerpid. */
  readonly us: IdsSeenDocument & Pick<SeenByDocument, 'pid'>;
  /** Whose the socket's file is. */
  readonly file?: IdsSeenDocument;
}
