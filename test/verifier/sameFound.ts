/** Histories that our auditor judged, judged again by the auditor in Python from a node that tells them. */
import type { EventBlock } from '../../server/domain/acts/events.ts';
import type { Finding } from '../../server/domain/audit/findings.ts';
import type { Node } from './forgedNode.ts';
import { listenHistory } from './historyNode.ts';
import { judgedByPython } from './python.ts';

export interface Judged {
  readonly history: readonly EventBlock[];
  readonly findings: readonly Finding[];
  /** Where another tells it, which answers otherwise too. */
  readonly node?: Node;
}

interface PythonTold {
  readonly findings?: readonly { readonly rule: string; readonly what: string }[];
  /** Where the chain itself is not the one of the trust file. */
  readonly code?: string;
}

/** Nodes that tell another history at the same time. */
const AT_ONCE = 12;

/** Where both found another thing; `blocks` is what the node wrote. */
export async function differingFrom(
  node: Node,
  blocks: readonly EventBlock[],
  judged: readonly Judged[],
  trust: string,
): Promise<unknown[]> {
  const differing: unknown[] = [];
  for (let at = 0; at < judged.length; at += AT_ONCE) {
    const some = judged.slice(at, at + AT_ONCE);
    const listeners = await Promise.all(
      some.map(({ history, node: own = node }) => listenHistory(own, blocks, history)),
    );
    const questions = listeners.map(({ port }) => ({ audit: `http://127.0.0.1:${port}`, trust }));
    const told = await judgedByPython<PythonTold>(questions).finally(() =>
      Promise.all(listeners.map((listener) => listener.close())),
    );
    for (const [i, { findings, code }] of told.entries()) {
      const ours = saidOnce(some[i]?.findings.map(({ what }) => what) ?? []);
      // Whose trust file names a contract that this ledger has not, and whose states no forger of logs can change.
      const theirs = saidOnce(
        findings?.flatMap(({ rule, what }) => (rule === 'XR6' || rule === 'proofs' ? [] : [what])) ?? [code],
      );
      if (ours.join() !== theirs.join()) differing.push({ history: at + i, ours, theirs });
    }
  }
  return differing;
}

/** What was found, each once; of what the ledger refuses the code alone. */
function saidOnce(found: readonly (string | undefined)[]): string[] {
  return [...new Set(found.map((what = '') => what.replace(/^.*refuses: (.*)\.$/, '$1')))].sort();
}
