/**
 * Examples that the ledger itself has: ids of a unit, a programme, a vendor, an officer, an entry, so that a request that is
 * pasted from the API page reaches something that is there.
 *
 * Promises: what the examples of one tag name is of one institution, whose token may send them; nothing is in them but what
 * the ledger shows to everybody, ids of nobody's name; which parcel a unit is, is not told. Before there is a ledger, and of
 * what it does not have, the authored example stands.
 */
import { type InstitutionId, ROLES, type Role } from '../domain/base/terms.ts';
import type { OfficerRow } from '../store/views/power.ts';
import type { Views } from '../store/views.ts';
import type { Route } from './route.ts';

/** What examples of one ledger name, and whose it is. */
export interface LedgerExamples {
  /** By the name of a field; where it matters whose it is, by the tag of the route and the name. */
  readonly values: Readonly<Record<string, string | number>>;
  /** Whose token sends the examples of a tag. */
  readonly institutions: Readonly<Partial<Record<Route['tag'], number>>>;
}

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
export async function ledgerExamples(views: Views | undefined): Promise<LedgerExamples> {
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
  const values = new Map<string, string | number>();
  const named = (names: readonly string[], value: string | number | undefined) => {
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
  return { values: Object.fromEntries(values), institutions };
}

const isOf = ({ roles, revoked }: OfficerRow, role: Role): boolean =>
  revoked === undefined && ((roles >> ROLES.indexOf(role)) & 1) === 1;
