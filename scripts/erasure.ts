/**
 * `kudurru erasure`: a steward asks that a person be erased, and two officers sign it, each on a device of their own.
 *
 * Promises: what is signed is computed here from what is shown, and which ledger it is for is the trust file's word; the key
 * never leaves its ring.
 */
import { type Command, Option } from 'commander';
import { registerDomain } from '../server/domain/acts/domains.ts';
import { readTrust } from '../server/domain/audit/trust.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import type { OfficerId } from '../server/domain/base/terms.ts';
import {
  ASKED_GROUNDS,
  ERASURE_PARTS,
  type ErasureAsked,
  type ErasurePart,
  erasureDigest,
  erasureId,
} from '../server/domain/people/erasure.ts';
import { answer, NotUnderstood, readText } from './answer.ts';
import { clientOf, type GatewayOptions, whole, withGateway } from './gatewayOptions.ts';
import { type KeysOptions, openRing } from './keys.ts';
import { bytes32 } from './options.ts';
import { confirm, say } from './terminal.ts';

const MAX_TRUST_BYTES = 65_536;
const PARTS = Object.keys(ERASURE_PARTS) as ErasurePart[];

interface ErasureTold extends Omit<ErasureAsked, 'atMs' | 'personId'> {
  readonly id: Bytes32;
  readonly personId?: Bytes32;
  readonly askedAtMs: number;
  readonly missing: readonly string[];
  readonly receipt?: {
    readonly tombstone: number;
    readonly tombstoneHash: string;
    readonly records: number;
    readonly carriedOutAt: string;
  };
}

interface AskOptions extends GatewayOptions {
  readonly person: Bytes32;
  readonly ground: ErasureAsked['ground'];
  readonly case: string;
}

interface SignOptions extends GatewayOptions, KeysOptions {
  readonly key: string;
  readonly as: ErasurePart;
  readonly epoch: number;
  readonly trust: string;
  readonly yes?: boolean;
}

export function addErasure(program: Command): void {
  const erasure = program
    .command('erasure')
    .description('have a person erased: asked for by a steward, and signed by two officers');
  withGateway(erasure.command('ask'))
    .description('ask for it; what the law has kept is refused with its rule')
    .requiredOption('--person <id>', 'what the own institution calls the person', bytes32<Bytes32>)
    .addOption(
      new Option('--ground <ground>', 'why it is asked for').choices(ASKED_GROUNDS).makeOptionMandatory(),
    )
    .requiredOption('--case <reference>', 'number of the case')
    .action((options: AskOptions) => answer(options, () => ask(options), inWords));
  withGateway(erasure.command('sign').argument('<erasure>', 'id of the erasure', bytes32<Bytes32>))
    .description('show what is asked, and sign exactly that; the second signature carries it out')
    .addOption(new Option('--keys <dir>', 'folder of the key ring').env('KUDURRU_KEYS').makeOptionMandatory())
    .requiredOption('--key <name>', "name of the officer's key in the ring")
    .addOption(new Option('--as <part>', 'which of the two').choices(PARTS).makeOptionMandatory())
    .option('--epoch <number>', 'key epoch of the officer', whole, 1)
    .requiredOption('--trust <file>', 'trust file of the ledger')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nThe passphrase is read from KUDURRU_PASSPHRASE, or asked for on a terminal without showing it.',
    )
    .action((id: Bytes32, options: SignOptions) => answer(options, () => sign(id, options), inWords));
  withGateway(erasure.command('list'))
    .description('what waits for a signature, and receipts of what was carried out')
    .action((options: GatewayOptions) =>
      answer(
        options,
        () => clientOf(options).ask<{ rows: ErasureTold[] }>('/erasures'),
        ({ rows }) => rows.map(inWords).join('\n') || 'None.',
      ),
    );
}

function ask(options: AskOptions): Promise<ErasureTold> {
  const { person: personId, ground, case: caseReference } = options;
  return clientOf(options).ask('/erasures', { method: 'POST', body: { personId, ground }, caseReference });
}

async function sign(id: Bytes32, options: SignOptions): Promise<ErasureTold> {
  const client = clientOf(options);
  const { rows } = await client.ask<{ rows: ErasureTold[] }>('/erasures');
  const told = rows.find((row) => row.id === id);
  if (told === undefined) throw new NotUnderstood('No erasure of that id waits at the gateway.');
  const { institution, personId, ground, caseReference, askedAtMs: atMs } = told;
  if (personId === undefined) return told;
  const asked = { institution, personId, ground, caseReference, atMs };
  const found = erasureId(asked);
  if (found !== id) throw refusal('act-id-differs', { kind: 'erasure', said: id, found, changed: 'unknown' });
  const trust = readTrust(readText(options.trust, MAX_TRUST_BYTES));
  const domain = registerDomain('consortium', trust, trust.contracts.consortium.address);
  const { as: part, epoch, key } = options;
  say([
    `Erases the person ${personId} of institution ${institution} for good.`,
    `Ground ${ground}, case ${caseReference}, asked for at ${new Date(atMs).toISOString()}. You sign as the ${part}.`,
  ]);
  if (options.yes !== true && !(await confirm('Sign exactly this?'))) throw refusal('signing-declined');
  const ring = await openRing(options);
  const entry = ring.get(key);
  if (entry.kind !== 'officer') throw refusal('key-of-another-kind');
  const officer: OfficerId = entry.officer;
  const signature = ring.signDigest(key, erasureDigest(domain, asked, { part, officer, epoch }));
  const body = { erasure: id, part, officer, epoch, signature };
  return client.ask('/erasures/signatures', { method: 'POST', body });
}

function inWords({ id, ground, caseReference, missing, receipt }: ErasureTold): string {
  const what = `${id}  ${ground}, case ${caseReference}`;
  if (receipt === undefined) return `${what}: waits for the ${missing.join(' and the ')}.`;
  const { tombstone, tombstoneHash, records, carriedOutAt } = receipt;
  return `${what}: carried out at ${carriedOutAt}, ${records} records. Receipt: tombstone ${tombstone}, ${tombstoneHash}`;
}
