/** What `network check` found at the nodes of a network, in the words of whoever can mend it. */
import { NODE_TROUBLES, type NodeChecked, type NodesChecked } from '../server/nodeCheck.ts';

export const isSoundAll = ({ nodes, datedLate }: NodesChecked): boolean =>
  datedLate.length === 0 && nodes.every(({ troubles }) => troubles.length === 0);

export function nodesInWords({ nodes, datedLate, isFounded }: NodesChecked): string {
  return [
    ...nodes.flatMap(nodeInWords),
    ...datedLate.map(
      ({ validator, after, seconds }) =>
        `blocks of ${validator} are dated ${seconds} s later than those of others: its clock is ahead, or that of ${after}, which it follows, behind`,
    ),
    ...(isFounded === undefined
      ? []
      : [isFounded ? 'a ledger is founded there' : 'no ledger is founded there yet']),
  ].join('\n');
}

function nodeInWords({ node, troubles, version, blockNumber, peers, aheadSeconds }: NodeChecked): string[] {
  const facts = [
    ...(blockNumber === undefined ? [] : [`block ${blockNumber}`]),
    ...(aheadSeconds === undefined
      ? []
      : [`dated ${Math.abs(Math.round(aheadSeconds))} s ${aheadSeconds > 0 ? 'ahead' : 'ago'}`]),
    ...(peers === undefined ? [] : [`${peers} peers`]),
    ...(version === undefined ? [] : [version]),
  ];
  const verdict = troubles.length === 0 ? 'nothing against it' : 'NOT LIKE THIS';
  return [
    `${node}: ${[verdict, ...facts].join(', ')}`,
    ...troubles.map((one) => `  ${one}: ${NODE_TROUBLES[one]}`),
  ];
}
