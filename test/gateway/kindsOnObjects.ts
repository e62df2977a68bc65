/**
 * Acts of the kinds that need something that is there already: a title that is burdened or divided, a cycle, a sale, a pause,
 * a suspended officer, a recorder's key. The other half of `kinds.ts`, whose parts and requests they share.
 *
 * Where there is one object on a ledger, such as the recorder's key, one pair a round is tried, in turn.
 */

import { stakedOut } from '../../scripts/demo/split.ts';
import { demoParcels } from '../../scripts/demoData.ts';
import { registerDomain } from '../../server/domain/acts/domains.ts';
import { addressOfPrivateKey, signCompact } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, fromHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { OfficerId } from '../../server/domain/base/terms.ts';
import { keyHashOfAddress, possessionData } from '../../server/domain/power/possession.ts';
import { readParcels } from '../../server/domain/survey/parcels.ts';
import { Aid, CYCLE, EPOCH, type PlaceTold, syntheticPeople } from '../aid/aid.ts';
import { named, officerOf } from '../chain/signing.ts';
import { type App, headOf, OFFICERS } from './app.ts';
import { cardShown } from './held.ts';
import { type Kind, OF_ONE, OF_TWO, type Pair } from './kinds.ts';
import { everyOffice, inHours, ordered, recordOf } from './members.ts';

const { preparer, secondApprover } = OFFICERS;
/** Nobody of these has a key, so a second institution signs for them. */
const BY = [preparer, secondApprover] as const;
/** Of an act of two officers. */
const PAIRS = 6;
/** In which nobody is paid, as settling is stopped. */
const SHORT_PAUSE_ROUND = 2;
/** Degrees between the maps of two rounds, and from those of other tests. */
const EAST = 30;

export function kindsOnObjects(at: () => App): readonly Kind[] {
  return [...onLand(at), ...onProgrammes(at), ...onOfficers(at), ...onOneObject(at)];
}

// ---- Land ---------------------------------------------------------------------------------------------------

interface Surveyed {
  readonly number: string;
  readonly baUnit: string;
}
interface Staked extends Surveyed {
  readonly plan: NonNullable<ReturnType<typeof stakedOut>>;
}
interface Ground {
  readonly plain: Surveyed[];
  readonly staked: Staked[];
}

function onLand(at: () => App): Kind[] {
  const of = { role: 'registrar', parts: OF_TWO, entries: 1, approver: secondApprover } as const;
  const head = () => headOf(preparer);
  const perform = (collection: string, fields: object) =>
    at().act('registrar', `/acts/${collection}`, fields, BY);
  const freehold = ({ baUnit }: Surveyed) => ({
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: {
      ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
      holders: [
        {
          ...{ numerator: '1', partyKind: 'person', signer: 'own', keyHash: ZERO_32 },
          party: { name: 'Synthetic Holder' },
        },
      ],
    },
  });
  const survey = async (text: string, replacing: readonly string[] = []) => {
    const query = replacing.map((number) => `&replacing=${encodeURIComponent(number)}`).join('');
    const told = await at().ask<{ recorded: Surveyed[] }>('PUT', `/parcels?office=1${query}`, {
      ...{ token: await at().token('registrar', 1), file: { text, type: 'application/geo+json' } },
    });
    if (told.status !== 200) throw new Error(`a survey was answered ${told.status}: ${told.text}`);
    return told.body.recorded;
  };
  const grounds = new Map<number, Promise<Ground>>();
  const groundOf = (round: number) => {
    const known = grounds.get(round) ?? surveyGround(round, survey);
    grounds.set(round, known);
    return known;
  };
  const register = async (units: readonly Surveyed[], more: object = {}) => {
    for (let i = 0; i < units.length; i += PAIRS) {
      const titles = units.slice(i, i + PAIRS).map((unit) => ({ ...freehold(unit), ...more }));
      await perform('registrations', { titles });
    }
  };
  const caution = (baUnits: readonly string[]) => ({
    ...{ kind: 'caution', baUnits, targetRight: baUnits.length === 1 ? 1 : 0, rank: 0 },
    ...{ instrumentId: named(`instrument ${Math.random()}`), holderKeyHash: ZERO_32 },
    ...{
      blocks: [],
      needsConsent: [],
      terms: [{ path: 'reason', value: 'a claim' }],
      expiresOn: inHours(24 * 20),
    },
  });
  const stake = async (count: number, round: number) => {
    const parents = (await groundOf(round)).staked.splice(0, count);
    if (parents.length < count) throw new Error('too few parcels that can be divided');
    await register(parents);
    const strips: Surveyed[][] = [];
    for (const { plan, number } of parents) strips.push(await survey(plan.divided, [number]));
    return parents.map((parent, i) => ({
      ...{ parent, strips: strips[i] ?? [] },
      children: (strips[i] ?? []).map(({ baUnit }) => ({ baUnit })),
    }));
  };
  type Divided = Awaited<ReturnType<typeof stake>>;
  const state = {
    bases: [] as Surveyed[],
    flats: [] as Surveyed[],
    burdened: [] as Surveyed[],
    released: [] as Surveyed[],
    subdivided: [] as Divided,
    opened: [] as Divided,
    cancelled: [] as Divided,
    joined: [] as { parents: string[]; child: string }[],
  };
  const takePlain = async (count: number, round: number) => (await groundOf(round)).plain.splice(0, count);
  const divided = (list: () => Divided) => (nth: number) => ({
    ...{ head: head(), baUnit: list()[nth]?.parent.baUnit, children: list()[nth]?.children },
  });
  return [
    {
      ...{ ...of, type: 'RegisterParts', place: '/acts/parts', entries: 2 },
      async ready(count, round) {
        state.bases = await takePlain(count, round);
        state.flats = await takePlain(count, round);
        await register(state.bases, { quotaTotal: '1000' });
      },
      body: (nth) => {
        const [base, flat] = [state.bases[nth], state.flats[nth]];
        if (base === undefined || flat === undefined) throw new Error('too few parcels');
        return { head: head(), baUnit: base.baUnit, parts: [{ ...freehold(flat), quota: '100' }] };
      },
    },
    {
      ...{ ...of, type: 'CreateRestriction', place: '/acts/restrictions' },
      async ready(count, round) {
        state.burdened = await takePlain(count, round);
        await register(state.burdened);
      },
      body: (nth) => ({ head: head(), ...caution([state.burdened[nth]?.baUnit ?? '']) }),
    },
    {
      ...{ ...of, type: 'Discharge', place: '/acts/discharges' },
      async ready(count, round) {
        state.released = await takePlain(count, round);
        await register(state.released);
        for (const { baUnit } of state.released) await perform('restrictions', caution([baUnit]));
      },
      async body(nth) {
        const { baUnit = '' } = state.released[nth] ?? {};
        const told = await at().ask<{ state: { notices: { restrictionId: number }[] } }>(
          'GET',
          `/titles/${baUnit}`,
          { token: await at().token('registrar', 1) },
        );
        const restrictionId = told.body.state.notices[0]?.restrictionId;
        return { head: head(), releases: [{ baUnit, restrictionId }] };
      },
    },
    {
      ...{ ...of, type: 'Subdivide', place: '/acts/subdivisions', entries: 4 },
      async ready(count, round) {
        state.subdivided = await stake(count, round);
      },
      body: divided(() => state.subdivided),
    },
    {
      ...{ ...of, type: 'OpenDivision', place: '/acts/divisions' },
      async ready(count, round) {
        state.opened = await stake(count, round);
      },
      body: divided(() => state.opened),
    },
    {
      ...{ ...of, type: 'CancelDivision', place: '/acts/division-cancellations' },
      async ready(count, round) {
        state.cancelled = await stake(count, round);
        for (const { parent, children } of state.cancelled) {
          await perform('divisions', { baUnit: parent.baUnit, children });
        }
      },
      body: (nth) => ({ head: head(), baUnit: state.cancelled[nth]?.parent.baUnit }),
    },
    {
      ...{ ...of, type: 'Consolidate', place: '/acts/consolidations', entries: 3 },
      async ready(count, round) {
        state.joined = [];
        for (const { parent, strips, children } of await stake(count, round)) {
          await perform('subdivisions', { baUnit: parent.baUnit, children });
          const { plan } = parent;
          const parents = strips.filter(({ number }) => plan.joining.includes(number));
          const [joined] = await survey(plan.joined, plan.joining);
          state.joined.push({ parents: parents.map(({ baUnit }) => baUnit), child: joined?.baUnit ?? '' });
        }
      },
      body: (nth) => {
        const { parents = [], child = '' } = state.joined[nth] ?? {};
        const { right } = freehold({ baUnit: child, number: '' });
        return { head: head(), baUnits: parents, child: { baUnit: child, right } };
      },
    },
  ];
}

/** The demonstration's map, moved to where no other round has any ground. */
async function surveyGround(
  round: number,
  survey: (text: string) => Promise<readonly Surveyed[]>,
): Promise<Ground> {
  const read = JSON.parse(demoParcels({ seed: 11, count: 12 * PAIRS })) as {
    features: { properties: object; geometry: { coordinates: unknown } }[];
  };
  const moved = (at: unknown): unknown =>
    Array.isArray(at) && typeof at[0] === 'number'
      ? [at[0] + EAST + round, at[1]]
      : (at as unknown[]).map(moved);
  const text = JSON.stringify({
    type: 'FeatureCollection',
    features: read.features.map((feature) => ({
      ...feature,
      properties: { parcel_no: `objects ${round}/${Object.values(feature.properties)[0]}` },
      geometry: { ...feature.geometry, coordinates: moved(feature.geometry.coordinates) },
    })),
  });
  const drawn = new Map(readParcels(text).parcels.map((parcel) => [parcel.number, parcel]));
  const ground: Ground = { plain: [], staked: [] };
  for (const one of await survey(text)) {
    const parcel = drawn.get(one.number);
    const plan = ground.staked.length < 4 * PAIRS && parcel ? stakedOut(parcel) : undefined;
    if (plan === undefined) ground.plain.push(one);
    else ground.staked.push({ ...one, plan });
  }
  return ground;
}

// ---- Programmes, cards, cycles and what shops are owed ---------------------------------------------------------

function onProgrammes(at: () => App): Kind[] {
  const of = { role: 'agency', parts: OF_TWO, entries: 1 } as const;
  const head = () => headOf(preparer);
  const made = async (kind: string, count: number, round: number) => {
    const programmes = Array.from({ length: count }, (_, nth) => new Aid(at(), `${kind} ${round}/${nth}`));
    for (const one of programmes) await one.define();
    return programmes;
  };
  let [stopped, resumed]: (readonly Aid[])[] = [[], []];
  let [carded, listed, stepped, sold, withheld]: (Aid | undefined)[] = [];
  let roots: readonly string[] = [];
  const pause = (one?: Aid) => ({
    ...{ programme: one?.programme, pausedUntil: inHours(48), byTwoInstitutions: false },
  });
  const ofCycle = (one: Aid | undefined, cycle: number) => ({ programme: one?.programme, cycle });
  const cycleOf = (one: Aid | undefined, cycle: number, root: string | undefined) => ({
    ...{ ...ofCycle(one, cycle), root, lane: cycle - 1, unitValueMinor: '7' },
    ...{ opensAt: inHours(1), spendUntil: inHours(24), postUntil: inHours(24) },
  });
  const rollsOf = async (one: Aid, count: number) => {
    const found = [];
    for (let cycle = 1; cycle <= count; cycle++) {
      const place = `${one.path}/cycles/${cycle}/roll?enrolmentEpoch=${EPOCH}&entryBytes=1`;
      const declared = `declaredCount=${one.places.length}&declaredUnits=${5 * one.places.length}`;
      const file = { text: one.rollOf(() => 5), type: 'text/csv' };
      found.push((await one.ask<{ root: string }>('PUT', `${place}&${declared}`, { file })).body.root);
    }
    return found;
  };
  return [
    {
      ...{ ...of, type: 'PauseProgramme', place: '/acts/pauses' },
      async ready(count, round) {
        stopped = await made('stopped', count, round);
      },
      body: (nth) => ({ head: head(), ...pause(stopped?.[nth]) }),
    },
    {
      ...{ ...of, type: 'ResumeProgramme', place: '/acts/resumptions' },
      async ready(count, round) {
        resumed = await made('resumed', count, round);
        for (const one of resumed) await one.act('/acts/pauses', pause(one));
      },
      body: (nth) => ({ head: head(), programme: resumed?.[nth]?.programme }),
    },
    {
      ...{ ...of, type: 'SetCard', place: '/acts/cards' },
      async ready(count, round) {
        carded = await enrolled(at(), `carded ${round}`, count);
      },
      body(nth, round) {
        if (carded === undefined) throw new Error('nobody has a card');
        const of = { programme: carded.programme, enrolmentEpoch: EPOCH };
        const key = cardShown(at().trust(), of, fromHex(named(`next card ${round}/${nth}`)));
        return { head: head(), ...of, index: nth, ...key, standing: 'active', effectiveFrom: 0 };
      },
    },
    {
      ...{ ...of, type: 'CycleEnvelope', place: '/acts/cycles' },
      async ready(count, round) {
        listed = await enrolled(at(), `listed ${round}`, 3);
        roots = await rollsOf(listed, count);
      },
      body: (nth) => ({ head: head(), ...cycleOf(listed, nth + 1, roots[nth]) }),
    },
    {
      ...{ ...of, type: 'MoveCycle', place: '/acts/cycle-steps' },
      async ready(count, round) {
        stepped = await enrolled(at(), `stepped ${round}`, 3);
        for (const [i, root] of (await rollsOf(stepped, count)).entries()) {
          await stepped.act('/acts/cycles', cycleOf(stepped, i + 1, root));
        }
      },
      body: (nth) => ({ head: head(), ...ofCycle(stepped, nth + 1), step: 'cancel' }),
    },
    {
      ...{ ...of, type: 'Settle', place: '/acts/settlements' },
      pairsIn: (round, pairs) => (round === SHORT_PAUSE_ROUND ? [] : pairs),
      async ready(count, round) {
        sold = await soldAt(at(), `sold ${round}`, count, false);
      },
      body: (nth) => ({
        ...{ head: head(), ...ofCycle(sold, CYCLE), vendor: sold?.vendors[nth] },
        statementHash: named(`statement ${nth}`),
      }),
    },
    {
      ...{ ...of, type: 'ReleaseCredit', place: '/acts/credit-releases' },
      pairsIn: (round, pairs) => (round === SHORT_PAUSE_ROUND ? [] : pairs),
      async ready(count, round) {
        withheld = await soldAt(at(), `withheld ${round}`, count, true);
      },
      body: (nth) => ({
        ...{ head: head(), ...ofCycle(withheld, CYCLE), vendor: withheld?.vendors[nth] },
        caseCommitment: named(`case ${nth}`),
      }),
    },
  ];
}

/** A programme with so many people who have cards. */
async function enrolled(app: App, name: string, count: number, shops: readonly string[] = []): Promise<Aid> {
  const aid = new Aid(app, name, shops);
  await aid.define();
  aid.people = (await aid.register(syntheticPeople(count))).body.people;
  await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people));
  await aid.loadSlots();
  const { body } = await aid.ask<{ rows: PlaceTold[] }>('GET', `${aid.path}/enrolments/${EPOCH}/places`);
  aid.places = body.rows;
  return aid;
}

/** So many shops with one sale each; where they were suspended meanwhile, what they are owed waits for two officers. */
async function soldAt(app: App, name: string, count: number, isWithheld: boolean): Promise<Aid> {
  const shops = Array.from({ length: count }, (_, i) => `${name} shop ${i}`);
  const aid = await enrolled(app, name, count, shops);
  await aid.fund('100000');
  for (const vendor of aid.vendors) await aid.registerShop(vendor);
  const roll = await aid.putRoll<{ root: string }>(
    aid.rollOf(() => 5),
    count,
    5 * count,
  );
  await aid.openCycle(roll.body.root, 7n);
  await aid.loadUnits();
  for (const [index, vendor] of aid.vendors.entries()) {
    const batch = aid.batchOf(vendor, [{ index, units: 2, remainingBefore: 5 }]);
    if (isWithheld) {
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await aid.act('/acts/vendors', { vendor, standing: 'suspended', from: 0 });
    }
    const told = await aid.sell(batch);
    if (told.status !== 200) throw new Error(`a sale was answered ${told.status}: ${told.text}`);
  }
  return aid;
}

// ---- Officers -------------------------------------------------------------------------------------------------

function onOfficers(at: () => App): Kind[] {
  const of = { role: 'member', entries: 1 } as const;
  const officer = (kind: string, round: number, nth: number) => officerOf(1, `${kind} ${round}/${nth}`);
  const appointed = async (kinds: readonly string[], count: number, round: number) => {
    for (const kind of kinds) {
      for (let nth = 0; nth < count; nth++) {
        const record = recordOf(at(), officer(kind, round, nth), ['revoke']);
        await at().act('member', '/acts/appointments', { head: everyOffice(preparer), officer: record });
      }
    }
  };
  const suspension = (revoker: string, held: string, round: number, nth: number) => ({
    ...{ revoker: officer(revoker, round, nth).officer, revokerEpoch: 1, until: inHours(24) },
    officer: officer(held, round, nth).officer,
  });
  return [
    {
      ...{ ...of, parts: OF_ONE, type: 'Suspension', place: '/acts/suspensions' },
      ready: (count, round) => appointed(['suspends', 'suspended'], count, round),
      body: (nth, round) => suspension('suspends', 'suspended', round, nth),
      signer: (nth, round) => officer('suspends', round, nth),
    },
    {
      ...{ ...of, parts: OF_ONE, type: 'Resignation', place: '/acts/resignations' },
      ready: (count, round) => appointed(['resigns'], count, round),
      body: (nth, round) => ({ officer: officer('resigns', round, nth).officer, epoch: 1 }),
      signer: (nth, round) => officer('resigns', round, nth),
    },
    {
      ...{ ...of, parts: OF_TWO, type: 'FreeOfficer', place: '/acts/officer-releases' },
      async ready(count, round) {
        await appointed(['holds', 'held'], count, round);
        for (let nth = 0; nth < count; nth++) {
          const by = officer('holds', round, nth);
          await ordered(at(), '/acts/suspensions', suspension('holds', 'held', round, nth), by);
        }
      },
      body: (nth, round) => ({ head: everyOffice(preparer), officer: officer('held', round, nth).officer }),
    },
  ];
}

// ---- Of what a ledger has one -----------------------------------------------------------------------------------

/** The kinds of each list take turns, round by round, with one pair after another. */
const inTurn =
  (place: number, of: number) =>
  (round: number, pairs: readonly Pair[]): readonly Pair[] => {
    const pair = pairs[Math.floor(round / of) % pairs.length];
    return round % of === place && pair !== undefined ? [pair] : [];
  };

function onOneObject(at: () => App): Kind[] {
  const of = { role: 'member', parts: OF_TWO, entries: 1 } as const;
  const head = () => everyOffice(preparer);
  const redemption = { scopes: ['redemption'] };
  const long = () => ({ head: head(), ...redemption, until: inHours(48) });
  /** Whatever a round before has stopped. */
  const free = async () => {
    const token = await at().token('auditor', 0);
    const { body } = await at().ask<{ inForce: { scope: string }[] }>('GET', '/pauses', { token });
    const scopes = body.inForce.map(({ scope }) => scope);
    if (scopes.length > 0) await at().act('member', '/acts/pause-ends', { head: head(), scopes }, BY);
  };
  let keys = 0;
  const recorder = async () => {
    const token = await at().token('auditor', 0);
    const told = await at().ask<{ epoch?: number }>('GET', '/institutions/1/recorder', { token });
    return told.body.epoch ?? 0;
  };
  const appointment = async () => {
    const { body } = await at().ask<{ contracts: { contract: string; address: string }[] }>('GET', '/ledger');
    const notary = body.contracts.find(({ contract }) => contract === 'notary')?.address;
    const domain = registerDomain('notary', at().trust(), notary as Parameters<typeof registerDomain>[2]);
    // A key is a recorder's once.
    const key = fromHex(named(`recorder of the pairs ${++keys}`));
    const keyHash = keyHashOfAddress(addressOfPrivateKey(key));
    const about = {
      ...{ officerId: ZERO_32 as Bytes32 as OfficerId, keyHash, epoch: (await recorder()) + 1 },
      institution: preparer.institution,
    };
    const possession = signCompact(digestOf(possessionData(domain, about)), key);
    return { head: head(), keyHash, possession };
  };
  return [
    {
      ...{ ...of, type: 'AppointRecorder', place: '/acts/recorders', pairsIn: inTurn(0, 2) },
      body: appointment,
    },
    {
      ...{ ...of, type: 'RevokeRecorder', place: '/acts/recorder-ends', pairsIn: inTurn(1, 2) },
      async ready() {
        await at().act('member', '/acts/recorders', await appointment());
      },
      body: () => ({ head: head() }),
    },
    {
      ...{ ...of, type: 'LongPause', place: '/acts/long-pauses', pairsIn: inTurn(0, 3) },
      ...{ approver: secondApprover, clear: free },
      body: long,
    },
    {
      ...{ ...of, type: 'Unpause', place: '/acts/pause-ends', pairsIn: inTurn(1, 3) },
      ...{ approver: secondApprover, clear: free },
      async ready() {
        await at().act('member', '/acts/long-pauses', long(), BY);
      },
      body: () => ({ head: head(), ...redemption }),
    },
    {
      ...{ ...of, parts: OF_ONE, type: 'ShortPause', place: '/acts/short-pauses', clear: free },
      // A lone officer stops a scope a tenth of the time at most: once on a ledger of an hour.
      pairsIn: (round, pairs) => (round === SHORT_PAUSE_ROUND ? pairs.slice(0, 1) : []),
      body: () => ({
        ...{ officer: preparer.officer, epoch: preparer.epoch, scopes: ['settlement'], until: inHours(1) },
      }),
    },
  ];
}
