// A client: connects to the path that it is given, and ends with status 7 when its standard input does.
import { connect } from 'node:net';

const [path] = process.argv.slice(2);
const deadline = Date.now() + 10_000;

function tryToConnect() {
  connect(path).on('error', () => {
    if (Date.now() > deadline) process.exit(1);
    setTimeout(tryToConnect, 10);
  });
}

tryToConnect();
process.stdin.on('end', () => process.exit(7)).resume();
