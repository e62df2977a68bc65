/**
 * The auditor's own list of institutions: `contracts/power/Institutions.sol` by the events it emits.
 *
 * Promises: who is a member, barred or resting at a moment, and the number of the constitution, in which a suspension that
 * ends by itself counts as whatever was voted does. Of one consortium; another's begins anew.
 */
import type { InstitutionId } from '../base/terms.ts';
import { SUSPENSION_SECONDS } from '../power/measures.ts';
import { VOTE } from './measureRules.ts';

interface Institution {
  readonly roles: number;
  readonly suspendedUntil: bigint;
  /** When the last suspension ended or will; zero where there was none. */
  readonly restsFrom: bigint;
  readonly isExpelled: boolean;
}

const NEW: Institution = { roles: 0, suspendedUntil: 0n, restsFrom: 0n, isExpelled: false };

export class Institutions {
  readonly #known = new Map<InstitutionId, Institution>();
  #amendments = 0;

  constructor(founded: readonly { readonly institution: InstitutionId; readonly roles: number }[] = []) {
    for (const { institution, roles } of founded) this.#known.set(institution, { ...NEW, roles });
  }

  get known(): ReadonlyMap<InstitutionId, Institution> {
    return this.#known;
  }

  isExpelled(institution: InstitutionId): boolean {
    return this.#known.get(institution)?.isExpelled === true;
  }

  /** None of its officers counts at a moment. */
  isBarred(institution: InstitutionId, nowSeconds: number): boolean {
    const known = this.#known.get(institution);
    return known !== undefined && (known.isExpelled || BigInt(nowSeconds) < known.suspendedUntil);
  }

  /** Suspended and free again, but not for as long as a suspension lasts. */
  isResting(institution: InstitutionId, nowSeconds: number): boolean {
    const { restsFrom } = this.#known.get(institution) ?? NEW;
    return restsFrom > 0n && BigInt(nowSeconds) < restsFrom + SUSPENSION_SECONDS;
  }

  members(): InstitutionId[] {
    return [...this.#known]
      .filter(([, { roles, isExpelled }]) => !isExpelled && (roles & VOTE) !== 0)
      .map(([institution]) => institution);
  }

  /** The number of the constitution at a moment. */
  amendmentsAt(nowSeconds: number): number {
    const ended = [...this.#known.values()].filter(
      ({ suspendedUntil, isExpelled }) =>
        !isExpelled && suspendedUntil > 0n && suspendedUntil <= BigInt(nowSeconds),
    );
    return this.#amendments + ended.length;
  }

  /** What was voted of who decides, and how. */
  amend(): void {
    this.#amendments++;
  }

  admit(institution: InstitutionId, roles: number): void {
    this.#known.set(institution, { ...NEW, roles });
  }

  expel(institution: InstitutionId, nowSeconds: number): void {
    this.#set(institution, nowSeconds, { isExpelled: true });
  }

  suspend(institution: InstitutionId, nowSeconds: number, until: bigint): void {
    this.#set(institution, nowSeconds, { suspendedUntil: until, restsFrom: until });
  }

  lift(institution: InstitutionId, nowSeconds: number): void {
    this.#set(institution, nowSeconds, { suspendedUntil: 0n, restsFrom: BigInt(nowSeconds) });
  }

  setRoles(institution: InstitutionId, roles: number): void {
    this.#known.set(institution, { ...(this.#known.get(institution) ?? NEW), roles });
  }

  #set(institution: InstitutionId, nowSeconds: number, part: Partial<Institution>): void {
    const before = this.#known.get(institution) ?? NEW;
    // An end that nobody wrote stays counted when it is overwritten.
    if (before.suspendedUntil > 0n && before.suspendedUntil <= BigInt(nowSeconds)) this.#amendments++;
    this.#known.set(institution, { ...before, ...part });
  }
}
