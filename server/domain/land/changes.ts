/**
 * What an entry changed of a unit, as a registrar would say it: from the state before and the state after.
 *
 * Promises: two states that differ in anything but their version and what led to them have a change, and one that is the
 * same has none; ids are the register's own, so that a line of the history and the title speak of the same thing. No
 * name is here: who a holding is stands behind the vault. Pure.
 */

import type { SaidChange } from '../acts/entries.ts';
import { ZERO_32 } from '../base/hex.ts';
import { countInWords, momentInWords, numberInWords } from '../base/inWords.ts';
import { actsOf, isEnded } from '../base/terms.ts';
import type { BAUnitState, Holding, Restriction, Right } from './types.ts';

/** What can change; each is about one thing of the unit, or about the unit itself. */
export const CHANGED = [
  'unit',
  'ground',
  'facts',
  'right',
  'holding',
  'charge',
  'notice',
  'responsibility',
  'application',
] as const;

/** The id is absent of the unit, its ground and its facts. */
export interface Change extends SaidChange {
  readonly what: (typeof CHANGED)[number];
}

/** In the order in which a title is read; `before` is absent of a unit's first state. */
export function changesOf(before: BAUnitState | undefined, after: BAUnitState): readonly Change[] {
  return [
    ...ofUnit(before, after),
    ...ofThings('right', before?.rights, after.rights, ({ rightId }) => rightId, sayRight, sameRight),
    ...ofThings('holding', holdingsIn(before), holdingsIn(after), ({ holdingId }) => holdingId, sayHolding),
    ...ofThings('charge', before?.charges, after.charges, idOfRestriction, restrictionInWords),
    ...ofThings('notice', before?.notices, after.notices, idOfRestriction, restrictionInWords),
    ...ofThings(
      'responsibility',
      before?.responsibilities,
      after.responsibilities,
      ({ responsibilityId }) => responsibilityId,
      sayResponsibility,
    ),
    ...ofThings(
      'application',
      before?.applications,
      after.applications,
      ({ applicationId }) => applicationId,
      sayApplication,
    ),
  ];
}

function ofUnit(before: BAUnitState | undefined, after: BAUnitState): Change[] {
  const { status, origin } = after.header;
  if (before === undefined) {
    const words = `The unit begins by ${origin}, ${status}`;
    return [{ what: 'unit', how: 'began', words }];
  }
  const changes: Change[] = [];
  const isOver = isEnded(status);
  if (before.header.status !== status)
    changes.push({ what: 'unit', how: isOver ? 'ended' : 'changed', words: `The unit is now ${status}` });
  else if (textOf(lasting(before)) !== textOf(lasting(after)))
    changes.push({ what: 'unit', how: 'changed', words: 'What the unit is registered as changed' });
  if (textOf(before.spatialUnits) !== textOf(after.spatialUnits))
    changes.push({ what: 'ground', how: 'changed', words: 'Its ground was drawn anew' });
  if (before.factsRoot !== after.factsRoot)
    changes.push({
      what: 'facts',
      how: after.factsRoot === ZERO_32 ? 'ended' : 'changed',
      words: 'Facts of the unit changed',
    });
  return changes;
}

/** Of a header all but what every entry counts on. */
function lasting({ header }: BAUnitState) {
  const { version: _version, nextId: _nextId, status: _status, effectiveOn: _effect, ...rest } = header;
  return rest;
}

function ofThings<T>(
  what: Change['what'],
  before: readonly T[] = [],
  after: readonly T[],
  idOf: (thing: T) => number,
  say: (thing: T) => string,
  isSame: (one: T, other: T) => boolean = (one, other) => textOf(one) === textOf(other),
): Change[] {
  const known = new Map(before.map((thing) => [idOf(thing), thing]));
  const kept = new Set(after.map(idOf));
  const ended = before
    .filter((thing) => !kept.has(idOf(thing)))
    .map((thing): Change => ({ what, how: 'ended', id: idOf(thing), words: `${say(thing)}, ends` }));
  const begunOrChanged = after.flatMap((thing): Change[] => {
    const [id, old] = [idOf(thing), known.get(idOf(thing))];
    if (old === undefined) return [{ what, how: 'began', id, words: `${say(thing)}, begins` }];
    return isSame(old, thing) ? [] : [{ what, how: 'changed', id, words: `${say(thing)}, changed` }];
  });
  return [...ended, ...begunOrChanged];
}

/** A share means what its right's denominator makes of it. */
type HoldingOf = Holding & Pick<Right, 'rightId' | 'denominator'>;

function holdingsIn(state: BAUnitState | undefined): readonly HoldingOf[] {
  return (state?.rights ?? []).flatMap(({ rightId, denominator, holdings }) =>
    holdings.map((holding) => Object.assign({ rightId, denominator }, holding)),
  );
}

/** Its holdings are told one by one, and that an entry said who holds it is no change of it. */
function sameRight(one: Right, other: Right): boolean {
  const bare = ({ holdings: _holdings, presentationNo: _presentation, ...right }: Right) => textOf(right);
  return bare(one) === bare(other);
}

const sayResponsibility = ({ kind, responsibilityId }: BAUnitState['responsibilities'][number]): string =>
  `Responsibility ${responsibilityId}, ${kind}`;
const sayApplication = ({ act, applicationId, state }: BAUnitState['applications'][number]): string =>
  `Application ${applicationId} for ${act}, ${state}`;

const idOfRestriction = ({ restrictionId }: Restriction): number => restrictionId;

function sayRight({ rightId, kind, standing, tenancy, upgradesOn, expiresOn }: Right): string {
  const upgrade = upgradesOn === 0n ? '' : `, absolute from ${momentInWords(upgradesOn)}`;
  const end = expiresOn === 0n ? '' : `, until ${momentInWords(expiresOn)}`;
  return `Right ${rightId}, ${kind}, ${standing}${upgrade}, ${tenancy}${end}`;
}

function sayHolding({ holdingId, numerator, partyKind, rightId, denominator }: HoldingOf): string {
  const share = numerator === 0n ? 'no stated share' : `${numerator} of ${denominator}`;
  return `Holding ${holdingId} of right ${rightId}, ${partyKind}, ${share}`;
}

/** The whole of a title, as its register page would have it: the unit, then each right with who holds it, then what lies on it. */
export function stateInWords(state: BAUnitState): string[] {
  const { header, rights, charges, notices, spatialUnits, responsibilities, applications } = state;
  const { status, origin, evidence, office, quotaNumerator, quotaTotal, memberCount } = header;
  const quota =
    quotaTotal === 0n
      ? ''
      : `, ${numberInWords(quotaNumerator)} of ${numberInWords(quotaTotal)} parts of common land`;
  const members = memberCount === 0 ? '' : `, divided into ${numberInWords(memberCount)}`;
  const ground = countInWords(spatialUnits.length, 'piece of ground', 'pieces of ground');
  const lying = [...charges, ...notices].map(restrictionInWords);
  return [
    `The unit is ${status}, in office ${office}, of ${ground}; it began by ${origin} on the evidence of ${evidence}${quota}${members}`,
    ...rights.flatMap((right) => [
      sayRight(right),
      ...right.holdings.map((holding) =>
        sayHolding(Object.assign({ rightId: right.rightId, denominator: right.denominator }, holding)),
      ),
    ]),
    ...(lying.length === 0 && !isEnded(status) ? ['No charge and no notice on it'] : lying),
    ...responsibilities.map(sayResponsibility),
    ...applications.map(sayApplication),
  ];
}

/** A charge or a notice: on what, until when and what it stops. */
export function restrictionInWords({
  restrictionId,
  kind,
  rank,
  targetHolding,
  targetRight,
  expiresOn,
  blocks,
  needsConsent,
}: Restriction): string {
  const place = rank === 0 ? '' : `, rank ${rank}`;
  const on =
    targetHolding === 0
      ? targetRight === 0
        ? 'the unit'
        : `right ${targetRight}`
      : `holding ${targetHolding}`;
  const end = expiresOn === 0n ? 'without an end' : `until ${momentInWords(expiresOn)}`;
  const asked = actsOf(needsConsent).join(', ');
  const asks = asked === '' ? '' : `, must be asked about ${asked}`;
  return `${kind} ${restrictionId} on ${on}${place}, ${end}, stops ${actsOf(blocks).join(', ') || 'nothing'}${asks}`;
}

/** Two values are the same where this is; states hold bigints. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one));
