/**
 * The roll of a cycle: which person gets how many units, as the agency's file says.
 *
 * Promises: the count and total the sender declared are those that were read, or the whole file is refused; all
 * refused lines are found in one reading and no refusal holds a value of the file. Unless told otherwise one
 * refused line refuses the roll: an envelope is signed over a count and a total, and a shorter list would pay
 * somebody nothing without anybody deciding it (AA3). Pure; the gateway and the CLI call it.
 */
import { answersFrom, answersNotAsked } from './answers.ts';
import type { ChosenColumns, UsualNames } from './columns.ts';
import type { RowConsumer } from './csv.ts';
import { readsLikeFoot, readsLikeGroup } from './foot.ts';
import { withoutFraction } from './key.ts';
import type { Row, TableRead, TableTerms } from './table.ts';
import { tableReader } from './table.ts';

export type RollField = 'personId' | 'units';
export type RollColumns = ChosenColumns<RollField>;

export interface RollLine {
  readonly line: number;
  /** The agency's id of the person, as enrolment gave it. */
  readonly personId: string;
  readonly units: number;
}

export interface RollRead extends Omit<TableRead<RollField, RollLine>, 'items'> {
  readonly entries: readonly RollLine[];
}

export interface RollTerms extends TableTerms {
  readonly declaredCount: number;
  readonly declaredUnits: bigint;
}

export const ROLL_NAMES: UsualNames<RollField> = {
  personId: ['personid', 'beneficiaryid', 'registrationid', 'referenceid', 'sectorid', 'agencyid', 'id'],
  units: ['units', 'entitlement', 'entitlementunits', 'quantity'],
};

const ROLL_TAGS = {
  personId: ['#beneficiary+id', '#affected+id', '#recipient+id', '#id'],
  units: ['#value+units', '#output+units', '#value'],
} as const;

/** An id that a spreadsheet took for a number is the id it was. */
function personIdOf(row: Row<RollField>): string | undefined {
  const written = row.value('personId');
  return written === undefined || readsLikeFoot(written) ? undefined : withoutFraction(written);
}

/** Words of a village or household where others have units; `HH-12` alone is somebody whose units are lacking. */
function isGroup({ alone }: Row<RollField>, personId: string | undefined): boolean {
  if (alone === undefined || !/\p{L}/u.test(alone.text)) return false;
  return personId === undefined || (readsLikeGroup(alone.text) && /[\s:]/.test(alone.text));
}

/** The same for a stream: rows in, the header among the first, and the answer at the end. */
export function rollReader(terms: RollTerms, columns: RollColumns = {}): RowConsumer<RollRead> {
  const answers = answersFrom(terms.answers ?? []);
  const table = tableReader<RollField, RollLine>(
    {
      answersFor: () => answers,
      usual: ROLL_NAMES,
      tags: ROLL_TAGS,
      chosen: columns,
      required: ['personId', 'units'],
      identity: ['personId'],
      unique: [{ field: 'personId', repeated: 'person-id-repeated', idOf: (row) => row.value('personId') }],
      itemOf: (row) => {
        const personId = personIdOf(row);
        if (personId === undefined && row.cells.some(readsLikeFoot)) {
          if (row.ask('total-row') !== 'person') return undefined;
        }
        if (isGroup(row, personId) && row.ask('group-row') !== 'person') return undefined;
        if (personId === undefined) row.refuse('person-id-missing', 'personId');
        return { line: row.line, personId: personId ?? '', units: row.units('units') };
      },
    },
    { onRefusal: 'refuse-file', ...terms },
  );
  return {
    about: table.about,
    consume: table.consume,
    finish(fault) {
      const { items, ...read } = table.finish(fault);
      const unasked = answersNotAsked(read.columns.size === 0 ? [] : answers.unasked, answers.raised);
      const refused = [...read.refused, ...unasked];
      return { ...read, refused, entries: unasked.length === 0 ? items : [] };
    },
  };
}
