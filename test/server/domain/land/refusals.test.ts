/**
 * What the rules refuse before anybody signs against what the contracts refuse after, act by act: the same code.
 */
import { expect } from 'chai';
import { ZERO_32 } from '../../../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type InstrumentId,
  maskOf,
  type OfficeId,
} from '../../../../server/domain/base/terms.ts';
import type { Title } from '../../../../server/domain/land/acts.ts';
import { assembleTitle } from '../../../../server/domain/land/registration.ts';
import type { BAUnitState, Holding, Right } from '../../../../server/domain/land/types.ts';
import { type Attempt, callAnyway, perform, prepare, register } from '../../../land/landActs.ts';
import { Drafts } from '../../../land/landDrafts.ts';
import { LATER, LandScene } from '../../../land/landScene.ts';
import { seeded } from '../../../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const SEED = 20_261_125;
const scene = new LandScene(seeded(SEED));
const { drafts, random, units } = scene;
/** What another office would draw. */
const elsewhere = new Drafts(random, 9 as OfficeId);
const { child, registration, rightOf, transfer, charge, release, subdivision, consolidation } = scene;
const { parts, flatOf, division, cancellation } = scene;

/** The lease of a title goes to somebody new. */
function leaseOf(title: Title): Partial<Right> {
  return { ...rightOf(title, 1), holdings: [drafts.joining(1n)] };
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
/** The first of a section of a rich title, bent. */
const bentIn = <S extends 'charges' | 'responsibilities'>(
  section: S,
  change: Partial<BAUnitState[S][number]>,
) =>
  bentState(
    (first) => ({
      ...first,
      [section]: first[section].map((one, i) => (i === 0 ? { ...one, ...change } : one)),
    }),
    drafts.rich(),
  );
const sharedBy = (holders: number): Partial<Right> => ({
  tenancy: 'common',
  denominator: BigInt(holders),
  holdings: Array.from({ length: holders }, () => drafts.joining(1n)),
});
const bentHolding = (change: Partial<Holding>) =>
  bentState((first) => ({
    ...first,
    rights: first.rights.map((right) => ({
      ...right,
      holdings: right.holdings.map((holding, i) => (i === 0 ? { ...holding, ...change } : holding)),
    })),
  }));

const withHead = <A extends { readonly act: { readonly head: object } }>(attempt: A, changed: object): A => ({
  ...attempt,
  act: { ...attempt.act, head: { ...attempt.act.head, ...changed } },
});

/** One of two owners sells, and the other stays as she is. */
function soldByOneOf(title: Title) {
  const right = rightOf(title);
  const [seller, ...staying] = right.holdings;
  if (seller === undefined || staying.length === 0) throw new Error('two holders');
  return transfer(title, { ...right, holdings: [...staying, drafts.joining(seller.numerator)] });
}

/** Tomorrow at the ledger. */
const soon = async () => (await scene.ledger.nowSeconds()) + 86_400n;

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
  ['ba-unit-missing', 'a transfer of what is not registered', () => transfer(assembleTitle(drafts.title()))],
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
    'office-unkept',
    'a title in an office that nobody keeps',
    async () => withHead(await bentHeader({ office: 9 as OfficeId }), { office: 9 }),
  ],
  [
    'office-differs',
    'a charge by another office',
    async () => withHead(await charge([units.plain]), { office: 8 }),
  ],
  [
    'ba-unit-id-used',
    'a unit of id zero',
    () => registration({ ...assembleTitle(drafts.title()), baUnit: ZERO_32 as BAUnitId }),
  ],
  [
    'ba-unit-id-used',
    'a unit with an id of another office',
    () => registration({ ...assembleTitle(drafts.title()), baUnit: elsewhere.unitId() }),
  ],
  [
    'spatial-unit-taken',
    'ground of another office',
    () => registration(assembleTitle(drafts.title({ spatialUnits: [elsewhere.spatialUnit()] }))),
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
      return { method: 'registerTitles', head: await scene.ledger.head(random), titles };
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
    'base-unit-not-asked',
    'a quota in common land that is not asked',
    () => bentHeader({ baseUnit: units.base.baUnit, quotaNumerator: 1n, quotaTotal: 100n }),
  ],
  [
    'quota-invalid',
    'more parts than the common land has left',
    () => parts(units.base, [flatOf(units.base, 91n), flatOf(units.base, 1n)]),
  ],
  ['quota-invalid', 'a part of another base unit', () => parts(units.base, [flatOf(units.plain)])],
  ['unit-count-out-of-range', 'no part', () => parts(units.base, [])],
  [
    'key-repeated',
    'two holders under one key',
    () => {
      const { keyHash } = drafts.key();
      const holdings = [drafts.joining(1n, { keyHash }), drafts.joining(1n, { keyHash })];
      return transfer(units.plain, { tenancy: 'common', denominator: 2n, holdings });
    },
  ],
  [
    'asked-twice',
    'a spouse with the key of the holder',
    () => {
      const { keyHash } = drafts.key();
      const rights = [drafts.ownership([drafts.holding({ numerator: 1n, keyHash })], { denominator: 1n })];
      const charges = [drafts.restriction('must-be-asked', { holderKeyHash: keyHash })];
      return registration(assembleTitle(drafts.title({ rights, charges })));
    },
  ],
  [
    'asked-twice',
    'one who must be asked twice',
    () => {
      const { keyHash: holderKeyHash } = drafts.key();
      const charges = [1, 2].map((rank) => drafts.restriction('must-be-asked', { holderKeyHash, rank }));
      return registration(assembleTitle(drafts.title({ charges })));
    },
  ],
  [
    'shares-contradict-tenancy',
    'one who holds jointly alone',
    () => {
      const holding = drafts.holding({ numerator: 0n });
      const rights = [drafts.ownership([holding], { tenancy: 'joint', denominator: 0n })];
      return registration(assembleTitle(drafts.title({ rights })));
    },
  ],
  [
    'effect-before-last',
    'a sale from before the title',
    async () => withHead(await transfer(units.plain), { effectiveOn: 1n }),
  ],
  [
    'effect-too-far-ahead',
    'a sale from a far day',
    async () => withHead(await transfer(units.plain), { effectiveOn: 4_100_000_000n }),
  ],
  [
    'effect-too-far-ahead',
    'a title from a far day',
    async () => withHead(await registration(), { effectiveOn: 4_100_000_000n }),
  ],
  [
    'effect-not-consented',
    'a title from tomorrow',
    async () => withHead(await registration(), { effectiveOn: await soon() }),
  ],
  [
    'effect-not-consented',
    'a caution from yesterday',
    async () => {
      const old = await perform(
        scene.ledger,
        drafts,
        withHead(await registration(), { effectiveOn: 1_000_000_000n }),
      );
      const caution = drafts.restriction('caution', { expiresOn: LATER });
      return withHead(await charge(old, caution), { effectiveOn: 1_000_000_001n });
    },
  ],
  [
    'effect-not-consented',
    'a sale of one owner of two in seven weeks',
    async () => withHead(await soldByOneOf(units.plain), { effectiveOn: (await soon()) + 48n * 86_400n }),
  ],
  [
    'effect-not-consented',
    'a caution from tomorrow',
    async () => {
      const caution = drafts.restriction('caution', { expiresOn: LATER });
      return withHead(await charge([units.plain], caution), { effectiveOn: await soon() });
    },
  ],
  [
    'asked-twice',
    'a spouse with the key of the holding that she must be asked of',
    () => {
      const { keyHash } = drafts.key();
      const rights = [drafts.ownership([drafts.holding({ numerator: 1n, keyHash })], { denominator: 1n })];
      const target = { right: 0, holding: 0 };
      const asked = drafts.restriction('must-be-asked', { holderKeyHash: keyHash });
      const charges = [{ ...asked, target }];
      return registration(assembleTitle(drafts.title({ rights, charges })));
    },
  ],
  [
    'reach-too-wide',
    'a mortgage that blocks its own discharge',
    () => charge([units.plain], drafts.restriction('mortgage', { blocks: maskOf(['discharge']) })),
  ],
  ['rank-taken', 'a second first mortgage', () => charge([units.charged])],
  ['rank-taken', 'a rank too far', () => charge([units.plain], drafts.restriction('mortgage', { rank: 2 }))],
  [
    'too-many-restrictions',
    'a mortgage in the places of another holder',
    async () => {
      const lien = (rank: number) => ({
        ...drafts.restriction('lien', { rank }),
        target: { right: 0, holding: 0 },
      });
      const charges = Array.from({ length: 48 }, (_, i) => lien(i + 1));
      const title = await register(scene.ledger, drafts, drafts.title({ charges }));
      return charge([title], drafts.restriction('mortgage', { rank: 49, targetRight: 1, targetHolding: 2 }));
    },
  ],
  [
    'rank-taken',
    'a caution with a rank',
    () => charge([units.plain], drafts.restriction('caution', { rank: 1, expiresOn: LATER })),
  ],
  [
    'restriction-kind-refused',
    'a charge among the notices',
    () => registration(assembleTitle(drafts.title({ notices: [drafts.restriction('lien')] }))),
  ],
  [
    'instrument-used',
    'a registration on an instrument that created before',
    () => {
      const instrumentId = units.charged.state.charges[0]?.instrumentId ?? drafts.id<InstrumentId>();
      return registration(
        assembleTitle(drafts.title({ charges: [drafts.restriction('lien', { instrumentId })] })),
      );
    },
  ],
  ['right-ended', 'a transfer of a lease that has ended', () => transfer(units.ended, leaseOf(units.ended))],
  [
    'lapse-out-of-bounds',
    'a caution for more than half a year',
    () => charge([units.plain], drafts.restriction('caution', { expiresOn: LATER + 40n * 86_400n })),
  ],
  ['state-not-initial', 'a prior state', () => bentState((first) => ({ ...first, priorState: drafts.id() }))],
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
        assembleTitle(drafts.title({ spatialUnits: Array.from({ length: 65 }, () => drafts.spatialUnit()) })),
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
      const charges = Array.from({ length: 65 }, () => drafts.restriction('lien'));
      return registration(assembleTitle(drafts.title({ charges })));
    },
  ],
  ['ids-not-in-order', 'a right numbered anew', () => bentRight({ rightId: 7 })],
  ['ids-not-in-order', 'a next id that does not follow', () => bentHeader({ nextId: 9 })],
  ['ids-not-in-order', 'a restriction numbered anew', () => bentIn('charges', { restrictionId: 99 })],
  ['value-unspecified', 'a restriction of no kind', () => bentIn('charges', { kind: 'unspecified' })],
  [
    'value-unspecified',
    'a restriction without its terms',
    () => bentIn('charges', { termsCommitment: ZERO_32 }),
  ],
  ['value-unspecified', 'a duty of no kind', () => bentIn('responsibilities', { kind: 'unspecified' })],
  ['presentation-stated', 'a numbered restriction', () => bentIn('charges', { presentationNo: 1n })],
  ['ids-not-in-order', 'a holding numbered anew', () => bentHolding({ holdingId: 9 })],
  ['presentation-stated', 'a numbered duty', () => bentIn('responsibilities', { presentationNo: 1n })],
  ['ids-not-in-order', 'a duty numbered anew', () => bentIn('responsibilities', { responsibilityId: 99 })],
  [
    'too-many-responsibilities',
    '65 duties',
    () => {
      const [duty] = drafts.rich().responsibilities ?? [];
      if (duty === undefined) throw new Error('a duty');
      const responsibilities = Array.from({ length: 65 }, () => duty);
      return registration(assembleTitle(drafts.title({ responsibilities })));
    },
  ],
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
        assembleTitle(drafts.title({ charges: [{ ...drafts.restriction('lien'), target: { right: 5 } }] })),
      ),
  ],
  [
    'lapse-out-of-bounds',
    'a caution for ever',
    () => registration(assembleTitle(drafts.title({ notices: [drafts.restriction('caution')] }))),
  ],
  [
    'lapse-out-of-bounds',
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
  ['restricted-holding-removed', 'a transfer past a charge', () => transfer(units.rich)],
  ['restriction-kind-refused', 'a lien as a charge', () => charge([units.plain], drafts.restriction('lien'))],
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
      const [caution] = units.charged.state.notices;
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
  ['base-unit-stands', 'a sale of common land under its flats', () => transfer(units.base)],
  ['base-unit-stands', 'a mortgage of common land under its flats', () => charge([units.base])],
  ['base-unit-stands', 'a division of common land', () => subdivision(units.base)],
  ['base-unit-stands', 'a joining of common land', () => consolidation([units.base, units.plain])],
  [
    'spatial-unit-missing',
    'a child without a parcel',
    () => {
      const bare = child();
      return subdivision(units.plain, [child(), { ...bare, portion: { ...bare.portion, spatialUnits: [] } }]);
    },
  ],
  ['quota-not-carried', 'a quota lost in a division', () => subdivision(units.flat)],
  ['quota-not-carried', 'a quota grown in a division', () => subdivision(units.flat, [child(5n), child(5n)])],
  [
    'quota-not-carried',
    'a child left without its quota',
    () => subdivision(units.flat, [child(9n), child(0n)]),
  ],
  ['unit-count-out-of-range', 'a division in steps into one', () => division(units.plain, [child()])],
  ['base-unit-stands', 'common land divided in steps', () => division(units.base)],
  ['quota-not-carried', 'a flat divided in steps', () => division(units.flat)],
  ['ba-unit-not-active', 'a retired unit divided in steps', () => division(units.retired)],
  ['act-blocked', 'a division in steps against an order', () => division(units.blocked)],
  ['ba-unit-not-dividing', 'the cancellation of no division', () => cancellation(units.plain)],
  [
    'value-unspecified',
    'a child without facts',
    () => subdivision(units.plain, [child(), { ...child(), factsRoot: ZERO_32 }]),
  ],
  [
    'act-too-heavy',
    'a release over more than fits a transaction',
    () => release(Array.from({ length: 8 }, () => [units.full, 4] as const)),
  ],
  ['restricted-holding-removed', 'a joining past a charge', () => consolidation([units.rich, units.plain])],
  ['too-many-restrictions', 'a joining of 66 restrictions', () => consolidation([units.full, units.charged])],
  [
    'too-many-responsibilities',
    'a joining of 66 responsibilities',
    () => consolidation([units.burdened, units.dutiful]),
  ],
  [
    'too-many-holdings',
    'a joining under 64 owners and a tenant',
    () => consolidation([units.dutiful, units.plain], { ownership: sharedBy(64) }),
  ],
  ['too-many-holdings', 'a transfer to 65 holders', () => transfer(units.plain, sharedBy(65))],
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
  [
    'batch-size-out-of-range',
    'an empty batch',
    async () => ({ method: 'registerTitles', head: await scene.ledger.head(random), titles: [] }),
  ],
  [
    'act-expired',
    'an act whose time has passed',
    async () => withHead(await registration(), { deadline: 5n }),
  ],
];

describe('what is refused about land', function () {
  this.timeout(600_000);
  before(() => scene.open(temporaryFolder()));
  after(async () => {
    await scene.close();
    removeTemporaryFolders();
  });

  for (const [code, what, make] of cases) {
    it(`refuses ${what} as ${code}, as the contract does`, async () => {
      const attempt = await make();
      const preparation = await prepare(scene.ledger, attempt);
      expect(preparation.ok ? 'prepared' : preparation.refusals[0].code).to.equal(code);
      expect(await scene.ledger.refusalOf(callAnyway(scene.ledger, drafts, attempt, preparation))).to.equal(
        code,
      );
    });
  }
});
