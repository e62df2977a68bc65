/** Honest acts on land over the units of a town: what the rules of the domain let pass. */

import { callOf } from '../../server/domain/acts/call.ts';
import type { ActHead } from '../../server/domain/acts/head.ts';
import { type ConsentKey, signCompact } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import type { BAUnitId, EntryId, InstitutionId } from '../../server/domain/base/terms.ts';
import type { Child } from '../../server/domain/land/acts.ts';
import { createRestriction, discharge } from '../../server/domain/land/charges.ts';
import { toMessage } from '../../server/domain/land/codec.ts';
import type { ConsentNeeded } from '../../server/domain/land/consents.ts';
import { consolidate, registerParts, subdivide } from '../../server/domain/land/partition.ts';
import { consentOf, type LandJudgement, type RegisterReading } from '../../server/domain/land/prepare.ts';
import {
  assembleTitle,
  registerTitle,
  registerTitles,
  type TitleDraft,
} from '../../server/domain/land/registration.ts';
import { mostNoticeSeconds } from '../../server/domain/land/restrictions.ts';
import { transferRight } from '../../server/domain/land/transfer.ts';
import type { Right } from '../../server/domain/land/types.ts';
import type { Officer } from '../chain/signing.ts';
import { APPROVER, PREPARER, SECOND_APPROVER } from '../chain/world.ts';
import { byTwo, type Draft, unsigned, type Value } from './calls.ts';
import { type Maker, OFFICE, type Town, type Unit } from './town.ts';

export function headOf(town: Town, preparer: Officer): ActHead {
  return {
    ...{ office: OFFICE, preparer: preparer.officer, preparerEpoch: preparer.epoch },
    ...{ notBefore: town.now - 60n, deadline: town.now + 86_400n, effectiveOn: 0n },
    ...{ salt: town.salt(), sourcesRoot: town.id(), corrects: ZERO_32 as EntryId },
  };
}

export async function readingOf(town: Town): Promise<RegisterReading> {
  const { world } = town;
  return {
    ...(await town.moment()),
    ledger: { ...world.identity, landRegistry: world.addresses.land },
    presentations: town.presentations,
    isFrozen: false,
    keeper: 1 as InstitutionId,
    isSeated: true,
    twoInstitutionActs: 0n,
    mostNoticeSeconds: mostNoticeSeconds(0n),
    stateHashOf: (id) => town.units.get(id)?.stateHash,
    unitOf: (id) => town.parcels.get(id),
    isInstrumentUsed: (id) => town.instruments.has(id),
  };
}

/** The call of an act the rules let pass, with every consent; undefined for another. */
export function draftOf(town: Town, judgement: LandJudgement): Draft | undefined {
  if (!judgement.ok) return undefined;
  const { signable } = judgement;
  const { world, drafts } = town;
  const ledger = { ...world.identity, landRegistry: world.addresses.land };
  const keyOf = (needed: ConsentNeeded) => drafts.keys.find(({ keyHash }) => keyHash === needed.keyHash);
  // A bent holding may have been registered, whose key nobody has.
  if (signable.needed.some((needed) => keyOf(needed) === undefined)) return undefined;
  const proofOf = (needed: ConsentNeeded) => {
    const key = keyOf(needed) as ConsentKey;
    const chosen = { notBefore: 0n, deadline: town.now + 86_400n, mandateCommitment: ZERO_32 };
    const signature = signCompact(digestOf(consentOf(ledger, needed, chosen)), key.privateKey);
    const proof = { ...chosen, kind: 'secp256k1', salt: key.salt, key: '0x', signature } as const;
    return toMessage('ConsentProof', proof);
  };
  const approver = signable.needsTwoInstitutions || town.chance(2) ? SECOND_APPROVER : APPROVER;
  const nobody = { preparer: '0x', approval: { approver: ZERO_32, approverEpoch: 0, deadline: 0n } } as const;
  const call = callOf(signable, signable.needed.map(proofOf), { ...nobody, approver: '0x' } as never);
  const { contract, method } = call;
  const args = call.args.slice(0, -1) as unknown as Value[];
  return { contract, method, args, sign: byTwo(world, contract, method, [PREPARER, approver]) };
}

export const changeOf = ({ baUnit, stateHash }: Unit) => ({ baUnit, priorState: stateHash });

export function someUnit(town: Town, fits: (unit: Unit) => boolean = () => true): Unit | undefined {
  const active = [...town.units.values()].filter(
    (unit) => unit.state.header.status === 'active' && fits(unit),
  );
  return active.length === 0 ? undefined : town.random.pick(active);
}

function titleOf(town: Town, changed: Partial<TitleDraft> = {}) {
  const { drafts, random } = town;
  const assisted = { keyHash: ZERO_32 };
  const plain = drafts.title({ office: OFFICE });
  const kinds = [
    () => plain,
    () => ({ ...drafts.rich(), office: OFFICE }),
    () => drafts.title({ office: OFFICE, rights: [drafts.ownership([drafts.holding(assisted)])] }),
    () =>
      drafts.title({
        ...{ office: OFFICE, origin: 'adjudication' },
        quota: { baseUnit: ZERO_32 as BAUnitId, numerator: 0n, total: 100n },
      }),
    () =>
      drafts.title({
        office: OFFICE,
        notices: [{ ...drafts.restriction('caution'), expiresOn: town.now + 50n * 86_400n }],
      }),
  ];
  return assembleTitle({ ...random.pick(kinds)(), ...changed });
}

export const child = ({ drafts }: Town): Child => ({
  portion: { baUnit: drafts.unitId(), spatialUnits: [drafts.spatialUnit()], quotaNumerator: 0n },
  factsRoot: drafts.id(),
});

export const LAND_CALLS: readonly Maker[] = [
  async (town) =>
    draftOf(
      town,
      registerTitle(await readingOf(town), { head: headOf(town, PREPARER), title: titleOf(town) }),
    ),
  async (town) => {
    const titles = Array.from({ length: 1 + town.random.below(3) }, () => titleOf(town));
    return draftOf(town, registerTitles(await readingOf(town), headOf(town, PREPARER), titles));
  },
  async (town) => {
    const base = someUnit(
      town,
      ({ state }) => state.header.quotaTotal !== 0n && state.header.baseUnit === ZERO_32,
    );
    if (base === undefined) return undefined;
    const quota = { baseUnit: base.baUnit, numerator: 1n, total: 100n };
    const act = {
      ...{ head: headOf(town, PREPARER), base: changeOf(base) },
      parts: [assembleTitle(town.drafts.title({ office: OFFICE, quota }))],
    };
    return draftOf(town, registerParts(await readingOf(town), act, base.state));
  },
  async (town) => {
    const unit = someUnit(town);
    if (unit === undefined) return undefined;
    const next: Right = {
      ...(unit.state.rights[0] as Right),
      ...{ presentationNo: 0n, tenancy: 'sole', denominator: 1n },
      holdings: [town.drafts.joining(1n)],
    };
    const act = { head: headOf(town, PREPARER), unit: changeOf(unit), next };
    return draftOf(town, transferRight(await readingOf(town), act, unit.state));
  },
  async (town) => {
    const unit = someUnit(town);
    if (unit === undefined) return undefined;
    const kind = town.random.pick(['mortgage', 'caution'] as const);
    const expiresOn = kind === 'caution' ? town.now + BigInt(1 + town.random.below(100)) * 86_400n : 0n;
    const rank = kind === 'caution' ? 0 : (unit.state.charges.at(-1)?.rank ?? 0) + 1;
    const restriction = town.drafts.restriction(kind, { expiresOn, rank });
    const act = { head: headOf(town, PREPARER), units: [changeOf(unit)], restriction };
    return draftOf(town, createRestriction(await readingOf(town), act, [unit.state]));
  },
  async (town) => {
    const unit = someUnit(town, ({ state }) => state.charges.length + state.notices.length > 0);
    if (unit === undefined) return undefined;
    const { charges, notices } = unit.state;
    const { restrictionId } = town.random.pick([...charges, ...notices]);
    const act = { head: headOf(town, PREPARER), releases: [{ unit: changeOf(unit), restrictionId }] };
    return draftOf(town, discharge(await readingOf(town), act, [unit.state]));
  },
  async (town) => {
    const unit = someUnit(town);
    if (unit === undefined) return undefined;
    const act = { head: headOf(town, PREPARER), unit: changeOf(unit), children: [child(town), child(town)] };
    return draftOf(town, subdivide(await readingOf(town), act, unit.state));
  },
  async (town) => {
    const [one, other] = [someUnit(town), someUnit(town)];
    if (one === undefined || other === undefined || one === other) return undefined;
    const ownership: Right = {
      ...town.drafts.ownership([town.drafts.holding()]),
      ...{ rightId: 0, targetRight: 0, presentationNo: 0n, holdings: [town.drafts.joining(1n)] },
    };
    const act = {
      ...{ head: headOf(town, PREPARER), units: [changeOf(one), changeOf(other)] },
      ...{ child: child(town), ownership },
    };
    return draftOf(town, consolidate(await readingOf(town), act, [one.state, other.state]));
  },
  async (town) => {
    const lapsed = ({ expiresOn }: { expiresOn: bigint }) =>
      expiresOn !== 0n && expiresOn + 31n * 86_400n < town.now;
    const unit = someUnit(town, ({ state }) => state.notices.some(lapsed));
    if (unit === undefined) return undefined;
    const args = [unit.baUnit, toMessage('BAUnitState', unit.state)] as unknown as Value[];
    return { contract: 'landCharges', method: 'sweep', args, sign: unsigned };
  },
];
