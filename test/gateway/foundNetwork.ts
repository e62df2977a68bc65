/** A network of nodes that are not ours, founded by the commands of the ceremony. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toHex } from '../../server/domain/base/hex.ts';
import type { InstitutionId } from '../../server/domain/base/terms.ts';
import { writeFounding } from '../../server/domain/power/foundingFile.ts';
import { CHARTER_ADDRESS } from '../../server/ledger/founding.ts';
import { softwareSigner } from '../../server/ledger/signer.ts';
import { deployBy } from '../deploy/deployBy.ts';
import { foundingWithCast } from './demo.ts';
import { kudurruBeside } from './kudurru.ts';
import {
  anvilNetwork,
  besuNetwork,
  heightOf,
  type RealNetwork,
  until,
  type Validator,
} from './realNetwork.ts';

const FOUNDERS = 4;

export interface FoundingAsked {
  readonly engine: 'besu' | 'anvil';
  /** Where files of the ceremony and of the nodes come to lie, `trust.json` and the keys of a demonstration's officers among them. */
  readonly folder: string;
  /** The first four found it. */
  readonly validators: readonly Validator[];
  readonly timeoutSeconds: number;
  /** It runs from here on, whatever comes of the founding. */
  onStarted(network: RealNetwork): void;
}

/** Throws what a command said that did not end well. */
export async function foundedNetwork(asked: FoundingAsked): Promise<RealNetwork> {
  const { engine, folder, validators, timeoutSeconds } = asked;
  const at = (name: string) => path.join(folder, name);
  const run = async (...args: readonly string[]) => {
    const ran = await kudurruBeside(args);
    if (ran.code !== 0) throw new Error(`${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  };
  const founder = toHex(randomBytes(32));
  const seals = validators.slice(0, FOUNDERS).map(({ address: validator }, place) => ({
    validator,
    institution: (place < 2 ? 1 : 2) as InstitutionId,
  }));
  const whole = foundingWithCast(folder, seals);
  writeFileSync(at('founding.json'), writeFounding(whole));
  const { address } = softwareSigner(Buffer.from(founder.slice(2), 'hex'));
  const times = ['--block-period', '1', '--request-timeout', String(timeoutSeconds)];
  const files = ['--genesis', at('genesis.json'), '--founding', at('founding.json')];
  const founding = [...files.slice(2), '--founder', address, ...times];
  await run('network', 'init', ...founding, '--out', at('genesis.json'));
  const checked = JSON.parse(await run('network', 'check', ...files, '--json'));
  const nodes = { folder, genesisFile: at('genesis.json'), chainId: checked.chainId, validators };
  const network =
    engine === 'besu'
      ? await besuNetwork(process.env.BESU ?? '', nodes)
      : await anvilNetwork(process.env.ANVIL ?? '', nodes);
  asked.onStarted(network);
  const [url = ''] = network.urls;
  await Promise.all(seals.map((_, place) => network.start(place)));
  await until('blocks come', async () => (await heightOf(url)) > 1);
  const nodesAsked = network.urls.slice(0, FOUNDERS).flatMap((one) => ['--rpc', one]);
  await run('network', 'check', ...files, ...nodesAsked);
  const deployed = await deployBy({
    KUDURRU_RPC_URL: url,
    KUDURRU_FOUNDER_KEY: founder,
    KUDURRU_FOUNDING: at('founding.json'),
    KUDURRU_CHARTER: CHARTER_ADDRESS,
    KUDURRU_GENESIS: at('genesis.json'),
  });
  rmSync(path.resolve('deploy/deployments', `chain-${checked.chainId}`), { recursive: true, force: true });
  if (deployed.code !== 0) throw new Error(deployed.output);
  await run('network', 'trust', ...files, '--rpc', url, '--out', at('trust.json'));
  return network;
}
