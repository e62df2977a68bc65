/**
 * What officers sign about power: the acts of contracts/power/PowerActs.sol as typed data.
 *
 * Promises: the type strings are those of the contract, so the digests are too; the tests compare them. Types only.
 */

import { ACT_HEAD } from '../acts/head.ts';
import { struct, type TypeTable } from '../acts/typedData.ts';
import { KEY_KINDS, MEASURE_KINDS } from '../base/terms.ts';

export const POWER_TYPES = {
  ActHead: ACT_HEAD,
  Key: struct('uint8 kind', 'address verifier', 'bytes32 keyHash', 'bytes32 rpIdHash'),
  Appointment: struct(
    'bytes32 salt',
    'uint16 institution',
    'uint32 office',
    'uint32 roles',
    'Key key',
    'Key spare',
  ),
  AppointOfficer: struct('ActHead head', 'Appointment appointment'),
  RotateKey: struct('ActHead head', 'bytes32 officer', 'uint32 epoch', 'Key key'),
  AppointRecorder: struct('ActHead head', 'uint16 institution', 'uint32 epochBefore', 'bytes32 keyHash'),
  RevokeRecorder: struct('ActHead head', 'uint16 institution', 'uint32 epoch'),
  RevokeOfficer: struct('ActHead head', 'bytes32 officer', 'uint64 suspectSince', 'bytes32 caseReference'),
  FreeOfficer: struct('ActHead head', 'bytes32 officer', 'bytes32 caseReference'),
  LongPause: struct(
    'ActHead head',
    'uint32 scope',
    'uint64 until',
    'uint32 pauseSequence',
    'bytes32 caseReference',
  ),
  Unpause: struct('ActHead head', 'uint32 scope', 'uint32 pauseSequence', 'bytes32 caseReference'),
  Resignation: struct('bytes32 officer', 'uint64 suspectSince', 'bytes32 caseReference', 'uint32 epoch'),
  Suspension: struct(
    'bytes32 officer',
    'uint64 until',
    'bytes32 caseReference',
    'bytes32 revoker',
    'uint32 revokerEpoch',
  ),
  ShortPause: struct(
    'uint32 scope',
    'uint64 until',
    'bytes32 caseReference',
    'bytes32 officer',
    'uint32 epoch',
  ),
  Measure: struct(
    'uint8 kind',
    'uint16 institution',
    'address target',
    'bytes32 name',
    'uint256 value',
    'bytes32 appointmentsHash',
    'uint64 closesAt',
    'uint128 salt',
  ),
  Vote: struct('Measure measure', 'bool inFavour', 'bytes32 officer', 'uint32 epoch'),
} as const satisfies TypeTable;

/** Kinds of the entries of Personnel, Notary and Safeguards, and of the consortium: a measure's is its number above `measures`. */
export const POWER_KINDS = {
  appointOfficer: 16,
  rotateKey: 17,
  resignation: 18,
  suspension: 19,
  revokeOfficer: 20,
  freeOfficer: 21,
  measures: 32,
  shortPause: 16,
  appointRecorder: 16,
  revokeRecorder: 17,
  root: 18,
  erasure: 19,
  longPause: 17,
  unpause: 18,
} as const;

export const POWER_NAMES = { Key: { kind: KEY_KINDS }, Measure: { kind: MEASURE_KINDS } } as const;
