/** Members at work over the API: orders that one officer signs, votes, and officers who are new to the ledger. */
import { randomBytes } from 'node:crypto';
import { registerDomain } from '../../server/domain/acts/domains.ts';
import { toHex } from '../../server/domain/base/hex.ts';
import { ROLES, type Role } from '../../server/domain/base/terms.ts';
import { officerRecordJson } from '../../server/domain/power/foundingFile.ts';
import { FIRST_EPOCHS } from '../../server/domain/power/possession.ts';
import { foundingOfficerOf, type Officer, possessionOf } from '../chain/signing.ts';
import { type ActTold, type App, headOf, type OperationTold, preparationBy, type SignedAct } from './app.ts';

const WAIT = { Prefer: 'wait=20' };
const HOUR_SECONDS = 3_600;

export const inHours = (hours: number) => Math.floor(Date.now() / 1000) + hours * HOUR_SECONDS;

/** The head of an act about officers of every office. */
export const everyOffice = (preparer: Officer) => ({ ...headOf(preparer), office: 0 });

export function consortiumOf(app: App) {
  const trust = app.trust();
  return registerDomain('consortium', trust, trust.contracts.consortium.address);
}

/** What a new officer hands over: keys proved for the ledger there is. */
export function recordOf(app: App, officer: Officer, roles: readonly Role[] = ROLES): object {
  const domain = consortiumOf(app);
  const founding = foundingOfficerOf(officer, app.trust().ledgerNonce, { roles });
  const proven = (place: 'key' | 'spare') => ({
    ...founding[place],
    possession: possessionOf(officer, domain, FIRST_EPOCHS[place]),
  });
  return officerRecordJson({ ...founding, key: proven('key'), spare: proven('spare') });
}

/** An order prepared, signed by its officer and carried out. */
export async function ordered(
  app: App,
  place: string,
  fields: object,
  by: Officer,
): Promise<SignedAct & { readonly prepared: ActTold }> {
  const token = await app.token('member', by.institution);
  const named = 'revoker' in fields ? {} : { officer: by.officer, epoch: by.epoch };
  const told = await app.ask<ActTold>('POST', place, { token, body: { ...named, ...fields } });
  if (told.status !== 201) throw new Error(`${place} answered ${told.status}: ${told.text}`);
  const signed = await app.ask<ActTold>('POST', `/acts/${told.body.id}/signatures`, {
    ...{ token, headers: WAIT },
    body: preparationBy(by, told.body),
  });
  if (signed.status !== 202) throw new Error(`the officer was answered ${signed.status}: ${signed.text}`);
  const operation = await app.ask<OperationTold>('GET', signed.body.operation ?? '', { token });
  if (operation.body.state !== 'PROJECTED') throw new Error(`the order ended as ${operation.text}`);
  return { id: told.body.id, operation: operation.body, prepared: told.body };
}

export interface MeasureTold {
  readonly measureId: string;
  readonly sentence: string;
  readonly state: string;
  readonly votesMissing: number;
  readonly inFavour: readonly number[];
  readonly against: readonly number[];
  readonly uncounted: readonly number[];
  /** Absent without a quorum. */
  readonly executableFrom?: string;
  readonly appointments?: readonly unknown[];
  readonly obstacle?: { readonly code: string };
}

/** Opens a measure with the first vote; answers it as it stands then. */
export async function proposed(
  app: App,
  by: Officer,
  proposal: object,
  officers: readonly object[] = [],
): Promise<MeasureTold> {
  const salt = toHex(randomBytes(16));
  await ordered(app, '/acts/votes', { proposal, officers, closesAt: inHours(24), salt }, by);
  const token = await app.token('member', by.institution);
  const { body } = await app.ask<{ rows: MeasureTold[] }>('GET', '/measures?open=true&limit=1', { token });
  const [newest] = body.rows;
  if (newest === undefined) throw new Error('no measure was opened');
  return newest;
}

/** The next vote on it. */
export function voted(app: App, by: Officer, { measureId: measure }: MeasureTold, inFavour = true) {
  return ordered(app, '/acts/votes', { measure, inFavour }, by);
}

export async function standing(app: App, { measureId }: MeasureTold): Promise<MeasureTold> {
  const token = await app.token('auditor', 0);
  return (await app.ask<MeasureTold>('GET', `/measures/${measureId}`, { token })).body;
}

/** Carries it out, by a member who need not have voted. */
export async function carriedOut(app: App, { measureId }: MeasureTold, body: object = {}) {
  return app.ask<OperationTold & { readonly code?: string }>('POST', `/measures/${measureId}/execution`, {
    ...{ token: await app.token('member', 1), headers: WAIT, body },
  });
}

/** Both votes, and carried out. */
export async function decided(
  app: App,
  [first, second]: readonly [Officer, Officer],
  proposal: object,
  officers: readonly object[] = [],
): Promise<MeasureTold> {
  const measure = await proposed(app, first, proposal, officers);
  await voted(app, second, measure);
  const told = await carriedOut(app, measure);
  if (told.body.state !== 'PROJECTED') throw new Error(`the measure ended as ${told.text}`);
  return standing(app, measure);
}
