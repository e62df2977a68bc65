/** Rows of the lists that `kudurru find` reads, in numbers and dates as people write them. For `find.ts`. */
import { areaInWords, momentInWords, numberInWords, shortId } from '../server/domain/base/inWords.ts';

export type Row = Readonly<Record<string, unknown>>;

export const text = (value: unknown): string => (value === undefined ? '' : String(value));
export const number = (value: unknown): string => numberInWords(BigInt(text(value)));
const moment = (value: unknown): string => momentInWords(text(value));
export const timeOf = (iso: unknown): string => moment(Math.floor(Date.parse(text(iso)) / 1000));
export const m2 = (value: unknown): string => areaInWords(BigInt(Math.round(Number(value) * 1e6)));
export const ofInstitution = (number: unknown): string =>
  number === 0 ? 'no institution' : `institution ${text(number)}`;
/** What somebody's institution calls what stands before it. */
export const beside = (label: unknown): string => (label === undefined ? '' : ` (${text(label)})`);
export const called = (label: unknown): string => (label === undefined ? '' : `${text(label)}: `);
export const listOf = (value: unknown): readonly Row[] => (value ?? []) as readonly Row[];

export const spaced = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** A row whose fields say what they are. */
export function rowWords(row: Row): string {
  return Object.entries(row)
    .map(([name, value]) => {
      const isTime = name.endsWith('At');
      return `${spaced(name)} ${!isTime ? text(value) : /^\d+$/.test(text(value)) ? moment(value) : timeOf(value)}`;
    })
    .join(', ');
}

export function readingWords({ index, at, isHidden, words, onBehalfOf }: Row): string {
  if (isHidden === true) return `${text(index)}  hidden by law for a time`;
  const whom = onBehalfOf === undefined ? '' : `\n  on behalf of ${text(onBehalfOf)}`;
  return `${text(index)}  ${timeOf(at)}\n  ${text(words)}${whom}`;
}

export function parcelWords(row: Row): string {
  const { number: name, aliases, formerNumbers, baUnit, statedAreaM2, computedAreaM2, standing } = row;
  const stated = statedAreaM2 === undefined ? '' : `, stated as ${m2(statedAreaM2)}`;
  const [alias = 'without an id of its corners'] = aliases as string[];
  const former = (formerNumbers as string[]).map((one) => `, formerly ${one}`).join('');
  return `${text(name)}${former}  ${text(standing)}, ${m2(computedAreaM2)}${stated}\n  ${alias}, unit ${text(baUnit)}`;
}

/** A title is free only where it says so. */
export function lyingOnWords({ standing, restrictions }: Row): string[] {
  if (standing !== 'registered') return [];
  const lying = listOf(restrictions).map(({ words }) => `  ${text(words)}`);
  return lying.length === 0 ? ['  no charge and no notice on it'] : lying;
}

export function shareWords(share: unknown): string {
  if (share === '1/1') return 'the whole';
  return share === 'not stated' ? 'no stated share' : text(share);
}

export function holdingWords({ rightId, right, holdingId, share, partyKind, name }: Row): string {
  const part = shareWords(share);
  const who = name === undefined ? text(partyKind) : `${text(name)} (${text(partyKind)})`;
  return `  ${text(right)} ${text(rightId)}, holding ${text(holdingId)}: ${part}, ${who}`;
}

export function signedWords({
  what,
  as,
  recordedAt,
  subject,
  subjectLabel,
  number: parcel,
  act,
  entryId,
  changes,
}: Row): string {
  const about =
    parcel !== undefined
      ? `parcel ${text(parcel)}`
      : act === 'vote'
        ? `measure ${text(subject)}`
        : `${text(subject)}${beside(subjectLabel)}`;
  const role = as === 'vote' ? '' : `, as ${text(as)}`;
  const entry = entryId === undefined ? [] : [`  entry ${text(entryId)}`];
  const said = listOf(changes).map(({ words }) => `  ${text(words)}`);
  return [`${timeOf(recordedAt)}  ${text(what)}${role}, about ${about}`, ...said, ...entry].join('\n');
}

/** What no officer signs, and who did. */
const SIGNED_ELSEWHERE: Readonly<Record<string, string>> = {
  founding: 'those who founded the ledger',
  redeemed: 'the till, of what cards signed',
};
const NOBODY = 'nobody: it follows from what was signed';

export function historyWords({ act, what, recordedAt, preparer, approver, votedBy, changes }: Row): string {
  const officers = [preparer, approver].flatMap((one) => {
    if (one === undefined) return [];
    const { officer, institution, label } = one as Row;
    return [`officer ${shortId(text(officer))}${beside(label)} of institution ${text(institution)}`];
  });
  const votes =
    votedBy === undefined ? [] : [`the votes of institutions ${(votedBy as number[]).join(', ')}`];
  const by = [...officers, ...votes].join(' and ') || (SIGNED_ELSEWHERE[text(act)] ?? NOBODY);
  const said = listOf(changes).map(({ words }) => `  ${text(words)}`);
  return [`${timeOf(recordedAt)}  ${text(what)}, by ${by}`, ...said].join('\n');
}
