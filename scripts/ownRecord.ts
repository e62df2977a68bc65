/**
 * A person's own record as `POST /own-data/readings` answers it, in words: what is kept of her, what she has, who read it.
 *
 * Promises: nothing that was answered is left out but hashes; dates and counts as people write them.
 */
import { areaInWords, countInWords, momentInWords, numberInWords } from '../server/domain/base/inWords.ts';
import { visible } from '../server/domain/signer/openings.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface OwnRecord {
  /** Why there is nothing but the readings. */
  readonly withheld?: string;
  readonly records: readonly { readonly type: string; readonly fields: Fields }[];
  readonly entitlements: readonly Fields[];
  readonly titles: readonly Fields[];
  readonly restrictions: readonly Fields[];
  readonly access: { readonly total: number; readonly lines: readonly Fields[]; readonly next?: number };
}

export function ownRecordInWords(own: OwnRecord): string {
  const { withheld, records, entitlements, titles, restrictions } = own;
  return [
    ...(withheld === undefined ? [] : [withheld]),
    ...records.flatMap(({ type, fields }) => [`Kept of you as ${spaced(type)}:`, ...fieldsInWords(fields)]),
    ...entitlements.flatMap((one) => [entitlementInWords(one), ...spentInWords(one)]),
    ...titles.flatMap(titleInWords),
    ...restrictions.map(
      ({ baUnit, kind, restrictionId, rank, targetRight, expiresOn }) =>
        `Your ${text(kind)} ${text(restrictionId)} of rank ${text(rank)} stands on right ${text(targetRight)} of unit ${text(baUnit)}${expiresOn === undefined ? '' : `, until ${timeOf(expiresOn)}`}`,
    ),
    readingsInWords(own),
  ].join('\n');
}

export function readingsInWords({ access: { total, lines, next } }: Pick<OwnRecord, 'access'>): string {
  return [
    `Read ${countInWords(total, 'time')}, newest first:`,
    ...lines.map(lineInWords),
    ...(next === undefined ? [] : [`  older lines with --before ${next}`]),
  ].join('\n');
}

function titleInWords(title: Fields): string[] {
  const { baUnit, kind, rightId, holdingId, numerator, denominator, status, number, areaM2 } = title;
  const parcel = number === undefined ? '' : `parcel ${text(number)}, ${areaOf(areaM2)}, `;
  const share =
    text(numerator) === text(denominator) ? 'the whole' : `${text(numerator)}/${text(denominator)}`;
  const restrictions = title.restrictions as readonly Fields[];
  return [
    `You hold ${share} of the ${text(kind)} of ${parcel}unit ${text(baUnit)}: right ${text(rightId)}, holding ${text(holdingId)}; the title is ${text(status)}`,
    ...(restrictions.length === 0 ? ['  no charge and no notice on it'] : []),
    ...restrictions.map(({ words }) => `  on it: ${text(words)}`),
  ];
}

function entitlementInWords({ cycle, state, opensAt, spendUntil, ...units }: Fields): string {
  const { remainingUnits, unrecordedUnits } = units;
  const unrecorded =
    Number(unrecordedUnits ?? 0) === 0
      ? ''
      : ` (${numberInWords(Number(unrecordedUnits))} more are sold, accepted and not recorded yet)`;
  const left =
    remainingUnits === undefined
      ? 'what is left is not known here'
      : `${countInWords(Number(remainingUnits), 'unit')} left${unrecorded}`;
  return `Cycle ${text(cycle)} is ${text(state)}: ${left}, to be spent from ${timeOf(opensAt)} until ${timeOf(spendUntil)}`;
}

function spentInWords({ spent }: Fields): string[] {
  return ((spent ?? []) as readonly Fields[]).map(
    ({ soldAt, units, vendor, vendorLabel, till }) =>
      `  ${timeOf(soldAt)}  ${countInWords(Number(units), 'unit')} at till ${text(till)} of ${vendorLabel === undefined ? `shop ${text(vendor)}` : visible(text(vendorLabel))}`,
  );
}

function lineInWords({ index, isHidden, at, words, onBehalfOf }: Fields): string {
  if (isHidden === true) return `  ${text(index)}  hidden for a time, by law`;
  const whom = onBehalfOf === undefined ? '' : ` (on behalf of ${text(onBehalfOf)})`;
  return `  ${text(index)}  ${timeOf(at)}  ${text(words)}${whom}`;
}

function fieldsInWords(fields: Fields): string[] {
  return Object.entries(fields).map(
    ([name, value]) =>
      `  ${spaced(name)}: ${typeof value === 'string' ? visible(value) : JSON.stringify(value)}`,
  );
}

const text = (value: unknown): string => String(value ?? '');
const areaOf = (m2: unknown): string => areaInWords(BigInt(Math.round(Number(m2) * 1e6)));
const timeOf = (iso: unknown): string => momentInWords(Math.floor(Date.parse(text(iso)) / 1000));
const spaced = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replaceAll('-', ' ');
