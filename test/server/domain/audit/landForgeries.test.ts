/**
 * Land with a unit of every sort, real consents and the largest values, held against every other value: an altered event
 * is named where it stands, and an altered act that every officer signed breaks the rule it breaks.
 */
import { expect } from 'chai';
import type { EventBlock, EventOf, LedgerEvent, ShownCall } from '../../../../server/domain/acts/events.ts';
import { notShownVerdict } from '../../../../server/domain/audit/replaySignatures.ts';
import { writeTrust } from '../../../../server/domain/audit/trust.ts';
import { type Address, type Bytes32, type Hex, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type InstitutionId,
  idInOffice,
  LAND_ACTS,
  LAND_KIND_BASE,
  type LandAct,
} from '../../../../server/domain/base/terms.ts';
import type { ConsentProof, Title } from '../../../../server/domain/land/acts.ts';
import { assembleTitle } from '../../../../server/domain/land/registration.ts';
import type { BAUnitState } from '../../../../server/domain/land/types.ts';
import { EventReader } from '../../../../server/ledger/events.ts';
import { openLedger, type VerifiedBlock } from '../../../../server/ledger/ledger.ts';
import { shownCalls } from '../../../../server/ledger/shownCalls.ts';
import { replayed, shownByCalls, withArgs } from '../../../chain/bent.ts';
import { resealed } from '../../../chain/resealed.ts';
import { named } from '../../../chain/signing.ts';
import { perform } from '../../../land/landActs.ts';
import { OFFICERS } from '../../../land/landLedger.ts';
import { LATER, LandScene } from '../../../land/landScene.ts';
import { seeded } from '../../../seeded.ts';
import { needsPython } from '../../../verifier/python.ts';
import { differingFrom, type Judged } from '../../../verifier/sameFound.ts';
import { trustOfLand } from '../../../verifier/worldTrust.ts';
import { NODE_KEY } from '../../ledger/chain.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const CHARTER = `0x${'c4'.repeat(20)}` as Address;
const MOST = 2n ** 64n - 1n;
/** Nodes that listen at once. */
/** Every leaf once would be an hour. */
const SAMPLE = 24;

describe('land as an auditor reads it', function () {
  this.timeout(600_000);
  let blocks: readonly EventBlock[];
  let chainId: bigint;
  const random = seeded(20_261_129);
  const scene = new LandScene(random);

  before(async () => {
    await scene.open(temporaryFolder());
    await play();
    const { chain } = scene.ledger;
    const { hash } = chain.genesis;
    ({ chainId } = chain.genesis);
    const ledger = await openLedger({ provider: chain, pin: { chainId, genesisHash: hash } });
    const reader = new EventReader<VerifiedBlock>({ charter: CHARTER, questions: ledger });
    const read: EventBlock[] = [];
    const done = new AbortController();
    for await (const block of ledger.follow(ledger.genesis, done.signal)) {
      const events = await reader.read(block);
      read.push({ ...events, shown: shownCalls(block.transactions, (at) => reader.contractAt(at)) });
      if (block.number === chain.headNumber) break;
    }
    done.abort();
    ledger.close();
    blocks = read;
  });

  after(async () => {
    await scene.close();
    removeTemporaryFolders();
  });

  /** Every act, with the largest values it may have. */
  async function play(): Promise<void> {
    const { drafts, ledger } = scene;
    const act = (attempt: Parameters<typeof perform>[2]) => perform(ledger, drafts, attempt);
    const one = async (attempt: Parameters<typeof perform>[2]): Promise<Title> => {
      const [title] = await act(attempt);
      if (title === undefined) throw new Error('no unit');
      return title;
    };
    const total = { baseUnit: ZERO_32 as BAUnitId, numerator: 0n, total: MOST };
    const ground = await one(await scene.registration(assembleTitle(drafts.title({ quota: total }))));
    const flat = (numerator: bigint) =>
      assembleTitle(drafts.title({ quota: { baseUnit: ground.baUnit, numerator, total: MOST } }));
    await act(await scene.parts(ground, [flat(MOST - 1n), flat(1n)]));
    const many = Array.from({ length: 63 }, () => drafts.holding({ numerator: 1n }));
    const crowd = drafts.ownership([...many, drafts.holding({ numerator: MOST - 63n })]);
    const crowded = await one(await scene.registration(assembleTitle(drafts.title({ rights: [crowd] }))));
    const right = scene.rightOf(crowded);
    const holdings = [...right.holdings.slice(0, 63), drafts.joining(MOST - 63n)];
    await act(await scene.transfer(crowded, { ...right, holdings }));
    const mortgaged = await act(await scene.charge([scene.units.plain, scene.units.other]));
    const [plain, other] = mortgaged;
    if (plain === undefined || other === undefined) throw new Error('two units');
    const idOf = ({ state }: Title) => state.charges.at(-1)?.restrictionId ?? 0;
    const freed = await act(
      await scene.release([
        [plain, idOf(plain)],
        [other, idOf(other)],
      ]),
    );
    const caution = drafts.restriction('caution', { expiresOn: LATER });
    const warned = await act(await scene.charge([freed[0] as Title], caution));
    const noticed = warned[0] as Title;
    const notice = noticed.state.notices[0]?.restrictionId ?? 0;
    const [cleared] = await act(await scene.release([[noticed, notice]]));
    await act(
      await scene.subdivision(
        cleared as Title,
        [1, 2, 3, 4].map(() => scene.child()),
      ),
    );
    const pair = [await one(await scene.registration()), await one(await scene.registration())];
    await act(await scene.consolidation(pair));
    const titles = [1, 2, 3].map(() => assembleTitle(drafts.title()));
    await act({ method: 'registerTitles', head: await ledger.head(random), titles });
    await act(await scene.transfer(scene.units.charged));
  }

  const sealers = () => ({
    chainId,
    officers: Object.entries(OFFICERS).map(([name, { id, key, institution }]) => ({
      ...{ name, officer: id, key, institution: institution as InstitutionId, epoch: 1 },
      address: `0x${'00'.repeat(20)}` as Address,
    })),
  });
  const reseal = (history: readonly EventBlock[]) => resealed(history, sealers());
  /** Every history that was judged here, for the auditor in Python to judge too. */
  const judged: Judged[] = [];
  const foundIn = (history: readonly EventBlock[]) => {
    const { findings } = replayed(chainId, history);
    judged.push({ history, findings });
    return findings;
  };
  const said = (history: readonly EventBlock[]) => [...new Set(foundIn(history).map(({ what }) => what))];
  const refusing = (code: string) => `An act was recorded that the ledger refuses: ${code}.`;

  /** Blocks whose acts are of a kind. */
  function blocksOf(act: LandAct): EventBlock[] {
    const kind = LAND_KIND_BASE + LAND_ACTS.indexOf(act);
    return blocks.filter(({ events }) =>
      events.some((event) => event.name === 'EntryRecorded' && event.args.kind === kind),
    );
  }
  const lastOf = (act: LandAct): EventBlock => {
    const block = blocksOf(act).at(-1);
    if (block === undefined) throw new Error(`no ${act}`);
    return block;
  };
  const through = (block: EventBlock, forged: EventBlock): EventBlock[] => [
    ...blocks.slice(0, blocks.indexOf(block)),
    forged,
  ];

  /** The last act of a kind with its nth state changed. */
  function withState(act: LandAct, nth: number, change: (state: BAUnitState) => object): EventBlock[] {
    const block = lastOf(act);
    let left = nth;
    const events = block.events.map((event) => {
      if (event.name !== 'BAUnitRecorded' || left-- !== 0) return event;
      const { state } = event.args;
      return withArgs(event, { state: { ...state, ...change(state) } });
    });
    return through(block, { ...block, events });
  }

  it('is sound with every signature checked, and the same sealed anew', () => {
    const replay = replayed(chainId, blocks);
    expect(replay.findings).to.deep.equal([]);
    expect(replay.signatures.notShown).to.equal(0);
    expect(notShownVerdict(replay.signatures)).to.equal(undefined);
    expect(reseal(blocks)).to.deep.equal(blocks);
  });

  it('says how many consents nobody showed, and is sound of the rest: signature-not-shown', () => {
    const whole = replayed(chainId, blocks);
    const hidden = blocks.map(({ cursor, timestampSeconds, events }) => ({
      cursor,
      timestampSeconds,
      events,
    }));
    const replay = replayed(chainId, hidden);
    expect(replay.findings).to.deep.equal([]);
    const consents = blocks.flatMap(({ shown }) =>
      [...(shown?.values() ?? [])].flatMap(({ args }) => (args.consents as readonly ConsentProof[]) ?? []),
    );
    expect(consents.length).to.be.above(20);
    const hiddenCount = consents.length + shownByCalls(blocks);
    expect(replay.signatures.notShown).to.equal(hiddenCount);
    expect(replay.signatures.checked).to.equal(whole.signatures.checked - hiddenCount);
    expect(notShownVerdict(replay.signatures)).to.equal(`signature-not-shown: ${hiddenCount}`);
  });

  it('names a consent that is missing, untimely, of another key, or that nobody asked for (L8)', () => {
    const FAR = 4_100_000_000n;
    const alterations: readonly (readonly [string, (proofs: ConsentProof[]) => ConsentProof[]])[] = [
      ['consent-missing', (proofs) => proofs.slice(0, -1)],
      ['consent-missing', () => []],
      [
        'consent-not-yet-valid',
        ([first, ...rest]) => [{ ...(first as ConsentProof), notBefore: FAR }, ...rest],
      ],
      ['consent-expired', ([first, ...rest]) => [{ ...(first as ConsentProof), deadline: 1n }, ...rest]],
      [
        'consent-not-given',
        (proofs) => proofs.with(0, { ...(proofs[0] as ConsentProof), salt: named('salt') }),
      ],
      [
        'consent-not-given',
        (proofs) =>
          proofs.with(-1, { ...(proofs.at(-1) as ConsentProof), mandateCommitment: named('mandate') }),
      ],
      ['consent-not-given', (proofs) => proofs.with(0, { ...(proofs[0] as ConsentProof), key: '0x00' })],
      ['consent-not-given', (proofs) => proofs.with(0, { ...(proofs[0] as ConsentProof), kind: 'p256' })],
      [
        'consent-not-given',
        (proofs) => proofs.with(0, { ...(proofs[0] as ConsentProof), kind: 'unspecified' }),
      ],
      [
        'consent-not-given',
        (proofs) =>
          proofs.with(0, { ...(proofs[0] as ConsentProof), signature: `0x${'11'.repeat(64)}` as Hex }),
      ],
      ['consent-unneeded', (proofs) => [...proofs, proofs[0] as ConsentProof]],
    ];
    // Holders consent to a transfer, a mortgage and a division; a lender to a release; a cautioner to a withdrawal.
    const acts: readonly LandAct[] = [
      ...(['transfer', 'mortgage', 'discharge', 'caution-withdrawal', 'subdivision'] as const),
      ...(['consolidation', 'part-registration'] as const),
    ];
    const [holders, ...others] = acts;
    const each = others.map(
      (act) => [act, alterations.filter(([code]) => OF_EVERYBODY.has(code)).slice(1)] as const,
    );
    for (const [act, altered] of [[holders as LandAct, alterations] as const, ...each]) {
      const block = lastOf(act);
      for (const [code, alter] of altered) {
        const shown = new Map<Bytes32, ShownCall>(
          [...(block.shown ?? [])].map(([hash, call]) => {
            const consents = alter([...(call.args.consents as readonly ConsentProof[])]);
            return [hash, { ...call, args: { ...call.args, consents } }];
          }),
        );
        const findings = foundIn(through(block, { ...block, shown }));
        expect(
          findings.map(({ what }) => what),
          `${act} ${alter}`,
        ).to.deep.equal([refusing(code)]);
        expect(findings[0]?.invariant).to.equal('L8');
        expect(findings[0]?.blockNumber).to.equal(block.cursor.number);
      }
    }
  });

  it('names consents other than the register took, or more or fewer, shown or not (L8)', () => {
    const block = lastOf('transfer');
    const bent = (change: (taken: readonly Bytes32[]) => readonly Bytes32[] | undefined) => {
      const events = block.events.flatMap((event) => {
        if (event.name !== 'ConsentsTaken') return [event];
        const consents = change(event.args.consents);
        return consents === undefined ? [] : [withArgs(event, { consents })];
      });
      return through(block, { ...block, events });
    };
    const other = 'A consent was shown that is not the one taken.';
    const uncounted = 'The consents that the register says it took are not as many as the act asks for.';
    expect(said(bent((taken) => taken))).to.deep.equal([]);
    expect(said(bent((taken) => taken.with(0, named('another consent'))))).to.deep.equal([other]);
    expect(said(bent((taken) => [...taken, named('one more')]))).to.deep.equal([uncounted]);
    for (const history of [bent((taken) => taken.slice(1)), bent(() => undefined)]) {
      expect(said(history)).to.deep.equal([uncounted, other]);
      const hidden = history.map(({ cursor, timestampSeconds, events }) => {
        return { cursor, timestampSeconds, events };
      });
      expect(said(hidden)).to.deep.equal([uncounted]);
    }
  });

  it('names what an act asks of its holders by what stood before, not by what the consents say', () => {
    // The consents of one act, shown with another.
    const [first, second] = [lastOf('transfer'), lastOf('mortgage')];
    const consentsOf = ({ shown }: EventBlock) => [...(shown?.values() ?? [])][0]?.args.consents;
    const shown = new Map(
      [...(first.shown ?? [])].map(([hash, call]) => [
        hash,
        { ...call, args: { ...call.args, consents: consentsOf(second) } },
      ]),
    );
    expect(said(through(first, { ...first, shown }))).to.deep.equal([refusing('consent-not-given')]);
  });

  it('names every other value of every field of a state, at its entry', () => {
    const events = blocks.flatMap((block) =>
      block.events.flatMap((event, i) => (event.name === 'BAUnitRecorded' ? [{ block, event, i }] : [])),
    );
    const leaves = events.flatMap(({ block, event, i }) =>
      pathsIn(event.args.state).map((path) => ({ block, i, path })),
    );
    const drawn = Array.from({ length: SAMPLE }, () => leaves[random.below(leaves.length)]);
    for (const leaf of drawn) {
      if (leaf === undefined) throw new Error('no leaf');
      const { block, i, path } = leaf;
      const event = block.events[i] as EventOf<'BAUnitRecorded'>;
      const altered = withArgs(event, { state: withOther(event.args.state, path) });
      const findings = foundIn(through(block, { ...block, events: block.events.with(i, altered) }));
      expect(findings[0]?.blockNumber, path.join('/')).to.equal(block.cursor.number);
      expect(
        findings.map(({ what }) => what),
        path.join('/'),
      ).to.include('A state is not what its hash was made of.');
    }
  });

  it('names a state that is not what its signed act makes of the unit (L5, L6, L7)', () => {
    const differing: readonly (readonly [LandAct, number, (state: BAUnitState) => object, string])[] = [
      ['transfer', 0, ({ header }) => ({ header: { ...header, office: 8 } }), 'header'],
      ['transfer', 0, ({ header }) => ({ header: { ...header, nextId: header.nextId + 1 } }), 'header'],
      ['transfer', 0, () => ({ spatialUnits: [] }), 'spatialUnits'],
      ['transfer', 0, ({ charges }) => ({ charges: charges.slice(1) }), 'charges'],
      ['transfer', 0, () => ({ notices: [] }), 'notices'],
      ['transfer', 0, () => ({ factsRoot: named('facts') }), 'factsRoot'],
      ['mortgage', 0, ({ rights }) => ({ rights: rights.slice(1) }), 'rights'],
      ['mortgage', 1, ({ header }) => ({ header: { ...header, quotaTotal: MOST } }), 'header'],
      ['caution', 0, ({ header }) => ({ header: { ...header, status: 'dividing' } }), 'header'],
      ['discharge', 1, () => ({ factsRoot: named('facts') }), 'factsRoot'],
      ['caution-withdrawal', 0, () => ({ spatialUnits: [] }), 'spatialUnits'],
      ['part-registration', 0, ({ header }) => ({ header: { ...header, quotaNumerator: 5n } }), 'header'],
      ['subdivision', 0, ({ header }) => ({ header: { ...header, status: 'active' } }), 'header'],
      ['subdivision', 1, () => ({ rights: [] }), 'rights'],
      ['subdivision', 4, ({ header }) => ({ header: { ...header, evidence: 'judgment' } }), 'header'],
      ['consolidation', 1, ({ header }) => ({ header: { ...header, status: 'active' } }), 'header'],
      ['consolidation', 2, ({ header }) => ({ header: { ...header, origin: 'grant' } }), 'header'],
    ];
    for (const [act, nth, change, part] of differing) {
      const found = said(reseal(withState(act, nth, change)));
      expect(found, `${act} ${nth} ${part}`).to.include(
        `A state is not what its act makes of the unit: ${part}.`,
      );
    }
  });

  it('names an act that a rule refuses, though everybody signed it', () => {
    const firstStateOf = (block: EventBlock | undefined) => {
      const event = block?.events.find((one) => one.name === 'BAUnitRecorded');
      if (event?.name !== 'BAUnitRecorded') throw new Error('no state');
      return event.args.state;
    };
    const [taken] = firstStateOf(lastOf('transfer')).spatialUnits;
    const [used] = firstStateOf(blocksOf('mortgage')[0]).charges;
    const elsewhere = (spatialUnits: BAUnitState['spatialUnits']) => ({
      spatialUnits: spatialUnits.map((one) => ({ ...one, id: idInOffice(99, one.id) })),
    });
    const holder = (state: BAUnitState, change: object) => ({
      rights: state.rights.map((right) => ({
        ...right,
        holdings: right.holdings.map((one, i) => (i === 0 ? { ...one, ...change } : one)),
      })),
    });
    const refused: readonly (readonly [LandAct, number, (state: BAUnitState) => object, string])[] = [
      ['registration', 0, () => ({ spatialUnits: [taken] }), 'spatial-unit-taken'],
      ['registration', 0, ({ spatialUnits }) => elsewhere(spatialUnits), 'spatial-unit-taken'],
      ['registration', 1, (state) => holder(state, { numerator: 1n }), 'shares-not-whole'],
      ['registration', 2, (state) => holder(state, { partyCommitment: ZERO_32 }), 'value-unspecified'],
      ['registration', 0, ({ header }) => ({ header: { ...header, version: 2n } }), 'header-not-initial'],
      [
        'registration',
        0,
        ({ header }) => ({ header: { ...header, baseUnit: named('base') } }),
        'base-unit-not-asked',
      ],
      ['registration', 0, ({ header }) => ({ header: { ...header, quotaNumerator: 1n } }), 'quota-invalid'],
      ['registration', 0, ({ header }) => ({ header: { ...header, nextId: 9 } }), 'ids-not-in-order'],
      ['registration', 0, () => ({ factsRoot: ZERO_32 }), 'value-unspecified'],
      ['registration', 0, () => ({ rights: [] }), 'ownership-missing'],
      [
        'transfer',
        0,
        ({ rights }) => ({ rights: rights.map((one) => ({ ...one, kind: 'group' })) }),
        'right-changed',
      ],
      ['transfer', 0, (state) => holder(state, { numerator: 0n }), 'shares-contradict-tenancy'],
      [
        'caution',
        0,
        ({ notices }) => ({ notices: notices.map((one) => ({ ...one, instrumentId: used?.instrumentId })) }),
        'instrument-used',
      ],
      [
        'caution',
        0,
        ({ notices }) => ({ notices: notices.map((one) => ({ ...one, expiresOn: 0n })) }),
        'lapse-out-of-bounds',
      ],
      [
        'caution',
        0,
        ({ notices }) => ({ notices: notices.map((one) => ({ ...one, blocks: 1n << 6n })) }),
        'reach-too-wide',
      ],
      [
        'caution',
        0,
        ({ notices }) => ({ notices: notices.map((one) => ({ ...one, rank: 1 })) }),
        'rank-taken',
      ],
      [
        'mortgage',
        0,
        ({ charges }) => ({ charges: charges.map((one) => ({ ...one, rank: one.rank + 1 })) }),
        'rank-taken',
      ],
      [
        'part-registration',
        1,
        ({ header }) => ({ header: { ...header, quotaNumerator: MOST } }),
        'quota-invalid',
      ],
      ['subdivision', 2, () => ({ spatialUnits: [taken] }), 'spatial-unit-taken'],
      ['subdivision', 2, ({ spatialUnits }) => elsewhere(spatialUnits), 'spatial-unit-taken'],
      [
        'consolidation',
        2,
        ({ header }) => ({ header: { ...header, quotaNumerator: 1n } }),
        'quota-not-carried',
      ],
    ];
    for (const [act, nth, change, code] of refused) {
      expect(said(reseal(withState(act, nth, change))), `${act} ${code}`).to.include(refusing(code));
    }
  });

  it('names an act that takes effect before the state it replaces, too late, or unasked (L5)', () => {
    const taking = (effectiveOn: bigint, act: LandAct = 'transfer') => {
      const block = lastOf(act);
      const events = block.events.map((event) => {
        if (event.name === 'Signed') {
          return withArgs(event, { head: { ...event.args.head, effectiveOn } });
        }
        if (event.name !== 'BAUnitRecorded') return event;
        const { state } = event.args;
        return withArgs(event, { state: { ...state, header: { ...state.header, effectiveOn } } });
      });
      return said(reseal(through(block, { ...block, events })));
    };
    expect(taking(1n)).to.include(refusing('effect-before-last'));
    expect(taking(4_100_000_000n)).to.include(refusing('effect-too-far-ahead'));
    const soon = BigInt(lastOf('caution').timestampSeconds) + 86_400n;
    for (const act of ['registration', 'caution', 'discharge'] as const) {
      expect(taking(soon, act), act).to.include(refusing('effect-not-consented'));
    }
    expect(taking(soon)).not.to.include(refusing('effect-not-consented'));
  });

  it('names a number of presentation that is not its entry’s', () => {
    const moved = withState('transfer', 0, ({ rights }) => ({
      rights: rights.map((right) => ({ ...right, presentationNo: right.presentationNo + 1n })),
    }));
    expect(said(reseal(moved))).to.include('A state is not what its act makes of the unit: rights.');
  });

  it('names states that are too many, too few, or of other units than the act names', () => {
    const block = lastOf('subdivision');
    const states = block.events.flatMap((event, i) => (event.name === 'BAUnitRecorded' ? [i] : []));
    const entries = block.events.flatMap((event, i) => (event.name === 'EntryRecorded' ? [i] : []));
    const without = (gone: readonly number[]) =>
      through(block, { ...block, events: block.events.filter((_, i) => !gone.includes(i)) });
    expect(said(without([states.at(-1) ?? 0]))).to.include(
      'An entry says that a unit changed, and no state says how.',
    );
    expect(said(without([entries.at(-1) ?? 0]))).to.include('A unit changed without an entry that says so.');
    // A second title under the signatures of one.
    const one = lastOf('transfer');
    const twice = one.events.flatMap((event): LedgerEvent[] => {
      const isState = event.name === 'BAUnitRecorded' || event.name === 'EntryRecorded';
      return isState ? [event] : [event];
    });
    const [entry, state] = one.events.filter(
      ({ name }) => name === 'EntryRecorded' || name === 'BAUnitRecorded',
    );
    const more = { ...one, events: [...twice, entry as LedgerEvent, state as LedgerEvent] };
    expect(said(through(one, more))).to.include('An act changed other units than it names.');
    const [first, second] = entries;
    const swapped = [...block.events];
    const idOf = (at: number | undefined) => (swapped[at ?? 0] as EventOf<'EntryRecorded'>).args.subject;
    const [a, b] = [idOf(first), idOf(second)];
    swapped[first ?? 0] = withArgs(swapped[first ?? 0] as EventOf<'EntryRecorded'>, { subject: b });
    swapped[second ?? 0] = withArgs(swapped[second ?? 0] as EventOf<'EntryRecorded'>, { subject: a });
    expect(said(through(block, { ...block, events: swapped }))).to.include(
      'A unit changed without an entry that says so.',
    );
  });

  it('has the same verdict on each of these histories from the auditor in Python', async function () {
    needsPython(this);
    const trust = writeTrust(await trustOfLand(scene.ledger));
    const node = { chain: scene.ledger.chain, key: NODE_KEY };
    const differing = await differingFrom(node, blocks, judged, trust);
    expect(differing).to.deep.equal([]);
    expect(judged.length).to.be.above(90);
    console.log(`      python audit | ${judged.length} histories of land | the same found in each`);
  });
});

const OF_EVERYBODY: ReadonlySet<string> = new Set(['consent-missing', 'consent-unneeded']);

type Path = readonly (string | number)[];

/** Where every value of a state is. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, part]) => pathsIn(part, [...path, name]));
}

/** The state with another value there, of its kind. */
function withOther<T>(value: T, [name, ...rest]: Path): T {
  if (name === undefined) return other(value) as T;
  const part = (value as Record<string, unknown>)[name];
  if (Array.isArray(value)) return value.with(Number(name), withOther(part, rest)) as T;
  return { ...value, [name]: withOther(part, rest) };
}

const NAMES_OF: Readonly<Record<string, string>> = {
  active: 'retired',
  retired: 'active',
  person: 'group',
  own: 'none',
  ownership: 'lease',
  lease: 'use',
  use: 'lease',
  absolute: 'disputed',
  sole: 'common',
  common: 'joint',
  joint: 'common',
  mortgage: 'lien',
  lien: 'mortgage',
  caution: 'order',
  order: 'caution',
  maintenance: 'levy',
};

function other(value: unknown): unknown {
  if (typeof value === 'bigint') return value === MOST ? value - 1n : value + 1n;
  if (typeof value === 'number') return value + 1;
  const text = String(value);
  if (!text.startsWith('0x'))
    return NAMES_OF[text] ?? (text === 'grant' ? 'legacy' : (OTHER_NAMES.get(text) ?? text));
  return `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
}

const OTHER_NAMES = new Map([
  ['adjudication', 'grant'],
  ['subdivision', 'grant'],
  ['consolidation', 'grant'],
  ['surveyed-record', 'judgment'],
  ['unrecorded', 'common'],
  ['must-be-asked', 'lien'],
  ['unspecified', 'person'],
]);
