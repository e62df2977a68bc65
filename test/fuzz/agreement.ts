/**
 * What the follower and the replay say against what the contracts answer: every title, journal, officer, institution,
 * measure, pause, halt, programme, card, balance and credit that the views know.
 *
 * Answers the places that differ; no list is sampled, so it costs a call a record.
 */

import type { ContractName } from '../../server/domain/acts/events.ts';
import { pausedSeconds } from '../../server/domain/acts/moment.ts';
import type { Replay } from '../../server/domain/audit/replay.ts';
import {
  type InstitutionId,
  KEY_KINDS,
  type OfficeId,
  ROOT_KINDS,
  SCOPES,
} from '../../server/domain/base/terms.ts';
import { matured, outstandingUnits } from '../../server/domain/benefits/records.ts';
import { CYCLE_STATES, FUNDS_MOVES, PERMITS } from '../../server/domain/benefits/terms.ts';
import { NO_RECORDER, NO_ROOT } from '../../server/domain/notary/roots.ts';
import { momentAt } from '../../server/domain/power/halts.ts';
import { isBarred } from '../../server/store/views/power.ts';
import { POLICIES } from './powerCalls.ts';
import type { Town } from './town.ts';

type Record_ = Readonly<Record<string, unknown>>;
const PAGE = { limit: 500 };

/** A value as both sides can spell it: integers as bigint, hex in lower case, lists as lists. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (typeof value === 'string') return value.toLowerCase();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const named = (value as unknown as { toObject?: () => Record_ }).toObject;
    return named === undefined ? value.map(plain) : value.length === 0 ? [] : plainResult(value);
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

function plainResult(value: unknown[]): unknown {
  try {
    return plain((value as unknown as { toObject: () => Record_ }).toObject());
  } catch {
    return Array.from(value, plain);
  }
}

const spell = (value: unknown) =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}` : part));

export async function differences(town: Town, replay: Replay): Promise<string[]> {
  const { world } = town;
  const found: string[] = [];
  let compared = 0;
  const ask = async (contract: ContractName, method: string, args: readonly unknown[] = []) =>
    plain((await world.read(contract, method, args))[0]);
  const same = (what: string, derived: unknown, kept: unknown) => {
    compared++;
    const [here, there] = [spell(plain(derived)), spell(kept)];
    if (here !== there) found.push(`${what}: followed ${here}, kept ${there}`);
  };
  /** Of a struct that the contract answers, the fields that the follower has, in its order. */
  const sameFields = (what: string, derived: Record_, kept: unknown) => {
    const fields = kept as Record_;
    same(what, derived, Object.fromEntries(Object.keys(derived).map((name) => [name, fields[name]])));
  };
  await compareLand();
  await compareJournals();
  await compareOfficers();
  await compareGovernance();
  await comparePauses();
  await compareProgrammes();
  await compareVendors();
  await compareRecorders();
  if (compared === 0) found.push('nothing was compared');
  return found;

  async function compareLand(): Promise<void> {
    for (const { baUnit } of town.units.values()) {
      const kept = await ask('land', 'stateOf', [baUnit]);
      same(`state of ${baUnit}`, (await world.views.land.unit(baUnit))?.stateHash, kept);
      same(`replayed state of ${baUnit}`, replay.unitStates.get(baUnit), kept);
    }
    for (const id of town.parcels.keys()) {
      const row = await world.views.land.spatialUnit(id as never);
      const [unit, retired] = await world.read('land', 'unitOf', [id]);
      same(`unit of ${id}`, [row?.baUnit, row?.isRetired], [plain(unit), plain(retired)]);
    }
  }

  async function compareJournals(): Promise<void> {
    for (const { contract, head, entries } of replay.journals.values()) {
      const kept = [await ask(contract, 'head'), await ask(contract, 'entryCount')];
      same(`replayed journal of ${contract}`, [head, entries], kept);
      const row = await world.views.journal.register(contract);
      if (entries > 0n) same(`journal of ${contract}`, [row?.head, row?.entries], kept);
    }
  }

  async function compareOfficers(): Promise<void> {
    const { rows } = await world.views.power.officers(PAGE);
    for (const { officer, institution, office, roles, keys, ...held } of rows) {
      const { standing, places } = (await ask('consortium', 'officerOf', [officer])) as {
        standing: Record_;
        places: readonly Record_[];
      };
      const { key, spare } = keys;
      const isSuspended = held.suspended?.isFreed === false;
      sameFields(
        `officer ${officer}`,
        {
          ...{ institution, office, roles, epoch: key.epoch, spareEpoch: spare.epoch },
          ...{ kind: KEY_KINDS.indexOf(key.key.kind), spareKind: KEY_KINDS.indexOf(spare.key.kind) },
        },
        standing,
      );
      const isRevoked = held.revoked !== undefined;
      same(`officer ${officer} revoked`, isRevoked, Number(standing.hold) === HOLDS.revoked);
      // A suspension stays in the record until it is lifted, over or not; a narrowing of the officer's own hides behind it.
      if (!isRevoked && isSuspended) same(`officer ${officer} held`, HOLDS.suspended, Number(standing.hold));
      const from = [standing.activeFrom, standing.spareActiveFrom];
      for (const [place, one] of [key, spare].entries()) {
        if (one.activeFrom !== 0n) same(`officer ${officer} from`, one.activeFrom, from[place]);
        const { keyHash, rpIdHash } = one.key;
        sameFields(`key ${place} of ${officer}`, { keyHash, rpIdHash }, places[place] as Record_);
      }
    }
  }

  async function compareGovernance(): Promise<void> {
    const { power } = world.views;
    const row = await power.constitution();
    const { rows } = await power.institutions(PAGE);
    const now = BigInt(world.views.timestampSeconds);
    const active = rows.filter((one) => !isBarred(one, now));
    sameFields(
      'constitution',
      {
        ...{ quorum: row?.quorum, seated: row?.isSeated },
        activeMembers: active
          .filter(({ roles }) => (roles & VOTE) !== 0)
          .reduce((sum, { institution }) => sum | (1n << BigInt(institution)), 0n),
        ...{
          wideningWaitSeconds: row?.wideningWaitSeconds,
          appointmentWaitSeconds: row?.appointmentWaitSeconds,
        },
      },
      await ask('consortium', 'constitution'),
    );
    for (const one of rows) {
      const { institution, roles, isExpelled } = one;
      sameFields(
        `institution ${institution}`,
        { roles, suspended: isBarred(one, now) && !isExpelled, expelled: isExpelled },
        await ask('consortium', 'institutionOf', [institution]),
      );
    }
    for (const office of [1, 2, 3, 4, 5, 6, 7]) {
      const keeper = (await power.officeKeeper(office as OfficeId)) ?? 0;
      same(`keeper of ${office}`, keeper, await ask('consortium', 'officeKeeper', [office]));
    }
    for (const { verifier, kind } of (await power.verifiers(PAGE)).rows) {
      same(`verifier of ${kind}`, verifier, await ask('consortium', 'verifierOf', [KEY_KINDS.indexOf(kind)]));
    }
    for (const name of POLICIES) {
      same(`policy ${name}`, await power.policy(name), await ask('consortium', 'policyOf', [name]));
    }
    for (const measure of (await power.measures(PAGE)).rows) {
      const bits = (of: readonly number[]) => of.reduce((sum, one) => sum | (1n << BigInt(one)), 0n);
      sameFields(
        `measure ${measure.measureId}`,
        {
          ...{
            inFavour: bits(measure.inFavour),
            openedBy: measure.openedBy,
            closesAt: measure.measure.closesAt,
          },
          ...{ executableFrom: measure.executableFrom, closed: measure.state !== 'open' },
          against: bits(measure.against),
        },
        await ask('council', 'tallyOf', [measure.measureId]),
      );
    }
  }

  async function comparePauses(): Promise<void> {
    const { power } = world.views;
    const now = await latestSeconds(town);
    const paused = await power.pausedAt(now);
    const bits = SCOPES.reduce((sum, scope, bit) => sum | (paused.has(scope) ? 1n << BigInt(bit) : 0n), 0n);
    same('scopes in force', bits, await ask('safeguards', 'inForce', [2 ** SCOPES.length - 1]));
    for (const [bit, scope] of SCOPES.entries()) {
      const clock = await power.pauseClock(scope);
      const [from, until] = await world.read('safeguards', 'lastPause', [1 << bit]);
      same(`last pause of ${scope}`, [clock.from, clock.until], [plain(from), plain(until)]);
      const [pausedAt, seconds] = (await world.read('safeguards', 'pauseClock', [1 << bit])) as bigint[];
      const since = pausedAt === 0n ? 0n : now - (pausedAt as bigint);
      same(`clock of ${scope}`, pausedSeconds(clock, now), (seconds as bigint) + since);
    }
    const halts = await power.halts();
    for (const back of [0n, 10n, 3_600n, 30_000n, 86_400n, 400_000n]) {
      same(
        'a deadline',
        momentAt(now, halts).extended(now - back),
        await ask('safeguards', 'extended', [now - back]),
      );
    }
  }

  async function compareProgrammes(): Promise<void> {
    const { benefits } = world.views;
    const moment = { ...(await town.moment()), nowSeconds: await latestSeconds(town) };
    for (const { programme, record } of (await benefits.programmes(PAGE)).rows) {
      same(
        `money of ${programme}`,
        await benefits.money(programme),
        await ask('benefitViews', 'money', [programme]),
      );
      const { pauses, pausedByTwo, version, institution, currency } = record;
      const { mostPerRedemptionUnits, disputeSeconds, leastOpenSeconds, mostOfflineSeconds } = record;
      sameFields(
        `programme ${programme}`,
        {
          ...{ institution, currency, pausedAt: pauses.from, pausedUntil: pauses.until },
          ...{ pausedSeconds: pauses.secondsBefore, pausedByTwo, version, mostPerRedemptionUnits },
          ...{ disputeSeconds, leastOpenSeconds, mostOfflineSeconds, policyHash: record.policyHash },
        },
        await ask('benefitViews', 'programmeOf', [programme]),
      );
      for (const [number, move] of FUNDS_MOVES.entries()) {
        if (move === 'unspecified') continue;
        same(
          `${move}`,
          record.movedMinor[move],
          await ask('benefitViews', 'movedMinor', [programme, number]),
        );
      }
      for (const { enrolmentEpoch, record: enrolment } of (await benefits.enrolments(programme, PAGE)).rows) {
        const of = [programme, enrolmentEpoch];
        sameFields(
          `enrolment of ${programme}`,
          { ...enrolment },
          await ask('benefitViews', 'enrolmentOf', of),
        );
        for (let index = 0; index < enrolment.enrolled; index++) {
          const card = await benefits.card(programme, enrolmentEpoch, index);
          const { keyKind, standing, ...rest } = card ?? { keyKind: 'unspecified', standing: 'unspecified' };
          sameFields(
            `card ${index} of ${programme}`,
            { ...rest, keyKind: KEY_KINDS.indexOf(keyKind), standing: PERMITS.indexOf(standing) },
            await ask('benefitViews', 'cardOf', [...of, index]),
          );
        }
      }
      for (const { cycle, record: kept } of (await benefits.cycles(programme, PAGE)).rows) {
        sameFields(
          `cycle ${cycle}`,
          { ...kept, state: CYCLE_STATES.indexOf(kept.state), outstandingUnits: outstandingUnits(kept) },
          await ask('benefitViews', 'cycleOf', [programme, cycle]),
        );
        const holds = kept.state === 'released' || kept.state === 'ended' || kept.state === 'accounted';
        for (let index = 0; holds && index < kept.count; index++) {
          const left = await benefits.remaining(programme, cycle, kept, index);
          const entry = await world.read('benefitViews', 'entryOf', [programme, cycle, index]);
          same(`entry ${index} of ${cycle}`, [left?.units, left?.sequence], plain([...entry]));
        }
        for (const { vendor, record: credit } of (await benefits.credits(programme, cycle, PAGE)).rows) {
          const {
            closedUnits: _,
            closedAt: __,
            lastAfterSeconds: ___,
            withheldAt: ____,
            ...due
          } = matured(credit, record.disputeSeconds, moment);
          sameFields(
            `credit of ${vendor}`,
            due,
            await ask('benefitViews', 'creditOf', [programme, cycle, vendor]),
          );
        }
      }
    }
  }

  async function compareRecorders(): Promise<void> {
    const { notary } = world.views;
    for (const institution of [1, 2] as InstitutionId[]) {
      const recorder = (await notary.recorder(institution)) ?? NO_RECORDER;
      sameFields(
        `recorder of ${institution}`,
        { ...NO_RECORDER, ...recorder, institution: undefined },
        { ...((await ask('notary', 'recorderOf', [institution])) as Record_), institution: undefined },
      );
      for (const [number, kind] of ROOT_KINDS.entries()) {
        const { rows } = await notary.roots(institution, kind, { newestFirst: true, limit: 1 });
        const { index, lines, day, recordedAt } = rows[0] ?? NO_ROOT;
        const kept = await ask('notary', 'newestOf', [institution, number]);
        sameFields(`${kind} of ${institution}`, { index, lines, day, recordedAt }, kept);
      }
    }
  }

  async function compareVendors(): Promise<void> {
    const { benefits } = world.views;
    for (const vendor of town.vendors) {
      const record = (await benefits.vendor(vendor))?.record;
      if (record === undefined) throw new Error('a vendor that nobody followed');
      const kept = { ...record, standing: PERMITS.indexOf(record.standing) };
      sameFields(`vendor ${vendor}`, kept, await ask('benefitViews', 'vendorOf', [vendor]));
      for (const { till, record: row } of (await benefits.tills(vendor, PAGE)).rows) {
        sameFields(
          `till ${till} of ${vendor}`,
          { ...row, keyKind: KEY_KINDS.indexOf(row.keyKind), standing: PERMITS.indexOf(row.standing) },
          await ask('benefitViews', 'tillOf', [vendor, till]),
        );
      }
    }
  }
}

const VOTE = 1 << 6;

async function latestSeconds({ world }: Town): Promise<bigint> {
  const block = await world.chain.request({ method: 'eth_getBlockByNumber', params: ['latest', false] });
  return BigInt((block as { timestamp: string }).timestamp);
}

/** `Hold` of the contracts. */
const HOLDS = { suspended: 2, revoked: 3 } as const;
