/** The notary on a real ledger: followed, replayed, and each promise of it broken in the events once. */

import { expect } from 'chai';
import type { EventBlock, EventOf, LedgerEvent } from '../../../../server/domain/acts/events.ts';
import { addressOfPrivateKey, signCompact } from '../../../../server/domain/acts/signing.ts';
import { digest, hashStruct, type TypedStruct } from '../../../../server/domain/acts/typedData.ts';
import { firstHead, foldEntry } from '../../../../server/domain/audit/journal.ts';
import { Replay } from '../../../../server/domain/audit/replay.ts';
import { writeTrust } from '../../../../server/domain/audit/trust.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import type { InstitutionId } from '../../../../server/domain/base/terms.ts';
import {
  type Erasure,
  NOTARY_TYPES,
  type RootRecord,
  rootMessage,
} from '../../../../server/domain/notary/roots.ts';
import { encodeCall } from '../../../../server/ledger/contracts.ts';
import { keccak256 } from '../../../../server/ledger/keccak.ts';
import { headOf, named, signedBy } from '../../../chain/signing.ts';
import { APPROVER, foundWorld, PREPARER, type World } from '../../../chain/world.ts';
import { needsPython } from '../../../verifier/python.ts';
import { differingFrom, type Judged } from '../../../verifier/sameFound.ts';
import { trustOf } from '../../../verifier/worldTrust.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const INSTITUTION = 1 as InstitutionId;
const HOUR = 3_600n;
const START = 1_900_000_000n;
const DAY = Number(START / 86_400n);
const key = (epoch: number) => fromHex(named(`recorder ${epoch}`));
const keyHash = (epoch: number) => toHex(keccak256(fromHex(addressOfPrivateKey(key(epoch))))) as Bytes32;

describe('the notary', function () {
  this.timeout(120_000);
  let now = START;
  let world: World;
  let blocks: EventBlock[];
  let overdue: readonly (readonly InstitutionId[])[];

  const sign = (type: keyof typeof NOTARY_TYPES, message: TypedStruct, epoch = 1): Hex =>
    signCompact(digest(world.domainOf('notary'), NOTARY_TYPES, type, message), key(epoch));

  async function appoint(epoch: number, by = epoch): Promise<void> {
    const possessed = { officerId: ZERO_32, keyHash: keyHash(epoch), epoch, institution: INSTITUTION };
    const act = {
      head: headOf(PREPARER, world.nextSalt()),
      ...{ institution: INSTITUTION, epochBefore: epoch - 1, keyHash: keyHash(epoch) },
    };
    const signatures = signedBy(
      PREPARER,
      APPROVER,
      world.domainOf('notary'),
      'notary',
      'appointRecorder',
      act,
    );
    const args = [act, sign('KeyPossession', possessed, by), signatures] as unknown;
    const data = encodeCall(
      'notary',
      'appointRecorder',
      args as Parameters<typeof encodeCall<'notary', 'appointRecorder'>>[2],
    );
    await world.send(world.addresses.notary, data);
  }

  const recordOf = (changed: Partial<RootRecord> = {}): RootRecord => ({
    ...{ institution: INSTITUTION, epoch: 1, kind: 'access-log', index: 1n, root: named('root') },
    ...{ lines: 10n, stones: 2n, day: DAY },
    ...changed,
  });

  async function root(record: RootRecord): Promise<void> {
    const message = rootMessage(record);
    const signature = sign('RootRecord', message, record.epoch);
    await world.send(world.addresses.notary, encodeCall('notary', 'recordRoot', [message, signature]));
  }

  async function erase(erasure: Erasure): Promise<void> {
    const message = { ...erasure, ids: [...erasure.ids] };
    const signature = sign('Erasure', message, erasure.epoch);
    await world.send(world.addresses.notary, encodeCall('notary', 'recordErasure', [message, signature]));
  }

  const codeOf = async (promise: Promise<void>): Promise<string | undefined> =>
    promise.then(
      () => undefined,
      (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
    );

  before(async () => {
    world = await foundWorld({ folder: temporaryFolder(), clock: () => now });
    await appoint(1);
    const ids = [named('one'), named('two')].sort();
    await erase({ institution: INSTITUTION, epoch: 1, stonesBefore: 0n, ids });
    await root(recordOf());
    await root(recordOf({ kind: 'checkpoint', lines: 7n, stones: 0n }));
    now += HOUR;
    await root(recordOf({ index: 2n, lines: 12n }));
    await appoint(2);
    now += HOUR;
    await root(recordOf({ index: 3n, lines: 4n, epoch: 2 }));
    await world.sync();
    // The block of the newest root may be a second or two after the clock.
    overdue = [await world.views.notary.overdue(now), await world.views.notary.overdue(now + HOUR)];
    await world.act('notary', 'revokeRecorder', { institution: INSTITUTION, epoch: 2 });
    blocks = await world.shownBlocks();
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  it('is followed: the recorder, its roots kind by kind, and the keys it destroyed', async () => {
    await world.sync();
    const { notary } = world.views;
    const recorder = await notary.recorder(INSTITUTION);
    expect(recorder).to.include({ keyHash: ZERO_32, epoch: 2, stones: 2n });
    const { rows } = await notary.roots(INSTITUTION, 'access-log');
    expect(rows.map(({ index, lines }) => [index, lines])).to.deep.equal([
      [1n, 10n],
      [2n, 12n],
      [3n, 4n],
    ]);
    expect((await notary.roots(INSTITUTION, 'checkpoint')).rows.map(({ lines }) => lines)).to.deep.equal([
      7n,
    ]);
    expect((await notary.erasures(INSTITUTION)).rows.map(({ ids }) => ids.length)).to.deep.equal([2]);
    expect(overdue, 'behind only where the newest root is older').to.deep.equal([[], [INSTITUTION]]);
    expect(await notary.overdue(now + HOUR), 'without a key nobody can swear').to.deep.equal([]);
  });

  const findings = (events: readonly EventBlock[]) => {
    const replay = new Replay(world.chain.genesis.chainId);
    for (const block of events) replay.apply(block);
    return replay.findings;
  };
  const found = (events: readonly EventBlock[]): string[] =>
    [...new Set(findings(events).map(({ invariant }) => invariant))].filter((one) => one !== 'P8');

  /** The history with the events of one name changed. */
  function forged<N extends LedgerEvent['name']>(
    name: N,
    change: (args: EventOf<N>['args'], i: number) => Partial<EventOf<N>['args']>,
  ): EventBlock[] {
    let i = 0;
    return blocks.map((block) => ({
      ...block,
      events: block.events.map((event) =>
        event.name === name
          ? ({
              ...event,
              args: { ...event.args, ...change(event.args as EventOf<N>['args'], i++) },
            } as LedgerEvent)
          : event,
      ),
    }));
  }

  it('is replayed without a finding, and each forged root, key and stone is found', () => {
    expect(found(blocks)).to.deep.equal([]);
    const roots = (change: (args: RootRecord, i: number) => Partial<RootRecord>) =>
      found(forged('RootRecorded', change));
    expect(roots((_, i) => (i === 2 ? { index: 3n } : {}))).to.include('N1');
    expect(roots((_, i) => (i === 2 ? { lines: 9n } : {}))).to.include('N1');
    expect(roots((_, i) => (i === 2 ? { day: DAY - 1 } : {}))).to.include('N1');
    expect(roots((_, i) => (i === 2 ? { root: named('another') } : {}))).to.include('N1');
    expect(roots((_, i) => (i === 2 ? { stones: 1n } : {}))).to.include('N2');
    expect(found(forged('Erased', () => ({ ids: [named('one'), named('one')] })))).to.include('N2');
    expect(
      found(forged('RecorderAppointed', () => ({ possession: `0x${'11'.repeat(64)}` as Hex }))),
    ).to.include('N1');
    expect(found(forged('RecorderAppointed', () => ({ activeFrom: 0n })))).to.include('P5');
    const without = (name: LedgerEvent['name']) =>
      blocks.map((block) => ({ ...block, events: block.events.filter((event) => event.name !== name) }));
    expect(found(without('RootRecorded'))).to.include('L3');
    expect(found(without('Signed'))).to.include('L3');
  });

  /** A root or an erasure with other values, signed and entered as its recorder would have it, and the journal folded anew. */
  function sealed<N extends 'RootRecorded' | 'Erased'>(
    name: N,
    nth: number,
    part: Partial<EventOf<N>['args']>,
  ): EventBlock[] {
    const { notary } = world.addresses;
    let [left, head] = [nth, firstHead(world.chain.genesis.chainId, notary)];
    let bound: object = {};
    const seal = (event: LedgerEvent): LedgerEvent => {
      if (event.name === name && left-- === 0) {
        const args = { ...event.args, ...part };
        const { signature: _, ...record } = args as unknown as EventOf<'RootRecorded'>['args'];
        const [type, message] =
          name === 'Erased'
            ? (['Erasure', record as unknown as TypedStruct] as const)
            : (['RootRecord', rootMessage(record)] as const);
        const entryId = digest(world.domainOf('notary'), NOTARY_TYPES, type, message);
        bound = { entryId, newState: hashStruct(NOTARY_TYPES, type, message) };
        return { ...event, args: { ...args, signature: sign(type, message, record.epoch) } } as LedgerEvent;
      }
      if (event.name !== 'EntryRecorded' || event.address !== notary) return event;
      const args = { ...event.args, ...bound };
      bound = {};
      head = foldEntry(head, args);
      return { ...event, args: { ...args, head } } as LedgerEvent;
    };
    const history = blocks.map((block) => ({ ...block, events: block.events.map(seal) }));
    expect(left, `${name} ${nth}`).to.be.below(0);
    return history;
  }

  it('is judged alike by both auditors, whatever a recorder signs against the rules (N1, N2)', async function () {
    needsPython(this);
    const ids = (...names: string[]) => names.map((one) => named(one));
    const rising = ids('one', 'two').sort();
    const many = Array.from({ length: 257 }, (_, i) => named(`id ${i}`)).sort();
    const stale = 'A root or an erasure is not by the recorder of its institution.';
    const again = 'A data key was destroyed twice.';
    const rooted: readonly (readonly [number, Partial<RootRecord>, ...string[]])[] = [
      [2, { stones: 1n }, 'stones-differ'],
      [2, { stones: 3n }, 'stones-differ'],
      [1, { stones: 2n }, 'stones-differ'],
      [2, { day: DAY - 1 }, 'day-out-of-range'],
      [3, { day: DAY + 1 }, 'day-out-of-range'],
      [3, { index: 4n }, 'root-out-of-order'],
      [3, { kind: 'published-files', stones: 0n }, 'root-out-of-order'],
      [3, { kind: 'unspecified' }, 'root-kind-unknown'],
      [3, { root: ZERO_32 }, 'root-missing'],
      [1, { kind: 'access-log', index: 2n, lines: 10n, stones: 2n }, 'root-out-of-order', 'root-too-soon'],
      [2, { lines: 9n }, 'lines-shrank'],
      [3, { epoch: 1, lines: 12n }, stale, 'recorder-epoch-stale'],
      [3, { lines: 0n }],
      [3, { root: named('another') }],
    ];
    const erased: readonly (readonly [Partial<Erasure>, ...string[]])[] = [
      [{ ids: [] }, 'erasure-size-out-of-range', 'stones-differ'],
      [{ ids: many }, 'erasure-size-out-of-range', 'stones-differ'],
      [{ ids: rising.toReversed() }, 'erasure-out-of-order'],
      [{ ids: ids('one', 'one') }, again, 'erasure-out-of-order'],
      [{ stonesBefore: 1n }, 'erasure-stale'],
      [{ ids: ids('three') }, 'stones-differ'],
    ];
    const judged: Judged[] = [];
    const said = (history: EventBlock[]) => {
      const all = findings(history);
      judged.push({ history, findings: all });
      return [...new Set(all.map(({ what }) => what.replace(/^.* refuses: (.*)\.$/, '$1')))].sort();
    };
    expect(said(blocks)).to.deep.equal([]);
    for (const [nth, part, ...found] of rooted) {
      expect(said(sealed('RootRecorded', nth, part)), JSON.stringify(found)).to.deep.equal(found);
    }
    for (const [part, ...found] of erased) {
      expect(said(sealed('Erased', 0, part)), JSON.stringify(found)).to.deep.equal(found);
    }
    const trust = writeTrust(await trustOf(world));
    const node = { chain: world.chain, key: fromHex(named('node key')) };
    expect(await differingFrom(node, blocks, judged, trust)).to.deep.equal([]);
    console.log(`      python audit | ${judged.length} histories of the notary | the same found in each`);
  });

  it('lets no root of one key cover fewer lines than the one before, and a new key begins its lines anew', () => {
    const shrank = 'An act was recorded that the ledger refuses: lines-shrank.';
    const said = (place: number, lines: bigint) =>
      findings(forged('RootRecorded', (_, i) => (i === place ? { lines } : {}))).map(({ what }) => what);
    expect(said(2, 9n)).to.include(shrank);
    expect(said(2, 10n)).not.to.include(shrank);
    expect(said(3, 0n)).not.to.include(shrank);
  });

  it('refuses what its recorder may not, in the words of the catalogue', async () => {
    expect(await codeOf(root(recordOf({ index: 4n, epoch: 2 })))).to.equal('recorder-unknown');
    await appoint(3);
    expect(await codeOf(appoint(4, 1))).to.equal('recorder-key-not-shown');
    const first = { epoch: 3, index: 4n, lines: 2n };
    expect(await codeOf(root(recordOf({ ...first, epoch: 1 })))).to.equal('recorder-epoch-stale');
    expect(await codeOf(root(recordOf(first)))).to.equal('root-too-soon');
    now += HOUR;
    await root(recordOf(first));
    const next = { ...first, index: 5n };
    now += HOUR;
    expect(await codeOf(root(recordOf({ ...next, kind: 'unspecified' })))).to.equal('root-kind-unknown');
    expect(await codeOf(root(recordOf({ ...next, root: ZERO_32 })))).to.equal('root-missing');
    expect(await codeOf(root(recordOf({ ...next, index: 6n })))).to.equal('root-out-of-order');
    expect(await codeOf(root(recordOf({ ...next, lines: 1n })))).to.equal('lines-shrank');
    expect(await codeOf(root(recordOf({ ...next, stones: 3n })))).to.equal('stones-differ');
    expect(await codeOf(root(recordOf({ ...next, day: DAY + 9 })))).to.equal('day-out-of-range');
    const erasure = { institution: INSTITUTION, epoch: 3, stonesBefore: 2n, ids: [named('three')] };
    expect(await codeOf(erase({ ...erasure, ids: [] }))).to.equal('erasure-size-out-of-range');
    expect(await codeOf(erase({ ...erasure, ids: [named('x'), named('x')] }))).to.equal(
      'erasure-out-of-order',
    );
    expect(await codeOf(erase({ ...erasure, stonesBefore: 0n }))).to.equal('erasure-stale');
    await root(recordOf(next));
  });
});
