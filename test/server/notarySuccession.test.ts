/**
 * The notary in its successor: recorders, stones, used keys and the newest roots recomputed from its predecessor, and each
 * of them named where the members voted for another value all the same; by both auditors.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { deriveChain } from '../../server/derivation.ts';
import { addressOfPrivateKey, signCompact } from '../../server/domain/acts/signing.ts';
import { digest, type TypedStruct } from '../../server/domain/acts/typedData.ts';
import {
  importOf,
  newestRootSlot,
  recorderSlot,
  requireImport,
} from '../../server/domain/audit/succession.ts';
import { writeTrust } from '../../server/domain/audit/trust.ts';
import { type Bytes32, fromHex, type Hex, toHex, wordOf, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { InstitutionId } from '../../server/domain/base/terms.ts';
import { NOTARY_TYPES, type RootRecord, rootMessage } from '../../server/domain/notary/roots.ts';
import { encodeCall } from '../../server/ledger/contracts.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { listenRpc } from '../../server/ledger/rpc.ts';
import { recomputeAtHead } from '../../server/succession.ts';
import { headOf, named, signedBy } from '../chain/signing.ts';
import { recomputed, succeed } from '../chain/successionScene.ts';
import { APPROVER, CHARTER, foundWorld, PREPARER, type World } from '../chain/world.ts';
import { hasPython, verifier } from '../verifier/python.ts';
import { trustOf } from '../verifier/worldTrust.ts';
import { removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

const INSTITUTION = 1 as InstitutionId;
const KEY = fromHex(named('recorder'));
const KEY_HASH = toHex(keccak256(fromHex(addressOfPrivateKey(KEY)))) as Bytes32;
const next = (slot: Bytes32) => wordOf(BigInt(slot) + 1n);
const RECORDER = recorderSlot(INSTITUTION);
const NEWEST = newestRootSlot(INSTITUTION, 'access-log');

/** Each value that is carried over: its word, and the lowest bit of it. */
const CARRIED: readonly (readonly [what: string, slot: Bytes32, bit: bigint])[] = [
  ['the key in force', RECORDER, 0n],
  ['its epoch', next(RECORDER), 0n],
  ['its first second', next(RECORDER), 32n],
  ['the stones', next(RECORDER), 72n],
  ['the index of the newest root', NEWEST, 0n],
  ['its lines', NEWEST, 64n],
  ['its day', NEWEST, 128n],
  ['its second', NEWEST, 160n],
  ['the epoch of its key', NEWEST, 200n],
];

describe('the notary that is succeeded', function () {
  this.timeout(300_000);
  let world: World;

  const sign = (type: keyof typeof NOTARY_TYPES, message: TypedStruct): Hex =>
    signCompact(digest(world.domainOf('notary'), NOTARY_TYPES, type, message), KEY);

  async function root(record: RootRecord): Promise<void> {
    const message = rootMessage(record);
    const call = encodeCall('notary', 'recordRoot', [message, sign('RootRecord', message)]);
    await world.send(world.addresses.notary, call);
  }

  /** A recorder with two stones and a root of its access log. */
  before(async () => {
    world = await foundWorld({ folder: temporaryFolder() });
    const possessed = { officerId: ZERO_32, keyHash: KEY_HASH, epoch: 1, institution: INSTITUTION };
    const fields = { institution: INSTITUTION, epochBefore: 0, keyHash: KEY_HASH };
    const act = { head: headOf(PREPARER, world.nextSalt()), ...fields };
    const domain = world.domainOf('notary');
    const signatures = signedBy(PREPARER, APPROVER, domain, 'notary', 'appointRecorder', act);
    const args = [act, sign('KeyPossession', possessed), signatures] as never;
    await world.send(world.addresses.notary, encodeCall('notary', 'appointRecorder', args));
    const ids = [named('one'), named('two')].sort();
    const erasure = { institution: INSTITUTION, epoch: 1, stonesBefore: 0n, ids };
    const erased = encodeCall('notary', 'recordErasure', [erasure, sign('Erasure', erasure)]);
    await world.send(world.addresses.notary, erased);
    await root({
      ...{ institution: INSTITUTION, epoch: 1, kind: 'access-log', index: 1n, root: named('root') },
      ...{ lines: 10n, stones: 2n, day: 20_000 },
    });
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  /** Which words of successors both auditors name, each by its slot and why. */
  async function found(): Promise<string[]> {
    const { findings } = await deriveChain({
      ...{ chainId: world.chain.genesis.chainId, charter: CHARTER },
      ...{ ledger: await world.anotherLedger(), through: world.chain.headNumber },
    });
    const ours = findings.map((one) => `${'subject' in one && one.subject} ${whyOf(one.what)}`);
    if (hasPython()) expect(await foundByPython()).to.deep.equal(ours);
    return ours;
  }

  async function foundByPython(): Promise<string[]> {
    const file = path.join(temporaryFolder(), 'trust.json');
    writeFileSync(file, writeTrust(await trustOf(world)));
    const listener = await listenRpc(world.chain, 0);
    try {
      const url = `http://127.0.0.1:${listener.port}`;
      const { stdout } = await verifier(['audit', '--rpc', url, '--trust', file]);
      const { findings } = JSON.parse(stdout) as { findings: { subject: string; what: string }[] };
      return findings.map(({ subject, what }) => `${subject} ${whyOf(what)}`);
    } finally {
      await listener.close();
    }
  }

  it('goes on with its recorders, stones and roots, and refuses a member another fold (N1, N2)', async () => {
    const due = await recomputed(world, 'notary');
    expect(due.words).to.have.length(4);
    const { calls, ...atHead } = await recomputeAtHead(world.chain, CHARTER, 'notary');
    expect([atHead, calls.length]).to.deep.equal([due, 1]);
    await succeed(world, 'notary');
    expect(await found()).to.deep.equal([]);
    for (const [what, slot, bit] of CARRIED) {
      const { importHash } = await bent(slot, bit);
      expect(() => requireImport(importHash, due), what).to.throw();
    }
  });

  /** What is due, with one bit of it turned. */
  async function bent(slot: Bytes32, bit: bigint) {
    const words = new Map((await recomputed(world, 'notary')).words.map((one) => [one.slot, one.word]));
    const word = words.get(slot);
    if (word === undefined) throw new Error('nothing is carried there');
    return importOf(words.set(slot, wordOf(BigInt(word) ^ (1n << bit))));
  }

  it('is named where the members voted for another value: each field, a word left out, and one too many', async () => {
    const due: string[] = [];
    for (const [, slot, bit] of CARRIED) {
      await succeed(world, 'notary', await bent(slot, bit));
      due.push(`${slot} other-word`);
    }
    const { words } = await recomputed(world, 'notary');
    const whole = words.map((one) => [one.slot, one.word] as const);
    const used =
      words.find(({ slot }) => ![RECORDER, next(RECORDER), NEWEST].includes(slot))?.slot ?? ZERO_32;
    const left = whole.filter(([slot]) => slot !== used);
    await succeed(world, 'notary', importOf(new Map(left)));
    due.push(`${used} missing`);
    const strange = named('a slot') as Bytes32;
    await succeed(world, 'notary', importOf(new Map([...left, [strange, wordOf(1n)]])));
    due.push(`${strange} not-in-the-register`);
    expect(await found()).to.deep.equal(due);
  });
});

const whyOf = (what: string) => what.replace(/^.*: (.*)\.$/, '$1');
