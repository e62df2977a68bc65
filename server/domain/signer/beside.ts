/**
 * What a gateway tells beside the file of an act: the currency of its programme, who stands at the places of its list, and
 * whose id stood under another name.
 *
 * Promises: read of the whole answer of the API, where it is there, and of nothing that is signed, so it is always shown as the
 * gateway's word; people are ids of their sector, which are nobody's name. A person who stands twice, or a place without
 * one, is found. Pure.
 */
import type { TypedStruct } from '../acts/typedData.ts';
import { type Bytes32, parseHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { isRecord, jsonOf } from '../base/strictJson.ts';
import { currencyInWords, minorInWords, moneyInWords } from '../benefits/currencies.ts';
import type { PersonCells } from '../benefits/lists.ts';
import { type Opening, visible } from './openings.ts';

/** Whoever stands at the places of a list, from the first on; empty where the person was erased. */
export interface PeopleTold {
  readonly from: number;
  readonly personIds: readonly (Bytes32 | '')[];
  /** As they were read for a case, empty where nobody asked; whoever signs puts them there, the gateway tells none with an act. */
  readonly names?: readonly string[];
}

export interface Beside {
  /** Number of the currency (ISO 4217) of the programme. */
  readonly currency?: number;
  readonly people?: PeopleTold;
  /** Commitments to holders whose id stood under another name, of whom it was answered that they are one person. */
  readonly renamed?: readonly Bytes32[];
}

/** People of one list that are told beside it: a longer one is looked through by its places. */
export const MOST_PEOPLE_TOLD = 65_536;

const MOST_NAME_CHARACTERS = 400;

/** Holders of one act: as many as a file opens. */
const MOST_RENAMED = 1_024;

/** Of the text of an answer; nothing of a file that stands alone. */
export function readBeside(text: string, maxCharacters: number): Beside {
  const given = jsonOf(text, maxCharacters, malformed);
  const beside = isRecord(given) ? given.beside : undefined;
  if (beside === undefined) return {};
  if (!isRecord(beside)) throw malformed('/beside');
  const { currency, people, renamed } = beside;
  if (currency !== undefined && !isWhole(currency)) throw malformed('/beside/currency');
  return {
    ...(currency !== undefined && { currency }),
    ...(people !== undefined && { people: readPeople(people) }),
    ...(renamed !== undefined && { renamed: readRenamed(renamed) }),
  };
}

function readRenamed(renamed: unknown): readonly Bytes32[] {
  if (!Array.isArray(renamed) || renamed.length > MOST_RENAMED) throw malformed('/beside/renamed');
  return renamed.map((root: unknown, i) => {
    const read = typeof root === 'string' ? parseHex(root, 32) : undefined;
    if (read === undefined || read !== root) throw malformed(`/beside/renamed/${i}`);
    return read as Bytes32;
  });
}

function readPeople(people: unknown): PeopleTold {
  if (!isRecord(people) || !isWhole(people.from)) throw malformed('/beside/people');
  const { from, personIds } = people;
  if (!Array.isArray(personIds) || personIds.length > MOST_PEOPLE_TOLD) {
    throw malformed('/beside/people/personIds');
  }
  const ids = personIds.map((id: unknown, i) => {
    if (id === '') return '';
    const read = typeof id === 'string' ? parseHex(id, 32) : undefined;
    if (read === undefined || read !== id) throw malformed(`/beside/people/personIds/${i}`);
    return read as Bytes32;
  });
  return { from, personIds: ids, ...(people.names !== undefined && { names: readNames(people.names, ids) }) };
}

function readNames(names: unknown, { length }: readonly unknown[]): readonly string[] {
  const isName = (name: unknown) => typeof name === 'string' && name.length <= MOST_NAME_CHARACTERS;
  if (!Array.isArray(names) || names.length !== length || !names.every(isName)) {
    throw malformed('/beside/people/names');
  }
  return names;
}

/** Of an act that says an amount and no currency, the amount as people write it. */
export function amountBeside(message: TypedStruct, { currency }: Beside): string | undefined {
  const { amountMinor } = message;
  if (currency === undefined || amountMinor === undefined || message.currency !== undefined) return undefined;
  const amount = BigInt(amountMinor as bigint);
  return `By the gateway's record, which nobody signs: the programme counts in ${currencyInWords(currency)}, so that ${minorInWords(amount)} are ${moneyInWords(currency, amount)}.`;
}

/** Cells of a line of a list: who stands at its place, with the name where it was read. */
export function personCells({ from, personIds, names }: PeopleTold): PersonCells {
  const cell = (name: string) =>
    name === '' ? '' : `"${visible(name).slice(1, -1).replaceAll('\\"', '""')}"`;
  return {
    heading: ['person (not signed)', ...(names === undefined ? [] : ['name (not signed)'])],
    at: (place) => {
      const id = personIds[place - from] || 'nobody';
      return names === undefined ? [id] : [id, cell(names[place - from] ?? '')];
    },
  };
}

/** What the people of a list look like by the gateway's record: how many, who stands twice, which places have nobody. */
export function peopleBeside({ from, personIds }: PeopleTold): readonly string[] {
  const places = new Map<Bytes32, number[]>();
  const without: number[] = [];
  personIds.forEach((id, i) => {
    if (id === '') without.push(from + i);
    else places.set(id, [...(places.get(id) ?? []), from + i]);
  });
  const twice = [...places].filter(([, all]) => all.length > 1);
  return [
    `By the gateway's record, which nobody signs: ${places.size} different people at ${personIds.length} places.`,
    ...twice.map(([id, all]) => `ONE PERSON AT SEVERAL PLACES: ${id} at ${all.join(', ')}`),
    ...(without.length === 0 ? [] : [`NOBODY BY THE RECORD AT PLACES: ${without.join(', ')}`]),
  ];
}

/** Of each of whom another officer is to look at the document as well, by the name that the act opens. */
export function renamedBeside(openings: readonly Opening[], { renamed = [] }: Beside): readonly string[] {
  return renamed.map((root) => {
    const facts = openings.find(({ commitment }) => commitment === root)?.facts;
    const name = facts?.find(({ path }) => path === 'name')?.value;
    const who = name === undefined ? 'a holder whose name is not opened' : visible(name);
    return `By the gateway's record, which nobody signs: THE ID OF ${who} STOOD UNDER ANOTHER NAME, and whoever prepared the act answered that it is one person. Look at the document.`;
  });
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const malformed = (place: string) => refusal('act-file-malformed', undefined, { field: place });
