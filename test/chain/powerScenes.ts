/** What officers do to power: appointments, keys, pauses, and a measure of the members, through the contracts. */
import { type Bytes32, ZERO_32, ZERO_ADDRESS } from '../../server/domain/base/hex.ts';
import { MEASURE_KINDS, type MeasureKind, numberOf, SCOPES } from '../../server/domain/base/terms.ts';
import { encodeCall } from '../../server/ledger/contracts.ts';
import { keyRecord, named, type Officer, officerOf } from './signing.ts';
import { APPROVER, PREPARER, SECOND_APPROVER, SECOND_PREPARER, type World } from './world.ts';

/** A colleague of the first institution, under the first key and the second. */
export const COLLEAGUE = officerOf(1, 'a colleague');
export const REKEYED = officerOf(1, 'a colleague', 2);
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
  const { institution } = officer;
  const appointment = { officer: officer.officer, institution, office, roles, key: keyRecord(officer) };
  await world.act('personnel', 'appointOfficer', { appointment });
}

export async function rekey(world: World, officer: Officer): Promise<void> {
  const fields = { officer: officer.officer, epoch: officer.epoch - 1, key: keyRecord(officer) };
  await world.act('personnel', 'rotateKey', fields);
}

export async function revoke(world: World, officer: Officer, by: Officer): Promise<void> {
  await world.order('personnel', 'revokeOfficer', by, {
    ...{ officer: officer.officer, suspectSince: 0n, caseReference: named('case') },
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
  await world.send(world.addresses.council, encodeCall('council', 'execute', [measure, []]));
}

export const POLICY = named('a policy');

/** Nine entries: an officer comes, is given another key and goes; two pauses and their ends; a measure. */
export async function playPower(world: World): Promise<void> {
  await appoint(world, COLLEAGUE);
  await rekey(world, REKEYED);
  await revoke(world, COLLEAGUE, PREPARER);
  const pause = { scope: bit('settlement'), until: nowSeconds() + HOUR, caseReference: named('case') };
  const byOne = { officer: PREPARER.officer, epoch: PREPARER.epoch };
  await world.order('safeguards', 'pause', PREPARER, { ...pause, ...byOne });
  const by = [PREPARER, APPROVER] as const;
  const release = { scope: pause.scope, pauseSequence: 1, caseReference: ZERO_32 };
  await world.act('safeguards', 'unpause', release, { by });
  const two = [PREPARER, SECOND_APPROVER] as const;
  const long = { scope: bit('redemption'), until: nowSeconds() + HOUR, pauseSequence: 2 };
  await world.act('safeguards', 'pauseLong', { ...long, caseReference: named('case') }, { by: two });
  const end = { scope: bit('redemption'), pauseSequence: 3, caseReference: ZERO_32 };
  await world.act('safeguards', 'unpause', end, { by: two });
  await enact(world, 'set-policy', { name: POLICY, value: 5n });
}
