/**
 * Where a refusal points in what a command of members sent, told as what a person typed: an option, or an argument.
 *
 * Promises: each option and argument of a command that prepares an act of power is told by its name; what nobody typed
 * keeps the pointer of the API. A test holds the table against the commands.
 */
import { Refused, type RefusedLine } from './answer.ts';

/** The longest pointer that fits counts; what stands below it is of the same option. */
type Places = Readonly<Record<string, string>>;

const HEAD: Places = {
  '/head': '--by',
  '/head/preparerEpoch': '--epoch',
  '/head/office': '--office',
  '/head/deadline': '--days',
};
const ORDER: Places = { '/officer': '--by', '/epoch': '--epoch' };
const CASE: Places = { '/caseNumber': '--case' };
const SUSPECT: Places = { '/suspectSince': '--suspect-since' };
const STOP: Places = Object.assign({ '/scopes': '--scope', '/until': '--hours' }, CASE);
const OFFICER: Places = { '/officer': '<officer>' };

const of = (...parts: readonly Places[]): Places => Object.assign({}, ...parts);

/** By the collection that a command posts to. */
export const TYPED_PLACES: Readonly<Record<string, Places>> = {
  appointments: of(HEAD, { '/officer': '<record>' }),
  'key-changes': of(HEAD, { '/key': '<key>' }),
  revocations: of(HEAD, OFFICER, CASE, SUSPECT),
  'officer-releases': of(HEAD, OFFICER, CASE),
  suspensions: of({ '/revoker': '--by', '/revokerEpoch': '--epoch', '/until': '--hours' }, OFFICER, CASE),
  resignations: of(ORDER, CASE, SUSPECT),
  recorders: of(HEAD, { '/keyHash': '<file>', '/possession': '<file>' }),
  'recorder-ends': HEAD,
  withdrawals: of(ORDER, { '/act': '<act>' }),
  'short-pauses': of(ORDER, STOP),
  'long-pauses': of(HEAD, STOP),
  'pause-ends': of(HEAD, CASE, { '/scopes': '--scope' }),
  votes: of(ORDER, {
    '/proposal': '--set',
    '/proposal/kind': '<kind>',
    '/officers': '--officer',
    '/closesAt': '--voting-days',
    '/measure': '<measure>',
    '/inFavour': '--against',
  }),
};

/** `/proposal/register` was typed as `--set register=...`. */
const FIELD = /^\/proposal\/([A-Za-z]+)/;

function typedAt(places: Places, pointer: string): string {
  const fits = Object.keys(places).filter((at) => pointer === at || pointer.startsWith(`${at}/`));
  const typed = places[fits.toSorted((one, other) => other.length - one.length)[0] ?? ''] ?? pointer;
  const field = typed === '--set' ? FIELD.exec(pointer)?.[1] : undefined;
  return field === undefined ? typed : `${typed} ${field}`;
}

/** The same refusal, pointing at what was typed. */
export function asTyped(refused: unknown, collection: string): unknown {
  const places = TYPED_PLACES[collection];
  if (!(refused instanceof Refused) || places === undefined) return refused;
  const { code, message, remedy } = refused;
  const lines = refused.lines.map((line): RefusedLine => {
    const { pointer } = line;
    return pointer === undefined ? line : Object.assign({}, line, { pointer: typedAt(places, pointer) });
  });
  return new Refused(code, message, { remedy, lines });
}
