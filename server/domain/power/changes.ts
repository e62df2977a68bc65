/**
 * What an entry changed of who may act, what is paused and what an institution swore to, in words.
 *
 * Promises: every event that an entry of the personnel, the safeguards or the notary follows has its sentence; what a
 * measure does is said by its own (`sentences.ts`). Pure.
 */
import type { SaidChange } from '../acts/entries.ts';
import type { EventArgs, EventName, LedgerEvent } from '../acts/events.ts';
import { countInWords, momentInWords, shortId } from '../base/inWords.ts';
import { ROLES, SCOPES } from '../base/terms.ts';
import { placeOfEpoch } from './possession.ts';

const namesIn = (all: readonly string[], bits: number) =>
  all.filter((_, bit) => (bits >> bit) % 2 === 1).join(', ') || 'nothing';
const since = (moment: bigint) =>
  moment === 0n ? '' : `; what it signed since ${momentInWords(moment)} is in doubt`;

const OF_EVENT: { readonly [N in EventName]?: (args: EventArgs[N]) => SaidChange } = {
  OfficerAppointed: ({ institution, office, roles, activeFrom }) => ({
    what: 'officer',
    how: 'began',
    words: `An officer of institution ${institution} for ${office === 0 ? 'every office' : `office ${office}`}, as ${namesIn(ROLES, roles)}; its keys count from ${momentInWords(activeFrom)}`,
  }),
  KeyRotated: ({ epoch, activeFrom }) => ({
    what: 'key',
    how: 'changed',
    id: epoch,
    words: `The ${placeOfEpoch(epoch) === 'key' ? 'first' : 'spare'} key is replaced by epoch ${epoch}, which counts from ${momentInWords(activeFrom)}`,
  }),
  OfficerSuspended: ({ revoker, until }) => ({
    what: 'officer',
    how: 'changed',
    words: `Suspended by officer ${shortId(revoker)} until ${momentInWords(until)}`,
  }),
  OfficerFreed: () => ({ what: 'officer', how: 'changed', words: 'The suspension is over' }),
  OfficerRevoked: ({ suspectSince }) => ({
    what: 'officer',
    how: 'ended',
    words: `Revoked, for good${since(suspectSince)}`,
  }),
  Paused: ({ scope, until, byTwoInstitutions }) => ({
    what: 'pause',
    how: 'began',
    words: `${namesIn(SCOPES, scope)} stopped until ${momentInWords(until)}, by ${byTwoInstitutions ? 'two institutions' : 'one officer'}`,
  }),
  Unpaused: ({ scope }) => ({ what: 'pause', how: 'ended', words: `${namesIn(SCOPES, scope)} may go on` }),
  RecorderAppointed: ({ institution, epoch, activeFrom }) => ({
    what: 'recorder',
    how: 'began',
    id: epoch,
    words: `Recorder key ${epoch} of institution ${institution} counts from ${momentInWords(activeFrom)}`,
  }),
  RecorderRevoked: ({ institution, epoch }) => ({
    what: 'recorder',
    how: 'ended',
    id: epoch,
    words: `Recorder key ${epoch} of institution ${institution} counts no more`,
  }),
  RootRecorded: ({ institution, kind }) => ({
    what: 'root',
    how: 'began',
    words: `Institution ${institution} has a root of its ${kind} recorded`,
  }),
  Erased: ({ institution, ids }) => ({
    what: 'erasure',
    how: 'began',
    words: `Institution ${institution} destroyed ${countInWords(ids.length, 'data key')}`,
  }),
};

/** What an event says of the entry that follows it in its transaction; undefined of every other event. */
export function changeOfPower({ name, args }: LedgerEvent): SaidChange | undefined {
  return (OF_EVENT[name] as ((given: typeof args) => SaidChange) | undefined)?.(args);
}
