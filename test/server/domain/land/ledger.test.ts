/**
 * Every act as TypeScript prepares it against the contracts that record it, on a real chain: the same entry ids, the
 * same states, the same history.
 */
import { expect } from 'chai';
import { firstHead, foldEntries } from '../../../../server/domain/audit/journal.ts';
import { type Bytes32, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import type { BAUnitId } from '../../../../server/domain/base/terms.ts';
import { LAND_ACTS, LAND_KIND_BASE, maskOf } from '../../../../server/domain/base/terms.ts';
import type { Child, Title, TransferRight, UnitChange } from '../../../../server/domain/land/acts.ts';
import { createRestriction, discharge } from '../../../../server/domain/land/charges.ts';
import { toMessage } from '../../../../server/domain/land/codec.ts';
import {
  cancelDivision,
  nextLoad,
  openDivision,
  openingOf,
} from '../../../../server/domain/land/division.ts';
import {
  foldOf,
  sectionHashes,
  stateHash,
  stateHashOf,
  structHash,
} from '../../../../server/domain/land/hashes.ts';
import { consolidate, registerParts, subdivide } from '../../../../server/domain/land/partition.ts';
import { type LandJudgement, type LandSignable, signableOr } from '../../../../server/domain/land/prepare.ts';
import { assembleTitle, registerTitle, registerTitles } from '../../../../server/domain/land/registration.ts';
import { transferRight } from '../../../../server/domain/land/transfer.ts';
import { carried } from '../../../../server/domain/land/transitions.ts';
import type { BAUnitState, Right } from '../../../../server/domain/land/types.ts';
import { Drafts } from '../../../land/landDrafts.ts';
import { type LandLedger, OFFICERS, openLandLedger, type Recorded } from '../../../land/landLedger.ts';
import { LATER } from '../../../land/landScene.ts';
import { seeded } from '../../../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const SEED = 20_261_124;

describe('acts on land as they are prepared', function () {
  this.timeout(300_000);
  const random = seeded(SEED);
  const drafts = new Drafts(random);
  const history: Recorded['entries'][number][] = [];
  let ledger: LandLedger;
  before(async () => {
    ledger = await openLandLedger(temporaryFolder());
  });
  after(async () => {
    await ledger.ledger.close();
    removeTemporaryFolders();
  });

  /** Records a prepared act and holds what the ledger says against what was prepared. */
  async function record(preparation: LandJudgement, approver = OFFICERS.approver): Promise<LandSignable> {
    const prepared = signableOr(preparation);
    const recorded = await ledger.send(ledger.call(prepared, drafts.keys, approver));
    expect(recorded.states.map(({ baUnit }) => baUnit)).to.deep.equal(
      prepared.changes.map(({ baUnit }) => baUnit),
    );
    prepared.changes.forEach((change, i) => {
      expect(recorded.states[i]?.state).to.deep.equal(change.state);
      expect(recorded.states[i]?.stateHash).to.equal(change.stateHash);
      const entry = recorded.entries[i];
      expect(entry?.entryId).to.equal(change.entryId);
      expect(entry?.subject).to.equal(change.baUnit);
      expect(entry?.newState).to.equal(change.stateHash);
      expect(entry?.kind).to.equal(LAND_KIND_BASE + LAND_ACTS.indexOf(prepared.act));
    });
    for (const { baUnit, stateHash: kept } of prepared.changes) {
      expect(await ledger.read('land', 'stateOf', baUnit)).to.equal(kept);
    }
    history.push(...recorded.entries);
    return prepared;
  }

  async function register(draft = drafts.title()): Promise<Title> {
    const title = assembleTitle(draft);
    const { baseUnit } = title.state.header;
    const reading = await ledger.reading({
      units: [title.baUnit, ...(baseUnit === ZERO_32 ? [] : [baseUnit])],
      spatialUnits: title.state.spatialUnits.map(({ id }) => id),
    });
    const prepared = await record(registerTitle(reading, { head: await ledger.head(random), title }));
    return { baUnit: title.baUnit, state: stateOf(prepared, 0) };
  }

  const stateOf = (prepared: LandSignable, i: number): BAUnitState => {
    const state = prepared.changes[i]?.state;
    if (state === undefined) throw new Error('no such change');
    return state;
  };
  const changeOf = ({ baUnit, state }: Title): UnitChange => ({
    baUnit,
    priorState: stateHash(state),
  });
  const firstRight = ({ state }: Title): Right => {
    const [right] = state.rights;
    if (right === undefined) throw new Error('a unit without rights');
    return right;
  };

  async function transfer(title: Title, next: Right, approver = OFFICERS.approver): Promise<LandSignable> {
    const unit = changeOf(title);
    const act: TransferRight = {
      head: await ledger.head(random),
      unit,
      next: { ...next, presentationNo: 0n },
    };
    return record(transferRight(await ledger.reading({ units: [title.baUnit] }), act, title.state), approver);
  }

  it('register a title with something in every section', async () => {
    const { state } = await register(drafts.rich());
    expect(state.rights).to.have.length(3);
    expect(stateHashOf(sectionHashes(state), state)).to.equal(stateHash(state));
  });

  it('register titles of every origin, standing and tenancy', async () => {
    const holding = () => drafts.holding({ numerator: 0n });
    await register(drafts.title({ origin: 'grant', rights: [drafts.ownership([drafts.holding()])] }));
    await register(
      drafts.title({
        origin: 'legacy',
        evidence: 'testimony',
        rights: [drafts.ownership([holding(), holding()], { tenancy: 'joint', denominator: 0n })],
      }),
    );
    await register(
      drafts.title({
        rights: [
          drafts.ownership([drafts.holding({ numerator: 5n })], {
            standing: 'claimed',
            denominator: 9n,
            kind: 'customary',
          }),
        ],
      }),
    );
  });

  it('register flats with shares in the common land, with the consent of whom it belongs to', async () => {
    const base = await register(
      drafts.title({ quota: { baseUnit: ZERO_32 as BAUnitId, numerator: 0n, total: 1_000n } }),
    );
    const parts = [125n, 200n].map((numerator) =>
      assembleTitle(drafts.title({ quota: { baseUnit: base.baUnit, numerator, total: 1_000n } })),
    );
    const reading = await ledger.reading({
      units: [base, ...parts].map(({ baUnit }) => baUnit),
      spatialUnits: parts.flatMap(({ state }) => state.spatialUnits.map(({ id }) => id)),
    });
    const act = { head: await ledger.head(random), base: changeOf(base), parts };
    const prepared = await record(registerParts(reading, act, base.state));
    expect(prepared.needed.map(({ baUnit }) => baUnit)).to.deep.equal([base.baUnit, base.baUnit]);
    const given = prepared.changes.map(({ state }) => state.header.quotaNumerator);
    expect(given).to.deep.equal([325n, 125n, 200n]);
  });

  it('register a batch under one pair of signatures, an entry each', async () => {
    const titles = [drafts.rich(), drafts.title(), drafts.title()].map(assembleTitle);
    const reading = await ledger.reading({
      units: titles.map(({ baUnit }) => baUnit),
      spatialUnits: titles.flatMap(({ state }) => state.spatialUnits.map(({ id }) => id)),
    });
    const prepared = await record(registerTitles(reading, await ledger.head(random), titles));
    expect(new Set(prepared.changes.map(({ entryId }) => entryId)).size).to.equal(3);
  });

  it('transfer the whole of a right to somebody else', async () => {
    const title = await register();
    const next = {
      ...firstRight(title),
      tenancy: 'sole',
      denominator: 1n,
      holdings: [drafts.joining(1n)],
    } as const;
    const prepared = await transfer(title, next);
    expect(prepared.needed.map(({ subject }) => subject)).to.deep.equal([2, 3]);
    expect(stateOf(prepared, 0).rights[0]?.holdings[0]?.holdingId).to.equal(4);
  });

  it('transfer a part, and ask only those who give up something', async () => {
    const title = await register();
    const right = firstRight(title);
    const [first, second] = right.holdings;
    if (first === undefined || second === undefined) throw new Error('two holdings');
    const holdings = [{ ...first, numerator: 4n }, { ...second, numerator: 5n }, drafts.joining(1n)];
    const prepared = await transfer(title, { ...right, denominator: 10n, holdings });
    expect(prepared.needed.map(({ subject }) => subject)).to.deep.equal([3]);
  });

  it('transfer a joint right, and ask everybody', async () => {
    const joint = [drafts.holding({ numerator: 0n }), drafts.holding({ numerator: 0n })];
    const title = await register(
      drafts.title({ rights: [drafts.ownership(joint, { tenancy: 'joint', denominator: 0n })] }),
    );
    const right = firstRight(title);
    const prepared = await transfer(title, { ...right, holdings: [...right.holdings, drafts.joining(0n)] });
    expect(prepared.consents).to.have.length(2);
  });

  it('ask two institutions where a holder has no key', async () => {
    const title = await register(
      drafts.title({ rights: [drafts.ownership([drafts.holding({ keyHash: ZERO_32 })])] }),
    );
    const next = { ...firstRight(title), holdings: [drafts.joining(1n)] };
    const prepared = await transfer(title, next, OFFICERS.otherApprover);
    expect([prepared.isAssisted, prepared.needsTwoInstitutions]).to.deep.equal([true, true]);
    expect(prepared.consents).to.deep.equal([]);
  });

  it('mortgage two titles at once, charge and caution one more, and release all of it', async () => {
    const titles = [await register(), await register()];
    // Of a day to come that every owner agrees to, after which the rest has to be.
    const effectiveOn = (await ledger.nowSeconds()) + 86_400n;
    const mortgage = drafts.restriction('mortgage', { needsConsent: maskOf(['transfer']), rank: 1 });
    const reading = async () =>
      ledger.reading({ units: titles.map(({ baUnit }) => baUnit), instruments: [mortgage.instrumentId] });
    const charged = await record(
      createRestriction(
        await reading(),
        {
          head: await ledger.head(random, { effectiveOn }),
          units: titles.map(changeOf),
          restriction: mortgage,
        },
        titles.map(({ state }) => state),
      ),
    );
    expect(charged.consents).to.have.length(4);
    const [one, two] = titles.map(({ baUnit }, i) => ({ baUnit, state: stateOf(charged, i) }));
    if (one === undefined || two === undefined) throw new Error('two titles');
    const caution = drafts.restriction('caution', {
      targetRight: 1,
      targetHolding: 3,
      expiresOn: LATER,
      blocks: maskOf(['mortgage']),
    });
    const cautioned = await record(
      createRestriction(
        await ledger.reading({ units: [one.baUnit], instruments: [caution.instrumentId] }),
        { head: await ledger.head(random, { effectiveOn }), units: [changeOf(one)], restriction: caution },
        [one.state],
      ),
    );
    expect(cautioned.consents).to.deep.equal([]);
    const now = { ...one, state: stateOf(cautioned, 0) };
    const released = await record(
      discharge(
        await ledger.reading({ units: [now.baUnit, two.baUnit] }),
        {
          head: await ledger.head(random, { effectiveOn }),
          releases: [now, two].map((title) => ({ unit: changeOf(title), restrictionId: 4 })),
        },
        [now.state, two.state],
      ),
    );
    expect(released.act).to.equal('discharge');
    const free = { ...now, state: stateOf(released, 0) };
    const withdrawn = await record(
      discharge(
        await ledger.reading({ units: [free.baUnit] }),
        {
          head: await ledger.head(random, { effectiveOn }),
          releases: [{ unit: changeOf(free), restrictionId: 5 }],
        },
        [free.state],
      ),
    );
    expect(withdrawn.act).to.equal('caution-withdrawal');
    const { charges, notices } = stateOf(withdrawn, 0);
    expect([charges, notices]).to.deep.equal([[], []]);
  });

  it('divide a unit into children that carry everything, and join them again', async () => {
    const parent = await register(drafts.rich());
    const child = () => drafts.child();
    const children = [child(), child(), child()];
    const reading = async (units: readonly Bytes32[], made: readonly Child[]) =>
      ledger.reading({
        units: [...units, ...made.map(({ portion }) => portion.baUnit)],
        spatialUnits: made.flatMap(({ portion }) => portion.spatialUnits.map(({ id }) => id)),
      });
    const divided = await record(
      subdivide(
        await reading([parent.baUnit], children),
        { head: await ledger.head(random), unit: changeOf(parent), children },
        parent.state,
      ),
    );
    expect(divided.changes).to.have.length(4);
    const made = children.map(({ portion }, i) => ({
      baUnit: portion.baUnit,
      state: stateOf(divided, i + 1),
    }));
    // Lift what lies on a holding first: the joining ends it.
    const lifted: Title[] = [];
    for (const title of made) {
      const home = title.state.charges.find(({ targetHolding }) => targetHolding !== 0);
      if (home === undefined) throw new Error('the home is carried');
      const prepared = await record(
        discharge(
          await ledger.reading({ units: [title.baUnit] }),
          {
            head: await ledger.head(random),
            releases: [{ unit: changeOf(title), restrictionId: home.restrictionId }],
          },
          [title.state],
        ),
      );
      lifted.push({ ...title, state: stateOf(prepared, 0) });
    }
    const whole = child();
    const ownership: Right = {
      ...drafts.ownership([drafts.holding()]),
      rightId: 0,
      targetRight: 0,
      presentationNo: 0n,
      holdings: [drafts.joining(1n)],
    };
    const joined = await record(
      consolidate(
        await reading(
          lifted.map(({ baUnit }) => baUnit),
          [whole],
        ),
        { head: await ledger.head(random), units: lifted.map(changeOf), child: whole, ownership },
        lifted.map(({ state }) => state),
      ),
    );
    const state = stateOf(joined, 3);
    expect([state.rights.length, state.charges.length, state.responsibilities.length]).to.deep.equal([
      7, 3, 6,
    ]);
  });

  it('divide a unit in steps: what is loaded is what was opened, and all is carried', async () => {
    const parent = await register(drafts.rich());
    const children = Array.from({ length: 5 }, (): Child => drafts.child());
    const about = () =>
      ledger.reading({
        units: [parent.baUnit, ...children.map(({ portion }) => portion.baUnit)],
        spatialUnits: children.flatMap(({ portion }) => portion.spatialUnits.map(({ id }) => id)),
      });
    const head = await ledger.head(random);
    const opened = await record(
      openDivision(
        await about(),
        openingOf({ head, unit: changeOf(parent) }, children),
        parent.state,
        children,
      ),
    );
    expect(opened.consents.length).to.be.greaterThan(0);
    const dividing = stateOf(opened, 0);
    const one = nextLoad(children.slice(0, 5), dividing.header.membersRoot);
    if (one === undefined) throw new Error('children to load');
    expect([one.children.length, one.rest]).to.deep.equal([5, ZERO_32]);
    const messages = (some: readonly Child[]) => some.map((child) => toMessage('Child', child));
    const load = async (from: number, to: number) =>
      ledger.sendTo('landDivision', 'loadChildren', [
        parent.baUnit,
        messages(children.slice(from, to)),
        foldOf(children.slice(to)),
      ]);
    for (const [from, to] of [
      [0, 2],
      [2, 5],
    ] as const) {
      const { entries } = await load(from, to);
      expect(entries.map(({ newState }) => newState)).to.deep.equal([foldOf(children.slice(to))]);
      history.push(...entries);
    }
    const claim = structHash('Claim', {
      parent: parent.baUnit,
      membersRoot: dividing.header.membersRoot,
      child: children[3] ?? drafts.child(),
    });
    expect(await ledger.read('land', 'stateOf', children[3]?.portion.baUnit)).to.equal(claim);
    const complete = async (state: BAUnitState, some: readonly Child[]) =>
      ledger.sendTo('landDivision', 'completeDivision', [
        ...[parent.baUnit, toMessage('BAUnitState', state)],
        messages(some),
      ]);
    const first = await complete(dividing, children.slice(4));
    const last = first.states[0]?.state;
    if (last === undefined) throw new Error('a parent');
    const then = await complete(last, children.slice(0, 4));
    history.push(...first.entries, ...then.entries);
    const made = [...then.states, ...first.states.slice(1)];
    expect(made.map(({ state }) => state)).to.deep.equal(children.map((child) => carried(last, child).state));
    expect(last.header.status).to.equal('retired');
  });

  it('cancel a division that is not completed', async () => {
    const parent = await register();
    const children = [drafts.child(), drafts.child()];
    const reading = await ledger.reading({
      units: [parent.baUnit, ...children.map(({ portion }) => portion.baUnit)],
      spatialUnits: children.flatMap(({ portion }) => portion.spatialUnits.map(({ id }) => id)),
    });
    // Of a day to come that every owner agrees to: the cancellation is of the same.
    const effectiveOn = (await ledger.nowSeconds()) + 86_400n;
    const head = await ledger.head(random, { effectiveOn });
    const opened = await record(
      openDivision(reading, openingOf({ head, unit: changeOf(parent) }, children), parent.state, children),
    );
    const dividing = { ...parent, state: stateOf(opened, 0) };
    const cancelled = await record(
      cancelDivision(
        await ledger.reading({ units: [parent.baUnit] }),
        { head: await ledger.head(random, { effectiveOn }), unit: changeOf(dividing) },
        dividing.state,
      ),
    );
    expect(stateOf(cancelled, 0).header.status).to.equal('active');
  });

  it('leave a journal that folds to the register\u2019s head from its first one', async () => {
    const head = foldEntries(firstHead(BigInt(ledger.chainId), ledger.contracts.land), 0n, history);
    expect(head).to.equal(await ledger.read('land', 'head'));
    expect(history.at(-1)?.head).to.equal(head);
    const [first, ...others] = history;
    if (first === undefined) throw new Error('a history');
    expect(() => foldEntries(ZERO_32, 0n, others))
      .to.throw()
      .with.property('code', 'journal-entry-missing');
    expect(foldEntries(ZERO_32, 0n, [first])).not.to.equal(first.head);
  });
});
