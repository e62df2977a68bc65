/**
 * What `kudurru network check` says of the node, asked before a ledger is founded on it: a deployment cannot be taken back.
 *
 * Promises: returns only where nothing is against the node, the genesis and the founder's key; sends nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { computeAddress } from 'ethers';
import type { Address } from '../../server/domain/base/hex.ts';
import type { Founding } from '../../server/domain/power/founding.ts';
import { lookAtGenesis, validatorsIn } from '../../server/genesis.ts';
import { nodesNamed } from '../../server/network.ts';
import { checkNodes, NODE_TROUBLES, type NodesDue, type NodeTrouble } from '../../server/nodeCheck.ts';
import type { CharterSource } from './ledger.ts';

/** Of a Charter that is deployed with everything else nothing is there yet. */
const OF_THE_CHARTER: readonly NodeTrouble[] = ['charter-differs', 'authority-differs', 'validators-differ'];

export async function requireFitNode(
  { KUDURRU_RPC_URL: url, KUDURRU_FOUNDER_KEY: key, KUDURRU_GENESIS: genesis }: NodeJS.ProcessEnv,
  founding: Founding,
  charter: CharterSource,
): Promise<void> {
  if (url === undefined || key === undefined) return; // without them Hardhat reaches no node either
  const due = dueOf(key, genesis, founding, charter);
  const { nodes, isFounded } = await checkNodes(nodesNamed([url]), due, () => Date.now() / 1_000);
  const found = nodes.flatMap(({ troubles }) => troubles);
  const against = 'at' in charter ? found : found.filter((one) => !OF_THE_CHARTER.includes(one));
  if (against.length > 0) throw notLikeThis(against.map((one) => `${one}: ${NODE_TROUBLES[one]}`));
  if ('at' in charter && isFounded && !(await isBegunHere(url))) {
    throw notLikeThis([
      'already-founded: a contract has the authority of the Charter, and this folder deployed none',
    ]);
  }
}

function dueOf(
  key: string,
  genesis: string | undefined,
  founding: Founding,
  charter: CharterSource,
): NodesDue {
  const validators = validatorsIn(founding);
  const seen =
    genesis === undefined ? undefined : lookAtGenesis(JSON.parse(readFileSync(genesis, 'utf8')), founding);
  if (seen !== undefined && seen.troubles.length > 0) {
    throw notLikeThis(
      seen.troubles.map((one) => `${one}: as \`kudurru network check --genesis\` says in words`),
    );
  }
  const { chainId, genesisHash, rhythm } = seen ?? {};
  return {
    ...('at' in charter && { charter: charter.at }),
    ...(chainId !== undefined && { chainId }),
    ...(genesisHash && { genesisHash }),
    ...(rhythm && { rhythm }),
    ...(validators && { validators }),
    founder: founderOf(key),
    provesBlocks: 0,
  };
}

function founderOf(key: string): Address {
  try {
    return computeAddress(key).toLowerCase() as Address;
  } catch {
    throw new Error('KUDURRU_FOUNDER_KEY is not a private key, 32 bytes in hex');
  }
}

/** Hardhat keeps what it did there, and goes on or does nothing. */
async function isBegunHere(url: string): Promise<boolean> {
  const [node] = nodesNamed([url]);
  const chain = Number(await node?.provider.request({ method: 'eth_chainId' }));
  return existsSync(path.resolve(import.meta.dirname, `../deployments/chain-${chain}`));
}

const notLikeThis = (lines: readonly string[]) =>
  new Error(`NOT LIKE THIS: nothing was sent.\n${lines.map((one) => `  ${one}`).join('\n')}`);
