/**
 * What a node is sent so that it lets us in: from a file, to that node, and where nobody on the way reads it.
 *
 * Promises: the file is read again for each request; what cannot be read stops whoever asks before the first one. For a
 * gateway, and for commands that ask nodes.
 */
import { readFileSync, statSync } from 'node:fs';
import { textOfUtf8 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';

/** What everybody on the way may read is sent to this machine only. */
const OF_THIS_MACHINE = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

export function isReadOnTheWay({ protocol, hostname }: URL): boolean {
  return protocol !== 'https:' && !OF_THIS_MACHINE.test(hostname);
}

const MAX_FILE_BYTES = 65_536;

/** Refuses as `network-file-unreadable`. */
export function textIn(file: string, setting: string, most = MAX_FILE_BYTES): string {
  try {
    if (statSync(file).size <= most) {
      const text = textOfUtf8(readFileSync(file));
      if (text !== undefined) return text;
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
  throw refusal('network-file-unreadable', { setting });
}

/** What each node is sent; read from the file each time, for a token ends and the operator writes another. */
export function authorizationsOf({
  credentialsFile,
  nodes,
}: {
  readonly credentialsFile?: string;
  readonly nodes: readonly unknown[];
}): (node: number) => (() => string) | undefined {
  if (credentialsFile === undefined) return () => undefined;
  const read = () => {
    const lines = textIn(credentialsFile, 'KUDURRU_NODE_CREDENTIALS').trim().split(/\r?\n/).map(headerOf);
    if (lines.length !== 1 && lines.length !== nodes.length) throw refusal('network-credentials-malformed');
    return lines;
  };
  read(); // what cannot be read stops the start, and not the first request
  return (node) => () => {
    const lines = read();
    return lines[lines.length === 1 ? 0 : node] ?? '';
  };
}

function headerOf(line: string): string {
  const text = line.trim();
  if (/^Bearer [\w.~+/=-]+$/.test(text)) return text;
  if (/^[\x21-\x39\x3b-\x7e]+:[\x21-\x7e]+$/.test(text))
    return `Basic ${Buffer.from(text).toString('base64')}`;
  throw refusal('network-credentials-malformed');
}
