/**
 * Certificates of title: one file that proves, without this gateway, what the register held at a block.
 *
 * Promises: whatever goes out was verified by the very code a citizen runs; facts about people come out of the vault
 * through `disclose`, so every certificate stands in the access log of everyone it names; facts whose openings were
 * destroyed, or are kept by another institution, stay hashes, and the verifier says which. An open one shows of the facts
 * those that are of the ground alone, and opens nothing of anybody; a holder's shows her own party whole and of the others
 * their names. It states the newest block the views hold.
 */

import { commitFacts } from '../domain/acts/facts.ts';
import {
  buildCertificate,
  type Certificate,
  type CertificateParts,
  readCertificate,
  writeCertificate,
} from '../domain/audit/certificate.ts';
import type { FinalityEvidence } from '../domain/audit/lineage.ts';
import type { StateProof } from '../domain/audit/state.ts';
import type { TrustFile } from '../domain/audit/trust.ts';
import { certificateSlots, verifyCertificate } from '../domain/audit/verifyCertificate.ts';
import { Fault } from '../domain/base/fault.ts';
import type { Address, Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import { type CommitmentPlace, commitmentsOf } from '../domain/land/commitments.ts';
import { type BAUnitState, SECTIONS } from '../domain/land/types.ts';
import type { Cadastre } from '../store/cadastre.ts';
import type { Views } from '../store/views.ts';
import { type FactsDependencies, factsUnder, type Requester } from './vaultFacts.ts';

export interface CertificateDependencies extends FactsDependencies {
  readonly views: Views;
  readonly cadastre: Cadastre;
  /** What certificates of now are verified with: of a ledger whose register was succeeded, a later file than the founding's. */
  trust(): Promise<TrustFile>;
  /** Proofs of these slots in the state of the newest block the views hold, and the evidence that it is final. */
  proveAtHead(asked: readonly { readonly address: Address; readonly slots: readonly Bytes32[] }[]): Promise<{
    readonly proofs: readonly StateProof[];
    readonly finality: FinalityEvidence;
  }>;
}

type ShownFacts = CertificateParts['facts'][number];

export class Certificates {
  readonly #deps: CertificateDependencies;

  constructor(deps: CertificateDependencies) {
    this.#deps = deps;
  }

  /** With number, area and boundaries, and no fact of a person: for whoever checks how a register is kept. */
  issueOpen(baUnit: BAUnitId, requester: Requester): Promise<Certificate> {
    return this.#issue(baUnit, requester, isOfGround);
  }

  issue(baUnit: BAUnitId, requester: Requester): Promise<Certificate> {
    return this.#issue(baUnit, requester, () => true);
  }

  /** What a holder proves at a bank: her own party and right whole, what lies on them, and who else holds, by name. */
  issueToHolder(baUnit: BAUnitId, holdingId: number, requester: Requester): Promise<Certificate> {
    return this.#issue(baUnit, requester, (of, path, state) => isHolders(of, path, { state, holdingId }));
  }

  async #issue(
    baUnit: BAUnitId,
    requester: Requester,
    /** Of a fact, or without a path whether any under that root is. */
    isShown: (of: CommitmentPlace, path: string | undefined, state: BAUnitState) => boolean,
  ): Promise<Certificate> {
    const { views } = this.#deps;
    const row = await views.land.unit(baUnit);
    if (row === undefined) throw refusal('ba-unit-missing');
    const facts: ShownFacts[] = [];
    for (const [of, root] of commitmentsOf(row.state)) {
      if (!isShown(of, undefined, row.state)) continue; // not even read
      const opened = await this.#open(of, root, requester);
      const paths = opened?.paths.filter((path) => isShown(of, path, row.state)) ?? [];
      if (opened !== undefined && paths.length > 0) facts.push(Object.assign({}, opened, { paths }));
    }
    const slots = certificateSlots(baUnit);
    const trust = await this.#deps.trust();
    const { charter, consortium, landRegistry } = trust.contracts;
    const { proofs, finality } = await this.#deps.proveAtHead([
      { address: charter.address, slots: slots.charter },
      { address: consortium.address, slots: slots.consortium },
      { address: landRegistry.address, slots: slots.landRegistry },
    ]);
    const [ofCharter, ofConsortium, ofLand] = proofs;
    if (!ofCharter || !ofConsortium || !ofLand) throw new Error('a proof of every contract');
    const certificate = buildCertificate({
      baUnit,
      state: row.state,
      show: SECTIONS,
      facts,
      finality,
      proofs: { charter: ofCharter, consortium: ofConsortium, landRegistry: ofLand },
    });
    requireGood(trust, certificate, row.state);
    return certificate;
  }

  /** A geometry is the cadastre's, and open; everything else is in the vault, under the person it is about. */
  async #open(of: CommitmentPlace, root: Bytes32, requester: Requester): Promise<ShownFacts | undefined> {
    const set = of.startsWith('spatial-unit/')
      ? await this.#surveyed(of.slice('spatial-unit/'.length) as Bytes32)
      : await factsUnder(this.#deps, root, requester, 'certificate');
    if (set === undefined) return undefined;
    if (set.root !== root)
      throw new Fault('openings of the cadastre do not open their commitment', { retryable: false });
    return { of, set, paths: set.facts.map(({ path }) => path) };
  }

  async #surveyed(unit: Bytes32) {
    const { geometry = [] } = (await this.#deps.cadastre.get(unit)) ?? {};
    return geometry.length === 0 ? undefined : commitFacts(geometry);
  }
}

/** How the paths of facts of the ground begin, under the unit's own root. */
const GROUND = 'parcel/';
const NAME = 'name';

/** A root that an act said twice could have a person's facts behind it: a path is looked at as well as its place. */
function isOfGround(of: CommitmentPlace, path = GROUND): boolean {
  return of.startsWith('spatial-unit/') || (of === 'unit' && path.startsWith(GROUND));
}

/** Of the others their names alone: numbers, and what lies on their parts, are between them and the office. */
function isHolders(
  of: CommitmentPlace,
  path: string | undefined,
  { state, holdingId }: { readonly state: BAUnitState; readonly holdingId: number },
): boolean {
  const [kind, text] = of.split('/');
  const id = Number(text);
  const { rightId } =
    state.rights.find(({ holdings }) => holdings.some((one) => one.holdingId === holdingId)) ?? {};
  // Zero is the whole unit, or all of a right.
  const isHers = (target: number | undefined) => target === 0 || (target !== undefined && target === rightId);
  switch (kind) {
    case 'holding':
      return id === holdingId || path === undefined || path === NAME;
    case 'right':
      return id === rightId;
    case 'restriction': {
      const one = [...state.charges, ...state.notices].find(({ restrictionId }) => restrictionId === id);
      return isHers(one?.targetRight) && (one?.targetHolding === 0 || one?.targetHolding === holdingId);
    }
    case 'responsibility':
      return isHers(state.responsibilities.find((one) => one.responsibilityId === id)?.targetRight);
    default:
      return isOfGround(of, path);
  }
}

/** As its reader will: from its text. */
function requireGood(trust: TrustFile, certificate: Certificate, state: BAUnitState): void {
  const { intact, anchored } = verifyCertificate(trust, readCertificate(writeCertificate(certificate)));
  if (intact.verdict === 'yes' && anchored.verdict === 'yes') return;
  throw new Fault(`a certificate of version ${state.header.version} does not verify`, { retryable: true });
}
