/**
 * What the rules refuse before anybody signs against what the contracts refuse after: the same, first thing first.
 */
import { expect } from 'chai';
import { ZERO_32 } from '../../../../server/domain/hex.ts';
import type { Child, Title } from '../../../../server/domain/land/acts.ts';
import { assembleTitle } from '../../../../server/domain/land/registration.ts';
import type { BAUnitState, Holding, Right } from '../../../../server/domain/land/types.ts';
import {
  type BAUnitId,
  CAPACITIES,
  CONDITIONS,
  EVIDENCE_GRADES,
  maskOf,
  ORIGINS,
  PARTY_KINDS,
  RESPONSIBILITY_KINDS,
  RESTRICTION_KINDS,
  RIGHT_KINDS,
  STANDINGS,
  TENANCIES,
  UNIT_STATUSES,
} from '../../../../server/domain/terms.ts';
import { type Attempt, callAnyway, changeOf, perform, prepare, register } from '../../../landActs.ts';
import { Drafts } from '../../../landDrafts.ts';
import { type LandLedger, OFFICERS, openLandLedger } from '../../../landLedger.ts';
import { seeded } from '../../../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const SEED = 20_261_125;
/** Bent acts tried against the contracts. */
const BENT = 600;
const LATER = 4_000_000_000n;

describe('what is refused about land', function () {
  this.timeout(600_000);
  const random = seeded(SEED);
  const drafts = new Drafts(random);
  const state = {} as { ledger: LandLedger };
  const units = {} as Record<
    | 'plain'
    | 'other'
    | 'rich'
    | 'unrecorded'
    | 'retired'
    | 'base'
    | 'flat'
    | 'charged'
    | 'blocked'
    | 'full'
    | 'assisted',
    Title
  >;

  before(async () => {
    const ledger = await openLandLedger(temporaryFolder());
    state.ledger = ledger;
    const titleOf = (draft = drafts.title()) => register(ledger, drafts, draft);
    units.plain = await titleOf();
    units.other = await titleOf();
    units.rich = await titleOf(drafts.rich());
    const unrecorded = drafts.ownership([
      drafts.holding({ numerator: 0n }),
      drafts.holding({ numerator: 0n }),
    ]);
    units.unrecorded = await titleOf(
      drafts.title({ rights: [{ ...unrecorded, tenancy: 'unrecorded', denominator: 0n }] }),
    );
    const quota = { baseUnit: ZERO_32 as BAUnitId, numerator: 0n, total: 100n };
    units.base = await titleOf(drafts.title({ quota }));
    units.flat = await titleOf(
      drafts.title({ quota: { ...quota, baseUnit: units.base.baUnit, numerator: 9n } }),
    );
    units.charged = await titleOf(
      drafts.title({
        restrictions: [
          { ...drafts.restriction('mortgage'), needsConsent: maskOf(['transfer']) },
          { ...drafts.restriction('caution'), expiresOn: LATER },
        ],
      }),
    );
    units.blocked = await titleOf(
      drafts.title({
        restrictions: [
          {
            ...drafts.restriction('order'),
            blocks: maskOf(['transfer', 'mortgage', 'caution', 'subdivision', 'consolidation', 'discharge']),
          },
        ],
      }),
    );
    const many = Array.from({ length: 64 }, () => drafts.restriction('lien'));
    units.full = await titleOf(drafts.title({ restrictions: many }));
    units.assisted = await titleOf(
      drafts.title({
        rights: [drafts.ownership([drafts.holding({ keyHash: ZERO_32 })])],
        restrictions: [
          { ...drafts.restriction('lien'), holderKeyHash: ZERO_32 },
          { ...drafts.restriction('caution'), holderKeyHash: ZERO_32, expiresOn: LATER },
        ],
      }),
    );
    const whole = await titleOf();
    const [retired] = await perform(ledger, drafts, await subdivision(whole));
    if (retired === undefined) throw new Error('a parent');
    units.retired = retired;
  });
  after(async () => {
    await state.ledger.ledger.close();
    removeTemporaryFolders();
  });

  // ---- acts that would pass -------------------------------------------------------------------------------

  const child = (quotaNumerator = 0n): Child => ({
    portion: { baUnit: drafts.id(), spatialUnits: [drafts.spatialUnit()], quotaNumerator },
    factsRoot: drafts.id(),
  });

  async function registration(title: Title = assembleTitle(drafts.title())): Promise<Registration> {
    return { method: 'registerTitle', act: { head: await state.ledger.head(random), title } };
  }
  type Of<M extends Attempt['method']> = Extract<Attempt, { method: M }>;
  type Registration = Of<'registerTitle'>;

  const rightOf = (title: Title, i = 0): Right => {
    const right = title.state.rights[i];
    if (right === undefined) throw new Error('no such right');
    return { ...right, presentationNo: 0n };
  };

  async function transfer(title: Title, changed: Partial<Right> = {}): Promise<Of<'transferRight'>> {
    const next: Right = {
      ...rightOf(title),
      tenancy: 'sole',
      denominator: 1n,
      holdings: [drafts.joining(1n)],
      ...changed,
    };
    const head = await state.ledger.head(random);
    const act = { head, unit: changeOf(title, drafts), next };
    return { method: 'transferRight', act, priors: [title.state] };
  }

  async function charge(
    titles: readonly Title[],
    restriction = drafts.restriction('mortgage'),
  ): Promise<Of<'createRestriction'>> {
    const act = {
      head: await state.ledger.head(random),
      units: titles.map((title) => changeOf(title, drafts)),
      restriction,
    };
    return { method: 'createRestriction', act, priors: titles.map((title) => title.state) };
  }

  async function release(named: readonly (readonly [Title, number])[]): Promise<Of<'discharge'>> {
    const releases = named.map(([title, restrictionId]) => ({
      unit: changeOf(title, drafts),
      restrictionId,
    }));
    const act = { head: await state.ledger.head(random), releases };
    return { method: 'discharge', act, priors: named.map(([title]) => title.state) };
  }

  async function subdivision(title: Title, children = [child(), child()]): Promise<Of<'subdivide'>> {
    const act = { head: await state.ledger.head(random), unit: changeOf(title, drafts), children };
    return { method: 'subdivide', act, priors: [title.state] };
  }

  async function consolidation(
    titles: readonly Title[],
    changed: { ownership?: Partial<Right>; child?: Child } = {},
  ): Promise<Of<'consolidate'>> {
    const ownership: Right = {
      ...drafts.ownership([drafts.holding()]),
      rightId: 0,
      targetRight: 0,
      presentationNo: 0n,
      holdings: [drafts.joining(1n)],
      ...changed.ownership,
    };
    const act = {
      head: await state.ledger.head(random),
      units: titles.map((title) => changeOf(title, drafts)),
      child: changed.child ?? child(),
      ownership,
    };
    return { method: 'consolidate', act, priors: titles.map((title) => title.state) };
  }

  /** A registration whose first state is bent. */
  async function bentState(bend: (state: BAUnitState) => BAUnitState, draft = drafts.title()) {
    const title = assembleTitle(draft);
    return registration({ ...title, state: bend(title.state) });
  }
  const bentHeader = (header: Partial<BAUnitState['header']>) =>
    bentState((first) => ({ ...first, header: { ...first.header, ...header } }));
  const bentRight = (change: Partial<Right>) =>
    bentState((first) => ({ ...first, rights: first.rights.map((right) => ({ ...right, ...change })) }));
  const bentHolding = (change: Partial<Holding>) =>
    bentState((first) => ({
      ...first,
      rights: first.rights.map((right) => ({
        ...right,
        holdings: right.holdings.map((holding, i) => (i === 0 ? { ...holding, ...change } : holding)),
      })),
    }));

  // ---- the table --------------------------------------------------------------------------------------------

  const cases: readonly (readonly [code: string, what: string, make: () => Promise<Attempt>])[] = [
    ['unit-count-out-of-range', 'a charge over no unit', () => charge([])],
    ['unit-count-out-of-range', 'a charge over 17 units', () => charge(Array(17).fill(units.plain))],
    ['unit-count-out-of-range', 'a discharge of nothing', () => release([])],
    ['unit-count-out-of-range', 'a division into one', () => subdivision(units.plain, [child()])],
    ['unit-count-out-of-range', 'a joining of one', () => consolidation([units.plain])],
    [
      'prior-state-missing',
      'a charge that shows no state',
      async () => ({ ...(await charge([units.plain])), priors: [] }),
    ],
    [
      'prior-state-missing',
      'a joining that shows one state of two',
      async () => ({ ...(await consolidation([units.plain, units.other])), priors: [units.plain.state] }),
    ],
    [
      'ba-unit-missing',
      'a transfer of what is not registered',
      () => transfer(assembleTitle(drafts.title())),
    ],
    [
      'ba-unit-state-stale',
      'a transfer that read an older state',
      async () => {
        const good = await transfer(units.plain);
        return { ...good, act: { ...good.act, unit: { ...good.act.unit, priorState: drafts.id() } } };
      },
    ],
    [
      'ba-unit-state-differs',
      'a transfer that shows another state',
      async () => ({ ...(await transfer(units.plain)), priors: [units.other.state] }),
    ],
    ['ba-unit-not-active', 'a transfer of a retired unit', () => transfer(units.retired)],
    [
      'office-differs',
      'a charge by another office',
      async () => {
        const good = await charge([units.plain]);
        return { ...good, act: { ...good.act, head: { ...good.act.head, office: 8 as never } } };
      },
    ],
    [
      'ba-unit-id-used',
      'a unit of id zero',
      () => registration({ ...assembleTitle(drafts.title()), baUnit: ZERO_32 as BAUnitId }),
    ],
    [
      'ba-unit-id-used',
      'a unit registered twice',
      () => registration({ ...assembleTitle(drafts.title()), baUnit: units.retired.baUnit }),
    ],
    [
      'ba-unit-id-used',
      'two titles of one id in a batch',
      async () => {
        const title = assembleTitle(drafts.title());
        const titles = [title, assembleTitle(drafts.title({ baUnit: title.baUnit }))];
        return { method: 'registerTitles', head: await state.ledger.head(random), titles };
      },
    ],
    ['header-not-initial', 'a second version', () => bentHeader({ version: 2n })],
    ['header-not-initial', 'another format', () => bentHeader({ formatVersion: 2 })],
    ['header-not-initial', 'a unit born retired', () => bentHeader({ status: 'retired' })],
    ['header-not-initial', 'a title said to come of a division', () => bentHeader({ origin: 'subdivision' })],
    ['header-not-initial', 'another office', () => bentHeader({ office: 9 as never })],
    ['header-not-initial', 'members', () => bentHeader({ memberCount: 1 })],
    ['value-unspecified', 'no origin', () => bentHeader({ origin: 'unspecified' })],
    ['value-unspecified', 'no evidence', () => bentHeader({ evidence: 'unspecified' })],
    ['quota-invalid', 'a quota in nothing', () => bentHeader({ quotaNumerator: 1n })],
    [
      'quota-invalid',
      'more than the whole',
      () => bentHeader({ baseUnit: units.base.baUnit, quotaNumerator: 2n, quotaTotal: 1n }),
    ],
    [
      'base-unit-missing',
      'a quota in an unknown unit',
      () => bentHeader({ baseUnit: drafts.id(), quotaNumerator: 1n, quotaTotal: 2n }),
    ],
    [
      'state-not-initial',
      'a prior state',
      () => bentState((first) => ({ ...first, priorState: drafts.id() })),
    ],
    ['value-unspecified', 'no facts', () => bentState((first) => ({ ...first, factsRoot: ZERO_32 }))],
    [
      'value-unspecified',
      'a parcel without geometry',
      () =>
        bentState((first) => ({
          ...first,
          spatialUnits: [{ ...drafts.spatialUnit(), geometryCommitment: ZERO_32 }],
        })),
    ],
    [
      'too-many-spatial-units',
      '65 parcels',
      () =>
        registration(
          assembleTitle(
            drafts.title({ spatialUnits: Array.from({ length: 65 }, () => drafts.spatialUnit()) }),
          ),
        ),
    ],
    [
      'too-many-holdings',
      '65 holders',
      () => {
        const holdings = Array.from({ length: 65 }, () => drafts.holding());
        return registration(assembleTitle(drafts.title({ rights: [drafts.ownership(holdings)] })));
      },
    ],
    [
      'too-many-restrictions',
      '65 restrictions',
      () => {
        const restrictions = Array.from({ length: 65 }, () => drafts.restriction('lien'));
        return registration(assembleTitle(drafts.title({ restrictions })));
      },
    ],
    ['ids-not-in-order', 'a right numbered anew', () => bentRight({ rightId: 7 })],
    ['ids-not-in-order', 'a next id that does not follow', () => bentHeader({ nextId: 9 })],
    ['presentation-stated', 'a presentation number', () => bentRight({ presentationNo: 1n })],
    ['ownership-missing', 'a lease of nothing', () => bentRight({ kind: 'lease' })],
    ['holding-missing', 'a right of nobody', () => bentRight({ holdings: [] })],
    ['value-unspecified', 'a right without standing', () => bentRight({ standing: 'unspecified' })],
    ['value-unspecified', 'a party without facts', () => bentHolding({ partyCommitment: ZERO_32 })],
    ['shares-contradict-tenancy', 'shares of a joint right', () => bentRight({ tenancy: 'joint' })],
    ['shares-contradict-tenancy', 'two sole holders', () => bentRight({ tenancy: 'sole' })],
    ['shares-contradict-tenancy', 'no share', () => bentHolding({ numerator: 0n })],
    ['shares-not-whole', 'more than one whole', () => bentHolding({ numerator: 3n })],
    ['target-missing', 'ownership of a right', () => bentRight({ targetRight: 1 })],
    [
      'target-missing',
      'a restriction on a holding of no right',
      () =>
        registration(
          assembleTitle(
            drafts.title({ restrictions: [{ ...drafts.restriction('lien'), target: { right: 5 } }] }),
          ),
        ),
    ],
    [
      'caution-without-lapse',
      'a caution for ever',
      () => registration(assembleTitle(drafts.title({ restrictions: [drafts.restriction('caution')] }))),
    ],
    [
      'caution-without-lapse',
      'a caution that has lapsed',
      () => charge([units.plain], drafts.restriction('caution', { expiresOn: 5n })),
    ],
    [
      'spatial-unit-taken',
      'the parcel of another unit',
      () => registration(assembleTitle(drafts.title({ spatialUnits: units.plain.state.spatialUnits }))),
    ],
    [
      'spatial-unit-taken',
      'a retired parcel in a child',
      () => {
        const taken = child();
        const portion = { ...taken.portion, spatialUnits: units.retired.state.spatialUnits };
        return subdivision(units.assisted, [child(), { ...taken, portion }]);
      },
    ],
    ['right-missing', 'a transfer of no right', () => transfer(units.plain, { rightId: 9 })],
    [
      'right-changed',
      'a transfer that raises the standing',
      () => transfer(units.plain, { standing: 'qualified' }),
    ],
    ['right-changed', 'a transfer of another term', () => transfer(units.plain, { expiresOn: LATER })],
    [
      'holding-changed',
      'a holder who stays under another key',
      () => {
        const [first, second] = rightOf(units.plain).holdings;
        if (first === undefined || second === undefined) throw new Error('two holders');
        const holdings = [{ ...first, keyHash: drafts.id() }, second] as Holding[];
        return transfer(units.plain, { ...rightOf(units.plain), holdings });
      },
    ],
    [
      'holding-changed',
      'holders in another order',
      () =>
        transfer(units.plain, {
          ...rightOf(units.plain),
          holdings: rightOf(units.plain).holdings.toReversed(),
        }),
    ],
    ['nothing-moves', 'a transfer of nothing', () => transfer(units.plain, rightOf(units.plain))],
    [
      'unrecorded-part-moves',
      'a part while shares are unrecorded',
      () => {
        const right = rightOf(units.unrecorded);
        return transfer(units.unrecorded, { ...right, holdings: right.holdings.slice(1) });
      },
    ],
    ['restricted-holding-removed', 'a transfer past a family home', () => transfer(units.rich)],
    [
      'restriction-kind-refused',
      'a lien as a charge',
      () => charge([units.plain], drafts.restriction('lien')),
    ],
    [
      'target-needs-one-unit',
      'a charge on a right of two units',
      () => charge([units.plain, units.other], drafts.restriction('mortgage', { targetRight: 1 })),
    ],
    [
      'target-missing',
      'a charge on no right',
      () => charge([units.plain], drafts.restriction('mortgage', { targetRight: 9 })),
    ],
    [
      'instrument-used',
      'a caution renewed on its ground',
      () => {
        const [, caution] = units.charged.state.restrictions;
        const { instrumentId } = caution ?? { instrumentId: drafts.id() };
        return charge([units.other], drafts.restriction('caution', { instrumentId, expiresOn: LATER }));
      },
    ],
    [
      'too-many-restrictions',
      'a 65th restriction',
      () => charge([units.full], drafts.restriction('caution', { expiresOn: LATER })),
    ],
    [
      'ba-unit-state-stale',
      'one unit cautioned twice in one act',
      () => charge([units.plain, units.plain], drafts.restriction('caution', { expiresOn: LATER })),
    ],
    ['restriction-missing', 'a discharge of nothing there', () => release([[units.plain, 4]])],
    [
      'releases-differ',
      'a discharge and a withdrawal in one act',
      () =>
        release([
          [units.assisted, 3],
          [units.assisted, 4],
        ]),
    ],
    ['base-unit-stands', 'a division of common land', () => subdivision(units.base)],
    ['base-unit-stands', 'a joining of common land', () => consolidation([units.base, units.plain])],
    [
      'spatial-unit-missing',
      'a child without a parcel',
      () => {
        const bare = child();
        return subdivision(units.plain, [
          child(),
          { ...bare, portion: { ...bare.portion, spatialUnits: [] } },
        ]);
      },
    ],
    ['quota-not-carried', 'a quota lost in a division', () => subdivision(units.flat)],
    [
      'quota-not-carried',
      'a quota grown in a division',
      () => subdivision(units.flat, [child(5n), child(5n)]),
    ],
    ['quota-not-carried', 'a quota from nowhere', () => subdivision(units.plain, [child(1n), child(0n)])],
    ['parents-differ', 'a joining of flat and plot', () => consolidation([units.flat, units.plain])],
    [
      'parents-differ',
      'a joining under another standing',
      () => consolidation([units.plain, units.other], { ownership: { standing: 'qualified' } }),
    ],
    [
      'ownership-missing',
      'a joining into a lease',
      () => consolidation([units.plain, units.other], { ownership: { kind: 'lease' } }),
    ],
    [
      'ids-not-in-order',
      'a joining that numbers its right',
      () => consolidation([units.plain, units.other], { ownership: { rightId: 1 } }),
    ],
    ['act-blocked', 'a transfer against an order', () => transfer(units.blocked)],
    ['act-blocked', 'a charge against an order', () => charge([units.blocked])],
    ['act-blocked', 'a division against an order', () => subdivision(units.blocked)],
    ['act-blocked', 'a release against the order itself', () => release([[units.blocked, 4]])],
    [
      'batch-size-out-of-range',
      'an empty batch',
      async () => ({ method: 'registerTitles', head: await state.ledger.head(random), titles: [] }),
    ],
    [
      'act-expired',
      'an act whose time has passed',
      async () => {
        const good = await registration();
        return { ...good, act: { ...good.act, head: { ...good.act.head, deadline: 5n } } };
      },
    ],
  ];

  for (const [code, what, make] of cases) {
    it(`refuses ${what} as ${code}, as the contract does`, async () => {
      const attempt = await make();
      const preparation = await prepare(state.ledger, attempt);
      expect(preparation.ok ? 'prepared' : preparation.refusals[0].code).to.equal(code);
      expect(await state.ledger.refusalOf(callAnyway(state.ledger, drafts, attempt, preparation))).to.equal(
        code,
      );
    });
  }

  it(`refuses what the contract refuses, and nothing else, in ${BENT} bent acts`, async () => {
    const { plain, other, rich, flat, charged, assisted } = units;
    const sound: readonly (() => Promise<Attempt>)[] = [
      () => registration(assembleTitle(drafts.rich())),
      () => registration(),
      () => transfer(plain),
      () => transfer(rich, { rightId: 4, ...leaseOf(rich) }),
      () =>
        transfer(charged, {
          tenancy: 'common',
          denominator: 2n,
          holdings: [drafts.joining(1n), drafts.joining(1n)],
        }),
      () => charge([plain, other, flat]),
      () => charge([rich], drafts.restriction('mortgage', { targetRight: 1, targetHolding: 2 })),
      () => release([[charged, 4]]),
      () => release([[assisted, 4]]),
      () => subdivision(rich),
      () => subdivision(flat, [child(4n), child(5n)]),
      () => consolidation([plain, other, charged]),
    ];
    const told = new Map<string, number>();
    for (let i = 0; i < BENT; i++) {
      const attempt = bend(await random.pick(sound)());
      const preparation = await prepare(state.ledger, attempt);
      const call = preparation.ok
        ? state.ledger.call(preparation.prepared, drafts.keys, OFFICERS.otherApprover)
        : callAnyway(state.ledger, drafts, attempt, preparation);
      const expected = await state.ledger.refusalOf(call);
      const found = preparation.ok ? undefined : preparation.refusals[0].code;
      expect(found, `bent act ${i}, ${attempt.method}`).to.equal(expected);
      told.set(found ?? 'prepared', (told.get(found ?? 'prepared') ?? 0) + 1);
    }
    expect(told.size).to.be.greaterThan(20);
    expect(told.get('prepared')).to.be.greaterThan(BENT / 20);
  });

  const leaseOf = (title: Title): Partial<Right> => {
    const right = rightOf(title, 1);
    return { ...right, holdings: [...right.holdings.slice(1), drafts.joining(0n)] };
  };

  /** One or two values of an act changed for others of their type, or a list shortened, doubled or turned round. */
  function bend(attempt: Attempt): Attempt {
    const bent = structuredClone(attempt);
    for (let times = 1 + random.below(2); times > 0; times--) {
      const places = placesIn('act' in bent ? bent.act : bent.titles);
      const { holder, name } = random.pick(places);
      holder[name] = otherThan(holder, name);
    }
    return bent;
  }

  type Holder = Record<string, unknown>;

  function placesIn(value: unknown): { holder: Holder; name: string }[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, part]) => {
      const here = { holder: value as Holder, name };
      if (name === 'head') return [];
      if (typeof part !== 'object' || part === null) return [here];
      return Array.isArray(part) ? [here, ...placesIn(part)] : placesIn(part);
    });
  }

  function otherThan(holder: Holder, name: string): unknown {
    const value = holder[name];
    if (Array.isArray(value)) {
      return random.pick([
        value.slice(1),
        value.slice(0, -1),
        [...value, ...value.slice(0, 1)],
        value.toReversed(),
      ]);
    }
    if (typeof value === 'bigint') return random.pick([0n, 1n, value + 1n, 2n, LATER, value * 2n]);
    if (typeof value === 'number') return random.pick([0, 1, 2, 3, 4, 5, value + 1]);
    const names = namesOf(holder, name);
    if (names !== undefined) return random.pick(names);
    return random.pick([ZERO_32, drafts.id(), units.base.baUnit, units.plain.state.spatialUnits[0]?.id]);
  }

  function namesOf(holder: Holder, name: string): readonly string[] | undefined {
    const kinds =
      'holdings' in holder ? RIGHT_KINDS : 'blocks' in holder ? RESTRICTION_KINDS : RESPONSIBILITY_KINDS;
    const names: Readonly<Record<string, readonly string[]>> = {
      status: UNIT_STATUSES,
      origin: ORIGINS,
      evidence: EVIDENCE_GRADES,
      kind: kinds,
      standing: STANDINGS,
      tenancy: TENANCIES,
      partyKind: PARTY_KINDS,
      capacity: CAPACITIES,
      condition: CONDITIONS,
    };
    return names[name];
  }
});
