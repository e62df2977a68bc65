/**
 * What a command sends a node so that it is let in: a file of the form of KUDURRU_NODE_CREDENTIALS, as a gateway reads it.
 *
 * Promises: it is sent to those nodes alone, and nowhere where somebody on the way reads it. For the commands that ask a node.
 */
import { Refusal } from '../server/domain/base/refusal.ts';
import { authorizationsOf, isReadOnTheWay } from '../server/wiring/credentials.ts';
import { NotUnderstood } from './answer.ts';

export const CREDENTIALS_OPTION = [
  '--credentials <file>',
  'what the node wants, as in the file of KUDURRU_NODE_CREDENTIALS',
] as const;

/** Of each node by its place; refuses as `network-credentials-malformed` and `network-file-unreadable`. */
export function authorizationsFor(
  nodes: readonly (string | URL)[],
  file: string | undefined,
): (node: number) => (() => string) | undefined {
  if (file === undefined) return () => undefined;
  if (nodes.length === 0) throw new NotUnderstood('--credentials are for a node: give --rpc.');
  if (nodes.some((node) => isReadOnTheWay(new URL(String(node))))) {
    throw new NotUnderstood('Credentials are sent over https, or over http on this machine only.');
  }
  return authorizationsOf({ credentialsFile: file, nodes });
}

/** One node as it is asked. */
export interface AskedNode {
  readonly url: string;
  readonly authorization?: () => string;
}

export function askedNode(rpc: string | URL, credentials: string | undefined): AskedNode {
  const url = URL.canParse(String(rpc)) ? new URL(String(rpc)) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new NotUnderstood('--rpc is the address of a node, such as http://localhost:8545.');
  }
  const authorization = authorizationsFor([url], credentials)(0);
  return { url: String(rpc), ...(authorization && { authorization }) };
}

/** For the command that reads no settings: what to send, or in words why not. */
export function letIn(url: URL, file: string): { readonly authorization: () => string } | string {
  try {
    const authorization = authorizationsFor([url], file)(0);
    return authorization === undefined ? 'The file names no credentials.' : { authorization };
  } catch (error) {
    if (error instanceof Refusal) return `Refused (${error.code}): ${error.message}\n${error.row.remedy}`;
    if (error instanceof NotUnderstood) return error.message;
    throw error;
  }
}
