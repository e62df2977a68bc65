/**
 * Examples that the ledger itself has: ids of a unit, a programme, a vendor, an officer, an entry, so that a request that is
 * pasted from the API page reaches something that is there.
 *
 * Promises: nothing is in them but what the ledger shows to everybody, ids of nobody's name; which parcel a unit is, is not
 * told. Before there is a ledger, and of what it does not have, the authored example stands.
 */
import { ROLES, type Role } from '../domain/base/terms.ts';
import type { OfficerRow } from '../store/views/power.ts';
import type { Views } from '../store/views.ts';
import type { Route } from './route.ts';

/** By the name of a field; where an officer's office matters, by the tag of the route and the name. */
export type LedgerExamples = Readonly<Record<string, string | number>>;

/** Officers that are looked at: a consortium of a few institutions shows one of each role among them. */
const OFFICERS_LOOKED_AT = 200;
/** The role of the officer who prepares what a tag's routes are about. */
const PREPARERS: Readonly<Partial<Record<Route['tag'], Role>>> = {
  land: 'land-preparer',
  benefits: 'aid-preparer',
  power: 'vote',
};
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
  if (views === undefined) return {};
  const { land, benefits, power, journal } = views;
  const [units, programmes, vendors, officers, entries] = await Promise.all([
    land.recentUnits({ limit: 1 }),
    benefits.programmes({ limit: 1 }),
    benefits.vendors({ limit: 1 }),
    power.officers({ limit: OFFICERS_LOOKED_AT }),
    journal.allEntries({ limit: 1 }),
  ]);
  const found = new Map<string, string>();
  const named = (names: readonly string[], id: string | undefined) => {
    if (id !== undefined) for (const name of names) found.set(name, id);
  };
  named(CALLED.unit, units.rows[0]?.baUnit);
  named(CALLED.programme, programmes.rows[0]?.programme);
  named(CALLED.vendor, vendors.rows[0]?.vendor);
  named(CALLED.entry, entries.rows[0]?.entryId);
  named(CALLED.officer, officers.rows[0]?.officer);
  for (const [tag, role] of Object.entries(PREPARERS)) {
    const one = officers.rows.find((row) => isOf(row, role));
    named(
      CALLED.officer.map((name) => `${tag} ${name}`),
      one?.officer,
    );
  }
  return Object.fromEntries(found);
}

const isOf = ({ roles, revoked }: OfficerRow, role: Role): boolean =>
  revoked === undefined && ((roles >> ROLES.indexOf(role)) & 1) === 1;
