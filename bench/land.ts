/**
 * What it costs to register a title and to pass one on: gas, exact, beside OpenZeppelin's ERC-721 in the same run and
 * beside what the layout costs by arithmetic.
 *
 *   node bench/land.ts
 *
 * Two officers sign with secp256k1 keys. The peer is a bare token: no rules, no co-owners, no officers, no document.
 * That the register keeps the state that was prepared, and the token its owner, is asserted before a figure is told.
 * Figures are of the fork in `chain.ts` and of the compiler's settings in hardhat.config.ts; no run differs from
 * another.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { addressOfPrivateKey, type ConsentKey, keyHashOf } from '../server/domain/acts/signing.ts';
import { FORK } from '../server/domain/base/chain.ts';
import { type Address, type Bytes32, fromHex, type Hex, ZERO_32 } from '../server/domain/base/hex.ts';
import { type BAUnitId, idInOffice, type SpatialUnitId } from '../server/domain/base/terms.ts';
import type { Title } from '../server/domain/land/acts.ts';
import { type LandSignable, signableOr } from '../server/domain/land/prepare.ts';
import { assembleTitle, registerTitle, registerTitles } from '../server/domain/land/registration.ts';
import { transferRight } from '../server/domain/land/transfer.ts';
import { type Holding, MAX_TITLES_PER_BATCH } from '../server/domain/land/types.ts';
import { compiledPeer, type FoundedChain, named, OFFICE, type Sent } from './foundedChain.ts';
import { boundOf } from './landBound.ts';
import { foundLandChain, type LandChain } from './landChain.ts';
import { holds, lineOf, type Row } from './row.ts';

/**
 * Over the bound: decoding, checking, copying, and calls between contracts. 1.25 was wanted; what it would take is in
 * docs/decisions/0012-land-stays-plain.md, and what the rules of notices, ranks and keepers took in
 * 0026-rules-of-land-in-four-contracts.md. A transfer looks besides at whom each charge reaches, and puts notices on the right
 * that a holding leaves (0198 to 0200). These hold what was reached, so that nothing is lost unnoticed.
 */
const MOST_OF_BOUND = { single: 1.36, batch: 1.37, transfer: 1.79 } as const;

const keyOf = (name: string): ConsentKey => {
  const privateKey = fromHex(named(`key of ${name}`));
  const salt = named(`salt of ${name}`);
  return { privateKey, salt, keyHash: keyHashOf(salt, 'secp256k1', addressOfPrivateKey(privateKey)) };
};

const holdingOf = (name: string): Omit<Holding, 'holdingId'> => ({
  numerator: 1n,
  partyKind: 'person',
  signer: 'own',
  keyHash: keyOf(name).keyHash,
  partyCommitment: named<Bytes32>(`party ${name}`),
});

/** Two co-owners with keys of their own, one plot, nothing on it. */
function titleOf(name: string): Title {
  return assembleTitle({
    baUnit: idInOffice(OFFICE, named(`unit ${name}`)) as BAUnitId,
    office: OFFICE,
    origin: 'adjudication',
    evidence: 'surveyed-record',
    spatialUnits: [
      {
        id: idInOffice(OFFICE, named(`plot ${name}`)) as SpatialUnitId,
        geometryCommitment: named(`geometry ${name}`),
      },
    ],
    rights: [
      {
        kind: 'ownership',
        standing: 'absolute',
        upgradesOn: 0n,
        expiresOn: 0n,
        tenancy: 'common',
        denominator: 2n,
        termsCommitment: ZERO_32,
        holdings: [holdingOf(`first of ${name}`), holdingOf(`second of ${name}`)],
      },
    ],
    factsRoot: named(`facts ${name}`),
  });
}

/** Every figure of the register of land, in the order of the README. */
export async function landRows(): Promise<Row[]> {
  const chain = await foundLandChain();
  try {
    // The first entry of a journal makes its words; every later one changes them.
    await register(chain, 'the first of all');
    const token = await tokenGas(chain.chain);
    const single = await register(chain, 'one');
    const batch = await registerBatch(chain);
    const transfer = await pass(chain, single.prepared);
    const mint = { name: 'OpenZeppelin ERC-721 mint', value: token.mint };
    return [
      { ...figures(single, MOST_OF_BOUND.single), name: 'register a title', peer: mint },
      {
        ...figures(batch, MOST_OF_BOUND.batch),
        name: `register a title, one of ${MAX_TITLES_PER_BATCH}`,
        peer: mint,
      },
      {
        ...figures(transfer, MOST_OF_BOUND.transfer),
        name: "transfer a right with its holder's consent",
        peer: { name: 'OpenZeppelin ERC-721 transfer', value: token.transfer },
      },
    ];
  } finally {
    await chain.chain.close();
  }
}

interface Done {
  readonly prepared: LandSignable;
  readonly sent: Sent;
}

async function register(chain: LandChain, name: string): Promise<Done> {
  const act = { head: chain.head(), title: titleOf(name) };
  const prepared = signableOr(registerTitle(chain.reading(), act));
  return { prepared, sent: await chain.act(prepared) };
}

async function registerBatch(chain: LandChain): Promise<Done> {
  const titles = Array.from({ length: MAX_TITLES_PER_BATCH }, (_, i) => titleOf(`many ${i}`));
  const prepared = signableOr(registerTitles(chain.reading(), chain.head(), titles));
  return { prepared, sent: await chain.act(prepared) };
}

/** The first of two co-owners sells to somebody new. */
async function pass(chain: LandChain, { changes: [registered] }: LandSignable): Promise<Done> {
  const [right] = registered?.state.rights ?? [];
  const [, stays] = right?.holdings ?? [];
  assert(registered !== undefined && right !== undefined && stays !== undefined);
  const act = {
    head: chain.head(),
    unit: { baUnit: registered.baUnit, priorState: registered.stateHash },
    next: { ...right, presentationNo: 0n, holdings: [stays, { holdingId: 0, ...holdingOf('the buyer') }] },
  };
  const prepared = signableOr(transferRight(chain.reading(), act, registered.state));
  assert.equal(prepared.consents.length, 1);
  return { prepared, sent: await chain.act(prepared, [keyOf('first of one')]) };
}

/** A token goes to somebody who has none, from somebody who keeps another: no word is freed and paid back. */
async function tokenGas(chain: FoundedChain): Promise<{ readonly mint: number; readonly transfer: number }> {
  const token = await chain.deployPeer('TitleToken');
  const { calls } = compiledPeer('TitleToken');
  const call = (method: string, ...values: readonly unknown[]) =>
    chain.send(token, calls.encodeFunctionData(method, values) as Hex);
  const accountOf = (name: string) => named(`account ${name}`).slice(0, 42) as Address;
  await call('mint', chain.sender, named('token kept'));
  await call('mint', chain.sender, named('token sold'));
  const { gas: mint } = await call('mint', accountOf('owner'), named('token'));
  const { gas: transfer } = await call('transferFrom', chain.sender, accountOf('buyer'), named('token sold'));
  const owner = await chain.ask(token, calls.encodeFunctionData('ownerOf', [named('token sold')]) as Hex);
  assert.equal(BigInt(owner), BigInt(accountOf('buyer')));
  return { mint, transfer };
}

/** Of one unit where the act changes several. */
function figures({ prepared, sent }: Done, mostOfBound: number): Omit<Row, 'name'> {
  const units = prepared.changes.length;
  const bound = Math.round(boundOf(prepared, sent) / units);
  const hold = { atMost: Math.floor(bound * mostOfBound) };
  return { value: Math.round(sent.gas / units), unit: 'gas', hold, bound };
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(fs.realpathSync(entry)).href) {
  console.log(`gas at ${FORK}`);
  const rows = await landRows();
  for (const one of rows) console.log(lineOf(one));
  process.exitCode = rows.every(holds) ? 0 : 1;
}
