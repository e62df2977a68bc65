/**
 * What an institution does about its officers, its recorder key and pauses, and how an act is taken back on the ledger.
 *
 * A body is parsed to what the desk is given; the desk and the contracts know the rules. An act waits for two officers,
 * an order for the one it names. Nothing here shows a person.
 */
import { z } from 'zod';
import type { Commit } from '../acts/commit.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import {
  appoint,
  appointRecorder,
  endRecorder,
  free,
  type PowerDesk,
  pauseLong,
  pauseShort,
  resign,
  revoke,
  rotate,
  suspend,
  unpause,
  withdraw,
} from '../desk/power.ts';
import { preparingRoute } from './acts.ts';
import { caseNumber, keyOf, officerId, officerKey, officerRecord, recordOf, scopes } from './powerShapes.ts';
import type { Route } from './route.ts';
import { actHead, bytes32, compactSignature, lastMoment, moment, uint32 } from './shapes.ts';

export interface PowerDependencies {
  readonly commit: Commit;
  readonly fileOf: ActFileReader;
  readonly desk: PowerDesk;
}

const ofCase = { caseNumber: caseNumber.optional() };
const ordered = { officer: officerId, epoch: uint32 };
const suspectSince = moment
  .default(0n)
  .meta({ description: 'From when a key may have been in other hands; 0 for no suspicion' });
const until = lastMoment.meta({ description: 'First second after it' });

const appointments = z.strictObject({ head: actHead, officer: officerRecord });
const keyChanges = z.strictObject({ head: actHead, key: officerKey });
const revocations = z.strictObject({ head: actHead, officer: officerId, suspectSince, ...ofCase });
const officerReleases = z.strictObject({ head: actHead, officer: officerId, ...ofCase });
const recorders = z.strictObject({
  head: actHead,
  keyHash: bytes32().meta({ description: 'keccak256 of the 20 bytes of its address' }),
  possession: compactSignature.meta({ description: "The new key's own signature that it is held" }),
});
const recorderEnds = z.strictObject({ head: actHead });
const longPauses = z.strictObject({ head: actHead, scopes, until, ...ofCase });
const pauseEnds = z.strictObject({ head: actHead, scopes, ...ofCase });
const shortPauses = z.strictObject({ ...ordered, scopes, until, ...ofCase });
const suspensions = z.strictObject({
  revoker: officerId,
  revokerEpoch: uint32,
  officer: officerId.meta({ description: 'The colleague' }),
  until,
  ...ofCase,
});
const resignations = z.strictObject({ ...ordered, suspectSince, ...ofCase });
const withdrawals = z.strictObject({ ...ordered, act: bytes32().meta({ description: 'Id of the act' }) });

export function powerRoutes({ commit, fileOf, desk }: PowerDependencies): Route[] {
  const common = { commit, fileOf, tag: 'power' } as const;
  return [
    preparingRoute({
      ...common,
      act: 'AppointOfficer',
      body: appointments,
      prepare: (owner, { head, officer }) => appoint(desk, owner, head, recordOf(officer, '/officer')),
    }),
    preparingRoute({
      ...common,
      act: 'RotateKey',
      body: keyChanges,
      prepare: (owner, { head, key: { officer, epoch, key } }) =>
        rotate(desk, owner, head, { officer, epoch, key: keyOf(key) }),
    }),
    preparingRoute({
      ...common,
      act: 'RevokeOfficer',
      body: revocations,
      prepare: (owner, { head, ...given }) => revoke(desk, owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'FreeOfficer',
      body: officerReleases,
      prepare: (owner, { head, ...given }) => free(desk, owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'AppointRecorder',
      body: recorders,
      prepare: (owner, { head, ...given }) => appointRecorder(desk, owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'RevokeRecorder',
      body: recorderEnds,
      prepare: (owner, { head }) => endRecorder(desk, owner, head),
    }),
    preparingRoute({
      ...common,
      act: 'LongPause',
      body: longPauses,
      prepare: (owner, { head, ...given }) => pauseLong(desk, owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'Unpause',
      body: pauseEnds,
      prepare: (owner, { head, ...given }) => unpause(desk, owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'ShortPause',
      body: shortPauses,
      prepare: (owner, given) => pauseShort(desk, owner, given),
    }),
    preparingRoute({
      ...common,
      act: 'Suspension',
      body: suspensions,
      prepare: (owner, given) => suspend(desk, owner, given),
    }),
    preparingRoute({
      ...common,
      act: 'Resignation',
      body: resignations,
      prepare: (owner, given) => resign(desk, owner, given),
    }),
    preparingRoute({
      ...common,
      act: 'Withdrawal',
      body: withdrawals,
      prepare: (owner, given) => withdraw(desk, owner, given),
    }),
  ];
}
