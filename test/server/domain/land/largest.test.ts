/**
 * The largest act of each kind that the limits let through, carried out on a cold chain: it fits a transaction with room.
 * What would not fit weighs too much and is refused before anybody signs.
 */
import { expect } from 'chai';
import { ACTS, type ActRow } from '../../../../server/domain/acts/table.ts';
import { TRANSACTION_GAS_CAP } from '../../../../server/domain/base/chain.ts';
import { type Bytes32, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { type BAUnitId, maskOf } from '../../../../server/domain/base/terms.ts';
import type { Child, Title } from '../../../../server/domain/land/acts.ts';
import { toMessage } from '../../../../server/domain/land/codec.ts';
import { childrenPerCall, nextLoad } from '../../../../server/domain/land/division.ts';
import { foldOf } from '../../../../server/domain/land/hashes.ts';
import { assembleTitle, type TitleDraft } from '../../../../server/domain/land/registration.ts';
import {
  type BAUnitState,
  MAX_ACT_WEIGHT,
  MAX_SPATIAL_UNITS_PER_LOAD,
  MAX_UNITS_PER_ACT,
} from '../../../../server/domain/land/types.ts';
import { weightOfTitle } from '../../../../server/domain/land/weights.ts';
import { type Attempt, prepare } from '../../../land/landActs.ts';
import type { Recorded } from '../../../land/landLedger.ts';
import { LandScene } from '../../../land/landScene.ts';
import { seeded } from '../../../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

/** What is left of a transaction for a state that is colder, and for rules that are still to come. */
const MOST = 0.86 * TRANSACTION_GAS_CAP;
const SEED = 20_261_129;
const DAY = 86_400n;

/** How much lies on a unit; `asks` has every charge and notice asked. */
interface Burden {
  readonly holders?: number;
  readonly leases?: number;
  readonly charges?: number;
  readonly notices?: number;
  readonly duties?: number;
  readonly spatialUnits?: number;
  readonly asks?: boolean;
}

const HEAVIEST: Burden = { leases: 63, charges: 64, notices: 64, duties: 64, spatialUnits: 64 };

describe('the largest act of each kind', function () {
  this.timeout(900_000);
  const scene = new LandScene(seeded(SEED));
  const { drafts, random } = scene;
  let later = 0n;
  let forwardSeconds = 0n;
  const measured = new Map<string, number>();

  before(async () => {
    await scene.found(temporaryFolder(), () => BigInt(Math.floor(Date.now() / 1000)) + forwardSeconds);
    later = (await scene.ledger.nowSeconds()) + 100n * DAY;
  });
  after(async () => {
    await scene.close();
    removeTemporaryFolders();
  });

  const times = <T>(count: number, make: (i: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => make(i));

  function burdened(
    { holders = 1, leases = 0, charges = 0, notices = 0, duties = 0, spatialUnits = 1, asks = false }: Burden,
    changed: Partial<TitleDraft> = {},
  ): TitleDraft {
    const needsConsent = asks
      ? maskOf(['transfer', 'mortgage', 'subdivision', 'consolidation', 'part-registration'])
      : 0n;
    const lease = { ...drafts.ownership([drafts.holding()]), kind: 'lease', target: { right: 0 } } as const;
    const owners = times(holders, () => drafts.holding({ numerator: 1n }));
    const tenancy = holders === 1 ? 'sole' : 'common';
    return drafts.title({
      spatialUnits: times(spatialUnits, () => drafts.spatialUnit()),
      rights: [
        drafts.ownership(owners, { tenancy, denominator: BigInt(holders) }),
        ...times(leases, () => ({ ...lease, holdings: [drafts.holding({ numerator: 1n })] })),
      ],
      charges: times(charges, (i) => drafts.restriction('lien', { rank: i + 1, needsConsent })),
      notices: times(notices, () => drafts.restriction('caution', { expiresOn: later, needsConsent })),
      responsibilities: times(duties, () => ({
        ...({ kind: 'levy', instrumentId: drafts.id(), holderKeyHash: drafts.id() } as const),
        ...{ expiresOn: 0n, termsCommitment: drafts.id<Bytes32>() },
      })),
      ...changed,
    });
  }

  /** Carries an act out and keeps what it took under a name. */
  async function carry(name: string, attempt: Attempt): Promise<readonly Title[]> {
    const judged = await prepare(scene.ledger, attempt);
    if (!judged.ok) throw judged.refusals[0];
    return take(name, await scene.ledger.send(scene.ledger.call(judged.signable, drafts.keys)));
  }

  function take(name: string, { gasUsed, states }: Recorded): readonly Title[] {
    const before = measured.get(name) ?? 0;
    if (gasUsed > before) measured.set(name, gasUsed);
    expect(gasUsed, name).to.be.lessThan(MOST);
    return states.map(({ baUnit, state }) => ({ baUnit, state }));
  }

  const titled = async (draft: TitleDraft): Promise<Title> => {
    const [title] = await carry('registration', await scene.registration(assembleTitle(draft)));
    if (title === undefined) throw new Error('no title');
    return title;
  };

  /** As many titles as an act may make: the heaviest first, then what still fits. */
  function titlesUpTo(weight: number, most: number, changed: () => Partial<TitleDraft>): Title[] {
    const titles: Title[] = [];
    let left = weight;
    for (const burden of [HEAVIEST, { spatialUnits: 64 }, { spatialUnits: 16 }, {}]) {
      while (titles.length < most) {
        const title = assembleTitle(burdened(burden, changed()));
        if (weightOfTitle(title.state) > left) break;
        left -= weightOfTitle(title.state);
        titles.push(title);
      }
    }
    return titles;
  }

  it('registers titles', async () => {
    await titled(burdened(HEAVIEST));
    const titles = titlesUpTo(MAX_ACT_WEIGHT, 50, () => ({}));
    const head = await scene.ledger.head(random);
    await carry('registerTitles', { method: 'registerTitles', head, titles });
    const more = [...titles, assembleTitle(burdened({ spatialUnits: 16 }))];
    const judged = await prepare(scene.ledger, { method: 'registerTitles', head, titles: more });
    expect(judged.ok ? '' : judged.refusals.map(({ code }) => code)).to.include('act-too-heavy');
  });

  it('registers parts', async () => {
    const quota = { baseUnit: ZERO_32 as BAUnitId, numerator: 0n, total: 1_000n };
    const base = await titled(burdened({ holders: 64, charges: 64, notices: 64, asks: true }, { quota }));
    const part = () => ({ quota: { baseUnit: base.baUnit, numerator: 1n, total: 1_000n } });
    const titles = titlesUpTo(MAX_ACT_WEIGHT - 5_000, MAX_UNITS_PER_ACT, part);
    await carry('registerParts', await scene.parts(base, titles));
  });

  it('transfers a right', async () => {
    const title = await titled(
      burdened({ holders: 64, charges: 64, notices: 64, duties: 64, spatialUnits: 64, asks: true }),
    );
    await carry(
      'transferRight',
      await scene.transfer(title, {
        tenancy: 'common',
        denominator: 64n,
        holdings: times(64, () => drafts.joining(1n)),
      }),
    );
  });

  it('charges and releases many units', async () => {
    const units: Title[] = [];
    for (let i = 0; i < MAX_UNITS_PER_ACT; i++) {
      units.push(await titled(burdened({ holders: 16, charges: 8, notices: 8, asks: true })));
    }
    await carry('createRestriction', await scene.charge(units, drafts.restriction('mortgage', { rank: 9 })));
    const burdens: Title[] = [];
    for (let i = 0; i < MAX_UNITS_PER_ACT; i++) {
      burdens.push(await titled(burdened({ charges: 24, notices: 24, duties: 17 })));
    }
    await carry(
      'discharge',
      await scene.release(burdens.map((title) => [title, title.state.charges[0]?.restrictionId ?? 0])),
    );
  });

  it('subdivides', async () => {
    const title = await titled(burdened({ holders: 64, charges: 64, notices: 64, asks: true }));
    await carry(
      'subdivide',
      await scene.subdivision(
        title,
        times(4, () => drafts.child()),
      ),
    );
  });

  it('consolidates', async () => {
    const parents: Title[] = [];
    for (let i = 0; i < MAX_UNITS_PER_ACT; i++) {
      parents.push(await titled(burdened({ leases: 3, charges: 4, notices: 4, duties: 4, asks: true })));
    }
    const whole = drafts.child();
    const spatialUnits = times(64, () => drafts.spatialUnit());
    await carry(
      'consolidate',
      await scene.consolidation(parents, {
        child: { ...whole, portion: { ...whole.portion, spatialUnits } },
      }),
    );
  });

  it('sweeps a unit', async () => {
    const soon = (await scene.ledger.nowSeconds()) + DAY;
    const notices = times(64, () => drafts.restriction('caution', { expiresOn: soon }));
    const { baUnit, state } = await titled(burdened({ ...HEAVIEST, notices: 0 }, { notices }));
    forwardSeconds += 32n * DAY;
    take(
      'sweep',
      await scene.ledger.sendTo('landCharges', 'sweep', [baUnit, toMessage('BAUnitState', state)]),
    );
  });

  it('divides a unit with 64 charges into 200 plots, and one with everything', async () => {
    const acceptance = await divide(burdened({ holders: 2, charges: 64 }), 200);
    expect(acceptance.made).to.equal(200);
    expect(acceptance.calls).to.be.lessThan(80);
    console.log(`      200 plots under 64 charges | ${acceptance.calls} calls | ${acceptance.gas} gas`);
    await divide(
      burdened({ holders: 64, charges: 64, notices: 64, duties: 64, spatialUnits: 64, asks: true }),
      3,
    );
  });

  /** Opens, loads and completes a division as the gateway does. */
  async function divide(draft: TitleDraft, plots: number) {
    const title = await titled(draft);
    const children = times(plots, () => drafts.child());
    const [opened] = await carry('openDivision', await scene.division(title, children));
    if (opened === undefined) throw new Error('no unit');
    const cancelled = await carry('cancelDivision', await scene.cancellation(opened));
    const [again] = await carry(
      'openDivision',
      await scene.division(cancelled[0] ?? opened, fresh(children)),
    );
    let { state } = again ?? opened;
    const anew = lastChildren;
    let [gas, calls, made] = [0, 0, 0];
    const count = (recorded: Recorded) => {
      gas += recorded.gasUsed;
      calls++;
      return recorded;
    };
    for (let rest = state.header.membersRoot; rest !== ZERO_32; ) {
      const chunk = nextLoad(anew, rest);
      if (chunk === undefined) break;
      take('loadChildren', count(await load(title.baUnit, chunk.children, chunk.rest)));
      rest = chunk.rest;
    }
    const perCall = childrenPerCall(state);
    for (let from = 0; from < anew.length; from += perCall) {
      const some = anew.slice(from, from + perCall);
      const units = take('completeDivision', count(await complete(title.baUnit, state, some)));
      const [parent] = units;
      if (from === 0 && parent !== undefined) state = parent.state;
      made += some.length;
    }
    return { gas, calls, made };
  }

  /** The same plots under new salts: a cancelled division is not opened again as it was. */
  let lastChildren: readonly Child[] = [];
  const fresh = (children: readonly Child[]) => {
    lastChildren = children.map((child) => ({ ...child, factsRoot: drafts.id<Bytes32>() }));
    return [...lastChildren];
  };
  const messages = (children: readonly Child[]) => children.map((child) => toMessage('Child', child));
  const load = (baUnit: BAUnitId, children: readonly Child[], rest: Bytes32) =>
    scene.ledger.sendTo('landDivision', 'loadChildren', [baUnit, messages(children), rest]);
  const complete = (baUnit: BAUnitId, state: BAUnitState, children: readonly Child[]) =>
    scene.ledger.sendTo('landDivision', 'completeDivision', [
      ...[baUnit, toMessage('BAUnitState', state)],
      messages(children),
    ]);

  it('loads as many spatial units as one call may, whoever they are of', async () => {
    const title = await titled(burdened({}));
    const children = times(MAX_SPATIAL_UNITS_PER_LOAD, () => drafts.child());
    await carry('openDivision', await scene.division(title, children));
    take('loadChildren', await load(title.baUnit, children, ZERO_32));
    expect(foldOf([])).to.equal(ZERO_32);
  });

  it('is measured for every act of the register, and fits a transaction with room', () => {
    const rows = Object.values(ACTS).filter(({ register }: ActRow) => register === 'landRegistry');
    const methods = rows.map(({ method }) => (method === 'registerTitle' ? 'registration' : method));
    const alone = ['sweep', 'loadChildren', 'completeDivision'];
    expect([...measured.keys()].toSorted()).to.deep.equal([...methods, ...alone].toSorted());
    for (const [name, gas] of measured) {
      console.log(
        `      ${name} | ${gas} gas | ${((100 * gas) / TRANSACTION_GAS_CAP).toFixed(0)} % of a transaction`,
      );
    }
  });
});
