/** ECONNREFUSED: there is a file, or a name may be somewhere else, and no socket that takes connections. */
import type { Candidate } from '../../../scanning/unreached/candidates.js';
import type { Unreached } from '../../../scanning/unreached/unreached.js';
import { counted } from '../../../words/counted.js';
import { escapedName } from '../../../words/text.js';
import { otherWords } from './alike.js';
import { sentences, unseenWords, whoHas, type Words } from './candidate-words.js';

/** @param subject - the address as it was typed */
export function refusedWords(subject: string, why: Unreached): Words {
  const bound = why.likeness === 'bound' ? boundWords(subject, why) : undefined;
  return bound ?? (why.file === undefined ? nameRefused(subject, why) : fileRefused(subject, why));
}

/** Of what is bound to the file, or has the abstract name here: each kind of it refuses for its own reason. */
function boundWords(subject: string, why: Unreached): Words | undefined {
  const [first] = why.candidates;
  if (first === undefined) return undefined;
  const { type, state, shutdown } = first.socket;
  const who = whoHas(first);
  if (first.elsewhere !== undefined && why.file === undefined) {
    return [
      `nobody listens on ${subject} in this network namespace`,
      `${who} has it: an abstract name belongs to a network namespace. Put \`nsenter --target ${first.holders[0]?.pid ?? 'PID'} --net\` before the command.`,
    ];
  }
  if (state === 'listening' && shutdown.receive) {
    return [
      `nobody can connect to ${subject}: its listener was shut down`,
      `${who} has it open. After shutdown(2) it accepts no more connections: the service may be ending; start it again.`,
    ];
  }
  if (first.elsewhere !== undefined && state === 'listening') return elsewhereWords(subject, first);
  if (state === 'listening' || type === 'dgram') {
    return [
      `the socket of ${subject} has only just appeared`,
      `${who} has it. The service may be restarting: try again.`,
    ];
  }
  if (state === 'unconnected') {
    return [
      `nobody listens on ${subject}: a ${type} socket is bound there, but it does not listen`,
      `${who} has it and has not called listen(2) on it: it may be starting, or it is a client that gave itself a name.`,
    ];
  }
  return connectedWords(subject, why, who);
}

/** Of a socket that connecting reaches, and of which the list here has nothing. */
export function elsewhereWords(subject: string, candidate: Candidate): Words {
  return [
    `the socket of ${subject} lives in another network namespace, so the kernel's list does not have it here`,
    `${whoHas(candidate)} has it. Omit --no-connect: connecting reaches it. \`peerpid scan\` shows it, too.`,
  ];
}

/** A name that several connected sockets have is a listener's, which accepted them. One may have bound it itself. */
function connectedWords(subject: string, { file, count, candidates: [first] }: Unreached, who: string): Words {
  if (count > 1 || file?.isBound === false) {
    return [
      `nobody listens on ${subject} any more: ${counted(count, 'connected socket has', 'connected sockets have')} its address`,
      `${who} has ${count === 1 ? 'it' : 'one of them'}, like a service that has closed its listener and still serves its connections. If nothing takes over, start it again.`,
    ];
  }
  return [
    `nobody listens on ${subject}: a ${first?.socket.type ?? ''} socket has its address, is connected, and does not listen`,
    `${who} has it and has not called listen(2): it is a client that gave itself that name, or a connection of a listener that is closed or in a network namespace that was not seen.`,
  ];
}

function fileRefused(subject: string, why: Unreached): Words {
  const { file, likeness, candidates, unseen } = why;
  const [first] = candidates;
  if (file?.isDeleted === true) {
    const [name, remade] = [file.deletedName, likeness === 'remade' ? first : undefined];
    return [
      `nobody listens on ${subject}: it is a mount of a file that was deleted${name === undefined ? '' : `, ${escapedName(name)} of its file system`}`,
      sentences(
        remade === undefined
          ? 'A service that has since created the file again, as when it restarts, is reached only by the new file.'
          : `${whoHas(remade)} listens at a new file of that name, to which this mount does not lead.`,
        'Mount it again (for a container: start it again). A mount of its directory would follow.',
      ),
    ];
  }
  if (file?.isBound === true) {
    return [
      `nobody listens on ${subject}: a socket is bound to its file, but it does not take connections`,
      sentences(
        'The list of this network namespace has no socket of that file, so it is in another one.',
        notListening,
        unseenWords(unseen),
      ),
    ];
  }
  if (likeness === 'named' && first !== undefined) {
    return [
      `nobody listens on ${subject}: its file is not the one of the socket that was bound to that path`,
      otherWords(why, first),
    ];
  }
  if (file?.layer !== undefined) {
    return [
      `nobody listens on ${subject} that its file system (${file.layer}) leads to`,
      sentences(
        'A socket is known by the file that it was bound to, which on such a file system can be another one, below it or on another machine: give the path that its service gave to bind(2).',
        first === undefined ? undefined : otherWords(why, first),
        'Otherwise the file is left over, and the service is not running.',
      ),
    ];
  }
  return [
    `nobody listens on ${subject}: the socket file is stale${file?.isBound === false ? ', no socket is bound to it any more' : ''}`,
    'The process that made it has ended, or has closed its socket. Start the service again; it may need the file removed first.',
  ];
}

const notListening =
  'The process that has it has not called listen(2), or has shut it down: it may be starting or ending.';

function nameRefused(subject: string, why: Unreached): Words {
  const { candidates, likeness, unseen } = why;
  const [first] = candidates;
  // It is in this network namespace, and is what was meant
  if (first !== undefined && likeness === 'padded' && first.elsewhere === undefined) {
    return [`nobody listens on ${subject}`, otherWords(why, first)];
  }
  return [
    `nobody listens on ${subject}`,
    sentences(
      first === undefined ? undefined : otherWords(why, first),
      'An abstract name belongs to a network namespace.',
      unseenWords(unseen) || 'No socket of this machine that could be seen has it.',
    ),
  ];
}
