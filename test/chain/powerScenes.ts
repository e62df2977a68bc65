/** What officers do to power: appointments, keys, pauses, and a measure of the members, through the contracts. */
import { type Bytes32, ZERO_32, ZERO_ADDRESS } from '../../server/domain/base/hex.ts';
import { MEASURE_KINDS, type MeasureKind, numberOf, SCOPES } from '../../server/domain/base/terms.ts';
import { encodeCall } from '../../server/ledger/contracts.ts';
import {
  appointmentOf,
  keyRecord,
  named,
  type Officer,
  officerOf,
  possessionOf,
  possessionsOf,
} from './signing.ts';
import { APPROVER, PREPARER, SECOND_APPROVER, SECOND_PREPARER, type World } from './world.ts';

/** A colleague of the first institution, under the first key and the second. */
export const COLLEAGUE = officerOf(1, 'a colleague');
export const REKEYED = officerOf(1, 'a colleague', 3);
/** Whom a lone colleague suspends. */
const THIRD = officerOf(1, 'third of 1');
export const ADMIN_ROLES = 2 ** 14 - 1;
const HOUR = 3_600n;

const nowSeconds = () => BigInt(Math.floor(Date.now() / 1000));
const bit = (scope: (typeof SCOPES)[number]) => 1 << SCOPES.indexOf(scope);

export async function appoint(
  world: World,
  officer: Officer,
  office = 0,
  roles = ADMIN_ROLES,
): Promise<void> {
  const appointment = appointmentOf(officer, roles, office);
  const more = [possessionsOf(officer, world.domainOf('consortium'))];
  await world.act('personnel', 'appointOfficer', { appointment }, { more, office });
}

export async function rekey(world: World, officer: Officer): Promise<void> {
  const { officer: id, epoch } = officer;
  const fields = { officer: id, epoch: epoch - 2, key: keyRecord(officer, epoch) };
  const more = [possessionOf(officer, world.domainOf('consortium'), epoch)];
  await world.act('personnel', 'rotateKey', fields, { more, office: 0 });
}

export async function resign(world: World, officer: Officer): Promise<void> {
  const order = { suspectSince: 0n, caseReference: named('case'), epoch: officer.epoch };
  await world.order('personnel', 'resign', officer, { officer: officer.officer, ...order });
}

export async function suspend(world: World, officer: Officer, by: Officer): Promise<void> {
  await world.order('personnel', 'suspendOfficer', by, {
    ...{ officer: officer.officer, until: nowSeconds() + HOUR, caseReference: named('case') },
    ...{ revoker: by.officer, revokerEpoch: by.epoch },
  });
}

/** Opens, votes by both institutions and carries out. */
export async function enact(
  world: World,
  kind: MeasureKind,
  fields: {
    readonly institution?: number;
    readonly name?: Bytes32;
    readonly value?: bigint;
    readonly target?: string;
  },
): Promise<void> {
  const { institution = 0, name = ZERO_32, value = 0n, target = ZERO_ADDRESS } = fields;
  const measure = {
    ...{ kind: numberOf(MEASURE_KINDS, kind), institution, target, name, value },
    ...{ appointmentsHash: ZERO_32, closesAt: nowSeconds() + HOUR, salt: world.nextSalt() },
  };
  for (const by of [PREPARER, SECOND_PREPARER]) {
    const ballot = { measure, inFavour: true, officer: by.officer, epoch: by.epoch };
    await world.order('council', 'vote', by, ballot);
  }
  await world.send(world.addresses.council, encodeCall('council', 'execute', [measure, [], []]));
}

export const POLICY = named('a policy');

/**
 * Twelve entries: an officer comes and is given another key; two pauses and their ends; a measure; a third officer is
 * suspended by one, freed by two and revoked by two; and the first one goes.
 */
export async function playPower(world: World): Promise<void> {
  await appoint(world, COLLEAGUE);
  await rekey(world, REKEYED);
  const pause = { scope: bit('settlement'), until: nowSeconds() + HOUR, caseReference: named('case') };
  const byOne = { officer: PREPARER.officer, epoch: PREPARER.epoch };
  await world.order('safeguards', 'pause', PREPARER, { ...pause, ...byOne });
  const by = [PREPARER, APPROVER] as const;
  const release = { scope: pause.scope, pauseSequence: 0, caseReference: ZERO_32 };
  await world.act('safeguards', 'unpause', release, { by });
  const two = [PREPARER, SECOND_APPROVER] as const;
  const long = { scope: bit('redemption'), until: nowSeconds() + HOUR, pauseSequence: 0 };
  await world.act('safeguards', 'pauseLong', { ...long, caseReference: named('case') }, { by: two });
  const end = { scope: bit('redemption'), pauseSequence: 1, caseReference: ZERO_32 };
  await world.act('safeguards', 'unpause', end, { by: two });
  await enact(world, 'set-policy', { name: POLICY, value: 5n });
  await suspend(world, THIRD, APPROVER);
  const admins = { by: [PREPARER, REKEYED] as const, office: 0 };
  const third = { officer: THIRD.officer, caseReference: named('case') };
  await world.act('personnel', 'freeOfficer', third, admins);
  await world.act('personnel', 'revokeOfficer', { ...third, suspectSince: 0n }, admins);
  await resign(world, REKEYED);
}
