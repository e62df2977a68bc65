/**
 * A ledger with a unit of every sort that rules ask about, and sound acts on them, for tests that bend the acts.
 */
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { type BAUnitId, maskOf } from '../../server/domain/base/terms.ts';
import type { Child, Title } from '../../server/domain/land/acts.ts';
import { foldOf } from '../../server/domain/land/hashes.ts';
import { assembleTitle, type TitleDraft } from '../../server/domain/land/registration.ts';
import type { Right } from '../../server/domain/land/types.ts';
import type { Seeded } from '../seeded.ts';
import { type Attempt, changeOf, perform, register } from './landActs.ts';
import { Drafts } from './landDrafts.ts';
import { type LandLedger, openLandLedger } from './landLedger.ts';

/** A lapse that no test reaches, and that a caution may have. */
export const LATER = BigInt(Math.floor(Date.now() / 1000)) + 150n * 86_400n;

type Of<M extends Attempt['method']> = Extract<Attempt, { method: M }>;

/** What nobody need consent to has effect from its entry. */
const UNDATED = { effectiveOn: 0n };

export class LandScene {
  readonly random: Seeded;
  readonly drafts: Drafts;
  readonly units = {} as Record<
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
    | 'assisted'
    | 'burdened'
    | 'dutiful'
    | 'ended',
    Title
  >;
  #ledger: LandLedger | undefined;

  constructor(random: Seeded) {
    this.random = random;
    this.drafts = new Drafts(random);
  }

  get ledger(): LandLedger {
    if (this.#ledger === undefined) throw new Error('the scene is not open');
    return this.#ledger;
  }

  async close(): Promise<void> {
    await this.#ledger?.ledger.close();
  }

  /** A ledger without a title, under a clock of the test's own. */
  async found(folder: string, clock?: () => bigint): Promise<LandLedger> {
    const ledger = await openLandLedger(folder, clock);
    this.#ledger = ledger;
    return ledger;
  }

  async open(folder: string): Promise<void> {
    const ledger = await this.found(folder);
    const titleOf = (draft: TitleDraft = this.drafts.title()) => register(ledger, this.drafts, draft);
    this.units.plain = await titleOf();
    this.units.other = await titleOf();
    this.units.rich = await titleOf(this.drafts.rich());
    const unrecorded = this.drafts.ownership([
      this.drafts.holding({ numerator: 0n }),
      this.drafts.holding({ numerator: 0n }),
    ]);
    this.units.unrecorded = await titleOf(
      this.drafts.title({ rights: [{ ...unrecorded, tenancy: 'unrecorded', denominator: 0n }] }),
    );
    const quota = { baseUnit: ZERO_32 as BAUnitId, numerator: 0n, total: 100n };
    this.units.base = await titleOf(this.drafts.title({ quota }));
    const parts = await this.parts(this.units.base, [this.flatOf(this.units.base, 9n)]);
    const [base, part] = await perform(ledger, this.drafts, parts);
    if (base === undefined || part === undefined) throw new Error('a base unit and its part');
    this.units.base = base;
    this.units.flat = part;
    this.units.charged = await titleOf(
      this.drafts.title({
        charges: [{ ...this.drafts.restriction('mortgage'), needsConsent: maskOf(['transfer']) }],
        // Of a transfer it is widened: its holding passes.
        notices: [
          { ...this.drafts.restriction('caution'), expiresOn: LATER, target: { right: 0, holding: 0 } },
        ],
      }),
    );
    this.units.blocked = await titleOf(
      this.drafts.title({
        notices: [
          {
            ...this.drafts.restriction('order', { expiresOn: LATER }),
            blocks: maskOf(['transfer', 'mortgage', 'subdivision', 'consolidation']),
          },
        ],
      }),
    );
    const liens = Array.from({ length: 64 }, (_, i) => this.drafts.restriction('lien', { rank: i + 1 }));
    const cautions = liens.map(() => this.drafts.restriction('caution', { expiresOn: LATER }));
    this.units.full = await titleOf(this.drafts.title({ charges: liens, notices: cautions }));
    this.units.assisted = await titleOf(
      this.drafts.title({
        rights: [this.drafts.ownership([this.drafts.holding({ keyHash: ZERO_32 })])],
        charges: [{ ...this.drafts.restriction('lien'), holderKeyHash: ZERO_32 }],
        notices: [{ ...this.drafts.restriction('caution'), holderKeyHash: ZERO_32, expiresOn: LATER }],
      }),
    );
    const duties = this.drafts.rich().responsibilities ?? [];
    const [duty] = duties;
    if (duty === undefined) throw new Error('a duty');
    this.units.burdened = await titleOf(
      this.drafts.title({ responsibilities: Array.from({ length: 64 }, () => duty) }),
    );
    const { charges: _, ...dutiful } = this.drafts.rich();
    this.units.dutiful = await titleOf(dutiful);
    const lease = this.drafts.ownership([this.drafts.holding()], { kind: 'lease', expiresOn: 5n });
    this.units.ended = await titleOf(
      this.drafts.title({
        rights: [this.drafts.ownership([this.drafts.holding()]), { ...lease, target: { right: 0 } }],
        // It lies on what is over, and binds nobody.
        charges: [
          {
            ...this.drafts.restriction('lien'),
            ...{ target: { right: 1 }, blocks: maskOf(['mortgage']), needsConsent: maskOf(['subdivision']) },
          },
        ],
      }),
    );
    const whole = await titleOf();
    const [retired] = await perform(ledger, this.drafts, await this.subdivision(whole));
    if (retired === undefined) throw new Error('a parent');
    this.units.retired = retired;
  }

  readonly child = (quotaNumerator = 0n): Child => this.drafts.child(quotaNumerator);

  readonly registration = async (
    title: Title = assembleTitle(this.drafts.title()),
  ): Promise<Of<'registerTitle'>> => {
    return { method: 'registerTitle', act: { head: await this.ledger.head(this.random), title } };
  };
  /** A part of a base unit of a hundred. */
  readonly flatOf = ({ baUnit }: Title, numerator = 1n): Title =>
    assembleTitle(this.drafts.title({ quota: { baseUnit: baUnit, numerator, total: 100n } }));

  readonly parts = async (base: Title, parts: readonly Title[]): Promise<Of<'registerParts'>> => {
    const act = { head: await this.ledger.head(this.random), base: changeOf(base), parts };
    return { method: 'registerParts', act, priors: [base.state] };
  };
  readonly rightOf = (title: Title, i = 0): Right => {
    const right = title.state.rights[i];
    if (right === undefined) throw new Error('no such right');
    return { ...right, presentationNo: 0n };
  };

  readonly transfer = async (title: Title, changed: Partial<Right> = {}): Promise<Of<'transferRight'>> => {
    const next: Right = {
      ...this.rightOf(title),
      tenancy: 'sole',
      denominator: 1n,
      holdings: [this.drafts.joining(1n)],
      ...changed,
    };
    const head = await this.ledger.head(this.random);
    const act = { head, unit: changeOf(title), next };
    return { method: 'transferRight', act, priors: [title.state] };
  };

  readonly charge = async (
    titles: readonly Title[],
    restriction = this.drafts.restriction('mortgage'),
  ): Promise<Of<'createRestriction'>> => {
    const act = {
      head: await this.ledger.head(this.random, UNDATED),
      units: titles.map((title) => changeOf(title)),
      restriction,
    };
    return { method: 'createRestriction', act, priors: titles.map((title) => title.state) };
  };

  readonly release = async (named: readonly (readonly [Title, number])[]): Promise<Of<'discharge'>> => {
    const releases = named.map(([title, restrictionId]) => ({
      unit: changeOf(title),
      restrictionId,
    }));
    const act = { head: await this.ledger.head(this.random, UNDATED), releases };
    return { method: 'discharge', act, priors: named.map(([title]) => title.state) };
  };

  readonly subdivision = async (
    title: Title,
    children = [this.child(), this.child()],
  ): Promise<Of<'subdivide'>> => {
    const act = { head: await this.ledger.head(this.random), unit: changeOf(title), children };
    return { method: 'subdivide', act, priors: [title.state] };
  };

  readonly division = async (
    title: Title,
    children = [this.child(), this.child(), this.child()],
  ): Promise<Of<'openDivision'>> => {
    const act = {
      ...{ head: await this.ledger.head(this.random), unit: changeOf(title) },
      ...{ memberCount: children.length, membersRoot: foldOf(children) },
    };
    return { method: 'openDivision', act, children, priors: [title.state] };
  };

  readonly cancellation = async (title: Title): Promise<Of<'cancelDivision'>> => {
    const act = { head: await this.ledger.head(this.random, UNDATED), unit: changeOf(title) };
    return { method: 'cancelDivision', act, priors: [title.state] };
  };

  readonly consolidation = async (
    titles: readonly Title[],
    changed: { ownership?: Partial<Right>; child?: Child } = {},
  ): Promise<Of<'consolidate'>> => {
    const ownership: Right = {
      ...this.drafts.ownership([this.drafts.holding()]),
      rightId: 0,
      targetRight: 0,
      presentationNo: 0n,
      holdings: [this.drafts.joining(1n)],
      ...changed.ownership,
    };
    const act = {
      head: await this.ledger.head(this.random),
      units: titles.map((title) => changeOf(title)),
      child: changed.child ?? this.child(),
      ownership,
    };
    return { method: 'consolidate', act, priors: titles.map((title) => title.state) };
  };
}
