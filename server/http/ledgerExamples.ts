/**
 * Examples that the ledger itself has: ids of a unit, a programme, a vendor, an officer, an entry, so that a request that is
 * pasted from the API page reaches something that is there.
 *
 * Promises: what the examples of one tag name is of one institution, whose token may send them; nothing is in them but what
 * the ledger shows to everybody, and ids of what was surveyed last, which are random and of nobody's name; which parcel a unit
 * is, is not told. Before there is a ledger, and of
 * what it does not have, the authored example stands.
 */
import { type BAUnitId, type InstitutionId, ROLES, type Role } from '../domain/base/terms.ts';
import type { OfficerRow } from '../store/views/power.ts';
import type { Views } from '../store/views.ts';
import type { Route } from './route.ts';

/** What examples of one ledger name, and whose it is. */
export interface LedgerExamples {
  /** By the name of a field; where it matters whose it is, by the tag or the path of the route and the name. */
  /** `POST /acts/parts parts.baUnit` is of a field within another; of a list the first stands in the first example. */
  readonly values: Readonly<Record<string, string | number | readonly string[]>>;
  /** Whose token sends the examples of a tag. */
  readonly institutions: Readonly<Partial<Record<Route['tag'], number>>>;
}

/** A parcel that was surveyed, and whose ground it takes. */
interface Surveyed {
  readonly baUnit: string;
  readonly replaces: readonly string[];
}

/** Titles among which one of common land is looked for. */
const TITLES_LOOKED_AT = 20;
/** No parcel has this id: whoever pastes it is told to have one surveyed. */
const NOT_SURVEYED = `0x${'4b75647572727521'.repeat(4)}`;

export const NO_LEDGER_EXAMPLES: LedgerExamples = { values: {}, institutions: {} };

/** Officers that are looked at: a consortium of a few institutions shows one of each role among them. */
const OFFICERS_LOOKED_AT = 200;
/** The role of the officer who prepares what a tag's routes are about. */
const PREPARERS = { land: 'land-preparer', benefits: 'aid-preparer', power: 'vote' } as const;
type Preparing = keyof typeof PREPARERS;
/** What the fields are called that name an object of each sort. */
const CALLED = {
  unit: ['baUnit', 'baUnits', 'subject', 'about'],
  programme: ['programme'],
  vendor: ['vendor'],
  officer: ['officer', 'preparer', 'signer', 'revoker'],
  entry: ['entryId'],
} as const;

/** None before there is a ledger. */
export async function ledgerExamples(
  views: Views | undefined,
  surveyed: readonly Surveyed[] = [],
): Promise<LedgerExamples> {
  if (views === undefined) return NO_LEDGER_EXAMPLES;
  const { land, benefits, power, journal } = views;
  const [units, programmes, officers, entries, members] = await Promise.all([
    land.recentUnits({ limit: 1 }),
    benefits.programmes({ limit: 1 }),
    power.officers({ limit: OFFICERS_LOOKED_AT }),
    journal.allEntries({ limit: 1 }),
    power.institutions({ limit: 1 }),
  ]);
  const [unit, programme, member] = [units.rows[0], programmes.rows[0], members.rows[0]?.institution];
  const office = unit && (await land.unit(unit.baUnit))?.state.header.office;
  const institutions: Partial<Record<Route['tag'], InstitutionId>> = {};
  const whose = (tag: Route['tag'], of: number | undefined) => {
    if (of !== undefined && of !== 0) institutions[tag] = of as InstitutionId;
  };
  whose('power', member);
  whose('land', office === undefined ? member : await power.officeKeeper(office));
  whose('benefits', programme?.record.institution ?? member);
  const agency = institutions.benefits;
  const vendors =
    agency === undefined ? undefined : await benefits.vendorsOf({ institution: agency }, { limit: 1 });
  const values = new Map<string, string | number | readonly string[]>();
  const named = (names: readonly string[], value: string | number | readonly string[] | undefined) => {
    if (value !== undefined) for (const name of names) values.set(name, value);
  };
  named(CALLED.unit, unit?.baUnit);
  named(CALLED.programme, programme?.programme);
  named(CALLED.entry, entries.rows[0]?.entryId);
  const vendor = vendors?.rows[0]?.vendor;
  named(CALLED.vendor, vendor);
  const sold = vendor === undefined ? undefined : (await benefits.batchesOf(vendor, { limit: 1 })).rows[0];
  named(['GET /redemptions/{id} id'], sold?.itemsHash);
  named(CALLED.officer, officers.rows[0]?.officer);
  named(['land office'], office);
  named(['benefits office'], programme?.record.office);
  for (const [tag, role] of Object.entries(PREPARERS) as [Preparing, Role][]) {
    const [one, other] = officers.rows.filter(
      (row) => row.institution === institutions[tag] && isOf(row, role),
    );
    named(
      CALLED.officer.map((name) => `${tag} ${name}`),
      one?.officer,
    );
    if (tag === 'land') named(['operations labelled', 'audit officer'], one?.officer);
    // Nobody suspends herself, and who acts for members acts for the office that is hers.
    if (tag === 'power') {
      named(['power revoker'], other?.officer);
      named(['power office'], one?.office);
    }
  }
  for (const [field, value] of await ofSurveys(views, surveyed)) named([field], value);
  return { values: Object.fromEntries(values), institutions };
}

/** What becomes of what was surveyed: each act on land that begins a unit, with units that are there for it. */
async function ofSurveys(
  { land }: Views,
  surveyed: readonly Surveyed[],
): Promise<readonly (readonly [field: string, value: string | readonly string[] | undefined])[]> {
  const isActive = async (unit: string) =>
    (await land.unit(unit as BAUnitId))?.state.header.status === 'active';
  const waiting: { readonly baUnit: string; readonly of: readonly string[] }[] = [];
  for (const { baUnit, replaces } of surveyed) {
    if ((await land.unit(baUnit as BAUnitId)) !== undefined) continue;
    const are = await Promise.all(replaces.map(isActive));
    waiting.push({ baUnit, of: replaces.filter((_, i) => are[i]) });
  }
  const recent = (await land.recentUnits({ limit: TITLES_LOOKED_AT })).rows;
  const states = await Promise.all(recent.map(({ baUnit }) => land.unit(baUnit)));
  const common = states.find(
    (row) => row?.state.header.status === 'active' && row.state.header.quotaTotal > 0n,
  );
  const [whole] = waiting.filter(({ of }) => of.length === 0);
  const [joined] = waiting.filter(({ of }) => of.length > 1);
  const byParent = Map.groupBy(
    waiting.filter(({ of }) => of.length === 1),
    ({ of }) => of[0],
  );
  const [parent, plots = []] = [...byParent].find(([, plots]) => plots.length > 1) ?? [];
  const children = plots.map(({ baUnit }) => baUnit);
  return [
    ['POST /acts/registrations titles.baUnit', whole?.baUnit ?? NOT_SURVEYED],
    ['POST /acts/parts baUnit', common?.baUnit],
    ['POST /acts/parts parts.baUnit', (common && whole?.baUnit) ?? NOT_SURVEYED],
    ...['subdivisions', 'divisions'].flatMap((acts) => [
      [`POST /acts/${acts} baUnit`, parent] as const,
      [`POST /acts/${acts} children.baUnit`, children.length > 0 ? children : NOT_SURVEYED] as const,
    ]),
    ['POST /acts/consolidations baUnits', joined?.of ?? recent.slice(0, 2).map(({ baUnit }) => baUnit)],
    ['POST /acts/consolidations child.baUnit', joined?.baUnit ?? NOT_SURVEYED],
  ];
}

const isOf = ({ roles, revoked }: OfficerRow, role: Role): boolean =>
  revoked === undefined && ((roles >> ROLES.indexOf(role)) & 1) === 1;
