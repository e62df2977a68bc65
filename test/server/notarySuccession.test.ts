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
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  wordOf,
  ZERO_32,
} from '../../server/domain/base/hex.ts';
import type { InstitutionId } from '../../server/domain/base/terms.ts';
import { NOTARY_TYPES, type RootRecord, rootMessage } from '../../server/domain/notary/roots.ts';
import { encodeCall } from '../../server/ledger/contracts.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { listenRpc } from '../../server/ledger/rpc.ts';
import { fillingAtHead, recomputeAtHead } from '../../server/succession.ts';
import {
  deploySuccessor,
  deployVerifier,
  lookAtSuccessor,
  lookAtVerifier,
  sendCalls,
} from '../../server/successor.ts';
import { enact } from '../chain/powerScenes.ts';
import { headOf, named, signedBy } from '../chain/signing.ts';
import { askedOf, recomputed, succeed } from '../chain/successionScene.ts';
import { APPROVER, CHARTER, foundWorld, LEDGER_NONCE, PREPARER, type World } from '../chain/world.ts';
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
    const { calls, ...atHead } = await recomputeAtHead(askedOf(world), 'notary');
    expect([atHead, calls.length]).to.deep.equal([due, 1]);
    await succeed(world, 'notary');
    expect(await found()).to.deep.equal([]);
    for (const [what, slot, bit] of CARRIED) {
      const { importHash } = await bent(slot, bit);
      expect(() => requireImport(importHash, due), what).to.throw();
    }
  });

  it('is made and filled by anybody, in part and again, and only as this version and its members have it (P11)', async () => {
    const asked = askedOf(world);
    const first = world.addresses.notary;
    const refused = async (attempt: Promise<unknown>) => {
      const error = await attempt.then(() => undefined, String);
      return error ?? 'no refusal';
    };
    const made = await deploySuccessor(asked, LEDGER_NONCE, 'notary');
    expect([made.contract, made.predecessor, made.parts]).to.deep.equal(['Notary', first, []]);
    expect(await lookAtSuccessor(asked, LEDGER_NONCE, 'notary', made.address)).to.deep.equal(made);
    const look = (address: Address, nonce: Bytes32 = LEDGER_NONCE) =>
      refused(lookAtSuccessor(asked, nonce, 'notary', address));
    expect(await look(first)).to.match(/continued once, by the one it succeeds/);
    expect(await look(world.addresses.personnel)).to.match(/other code/);
    expect(await look(`0x${'77'.repeat(20)}` as Address)).to.match(/no contract at the address/);
    expect(await look(made.address, named('another ledger') as Bytes32)).to.match(/its nonce differs/);
    const elsewhere = await world.deploy('notary', [...[world.addresses.council, LEDGER_NONCE, first]]);
    expect(await look(elsewhere)).to.match(/its charter differs/);

    const due = await recomputed(world, 'notary');
    const name = named('Notary');
    const inForce = { name, target: made.address };
    await enact(world, 'put-in-force', Object.assign({ value: BigInt(due.importHash) }, inForce));
    const filling = await fillingAtHead(asked, 'notary');
    expect([filling.successor, filling.importHash, filling.calls.length]).to.deep.equal([
      ...[made.address, due.importHash, 1],
    ]);
    const [call = '0x' as Hex] = filling.calls;
    // The last byte of the third word, which says what the words after these fold to.
    const bentCall = `${call.slice(0, 201)}1${call.slice(202)}` as Hex;
    const nobody = () => undefined;
    expect(await refused(sendCalls(asked, made.address, [bentCall], nobody))).to.match(/not the next words/);
    const sent: number[] = [];
    await sendCalls(asked, made.address, filling.calls, (count) => sent.push(count));
    expect(sent).to.deep.equal([1]);
    expect((await fillingAtHead(asked, 'notary')).calls).to.deep.equal([]);
    world.replace('notary', made.address);
    expect(await found()).to.deep.equal([]);
    const later = await deploySuccessor(asked, LEDGER_NONCE, 'land');
    expect(later.parts.map(({ address }) => address)).to.deep.equal([
      ...[world.addresses.landTransfers, world.addresses.landCharges, world.addresses.landPartition],
      ...[world.addresses.landParts, world.addresses.landDivision],
    ]);
    // One officer's withdrawal is enough: what was to be imported is of before it.
    const lookAtLater = () => refused(lookAtSuccessor(asked, LEDGER_NONCE, 'land', later.address));
    expect(await lookAtLater()).to.equal('no refusal');
    const order = { entryId: named('an act'), actDeadline: 4_000_000_000n };
    const by = { officer: PREPARER.officer, epoch: PREPARER.epoch };
    await world.order('land', 'withdraw', PREPARER, Object.assign(by, order));
    expect(await lookAtLater()).to.match(/an entry younger than its successor/);
  });

  it('takes a verifier for keys of a kind from anybody, and knows it from every other contract', async () => {
    const asked = askedOf(world);
    for (const kind of ['p256', 'webauthn'] as const) {
      const made = await deployVerifier(asked, kind);
      expect(await lookAtVerifier(asked, kind, made.address)).to.deep.equal(made);
      const other = kind === 'p256' ? 'webauthn' : 'p256';
      const refused = await lookAtVerifier(asked, other, made.address).catch(String);
      expect(refused).to.match(/other code/);
      await enact(world, 'allow-verifier', { target: made.address, value: kind === 'p256' ? 2n : 3n });
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
