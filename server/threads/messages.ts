/**
 * What the event loop and a thread that reads files say to one another.
 *
 * Promises: all of it survives a structured clone: a refusal goes as its code, holes and place and is made anew on the
 * other side. Nothing here knows HTTP or a store.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import type { Warning } from '../domain/base/warning.ts';
import type { EntryBytes } from '../domain/benefits/unitsTable.ts';
import type { AnsweredReading, FileAnswer } from '../domain/files/answers.ts';
import type { LinesCounted, Person } from '../domain/files/registrations.ts';
import type { FileSettings } from '../domain/files/settings.ts';
import type { TableTerms } from '../domain/files/table.ts';
import type { Decided } from '../domain/survey/groundQuestions.ts';
import type { AreaUnit } from '../domain/survey/statedArea.ts';
import type { CadastralUnit, SharedPair } from '../store/cadastre.ts';

/** Lines a file's refusals and warnings are told of: more would bury the first. */
export const LINES_TOLD_MAX = 20_000;

export interface RefusalSaid {
  readonly code: Refusal['code'];
  readonly holes: Refusal['holes'];
  readonly place: Refusal['place'];
}

export function saidOf({ code, holes, place }: Refusal): RefusalSaid {
  return { code, holes, place };
}

/** Without a trace: thousands of lines are told of, and nobody looks for where each was made. */
export function refusalOf({ code, holes, place }: RefusalSaid): Refusal {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const made = new Refusal(code, holes, place);
  Error.stackTraceLimit = stackTraceLimit;
  return made;
}

/** What every reading of a file answers, whole or in a dry run. */
export interface FileRead {
  /** Of the file's bytes. */
  readonly fileHash: Bytes32;
  /** Of people: of the sheet and the columns that say who somebody is; with the file it makes a line's identity. */
  readonly readingTag: Bytes32;
  readonly read: number;
  readonly good: number;
  readonly isRefusedWhole: boolean;
  /** The first of them. */
  readonly refused: readonly RefusalSaid[];
  /** Of all of them. */
  readonly refusedTotal: number;
  readonly warnings: readonly Warning[];
  readonly columns: Readonly<Record<string, string>>;
  readonly present: readonly string[];
  /** Of a workbook: the one that was read. */
  readonly sheet: string | undefined;
  readonly ignored: readonly string[];
  /** The first rows, as they were understood. */
  readonly rows: readonly object[];
  readonly units: bigint;
  readonly areaUnit: AreaUnit | undefined;
  readonly decided: readonly Decided[];
  /** Lines passed over as somebody else's of the file, and their units. */
  readonly passedOver: LinesCounted;
  /** Answers that decided a line of people. */
  readonly used: readonly FileAnswer[];
}

/** A parcel of the cadastre, for the index of a thread that begins. */
export interface IndexedSaid {
  readonly number: string;
  readonly baUnit: Bytes32;
  /** An open feature; undefined for a parcel that ended, whose number alone is left. */
  readonly feature: string | undefined;
}

export interface ParcelsTask {
  readonly kind: 'parcels';
  readonly file: Uint8Array<ArrayBuffer>;
  readonly settings: FileSettings;
  readonly office: number;
  readonly replacing: readonly string[];
  readonly replaces: readonly Bytes32[];
  /** Offices that the institution keeps which keeps this one: it settles boundaries with their parcels alone. */
  readonly decides: readonly number[];
  readonly overlapToleranceM2: number;
  readonly nowMs: number;
  readonly isDryRun: boolean;
}

export interface PeopleTask {
  readonly kind: 'people';
  readonly file: Uint8Array<ArrayBuffer>;
  readonly settings: FileSettings;
  readonly terms: TableTerms & { readonly isIdRequired?: boolean | undefined };
}

export interface RollTask {
  readonly kind: 'roll';
  readonly file: Uint8Array<ArrayBuffer>;
  readonly settings: FileSettings;
  readonly declaredCount: number;
  readonly declaredUnits: bigint;
  readonly entryBytes: EntryBytes;
  readonly enrolled: number;
  readonly isDryRun: boolean;
}

export type Task =
  | ParcelsTask
  | PeopleTask
  | RollTask
  | { readonly kind: 'index'; readonly parcels: readonly IndexedSaid[] }
  | { readonly kind: 'retire'; readonly numbers: readonly string[] }
  | {
      readonly kind: 'replace';
      readonly replaced: readonly { readonly number: string; readonly by: string }[];
    };

/** One parcel that is to be recorded, or is known. */
export interface ParcelSaid {
  readonly line: number;
  readonly feature: number;
  readonly number: string;
  readonly alias: string;
  readonly areaM2: number;
  /** Undefined of one that is on the cadastre already. */
  readonly units: readonly CadastralUnit[] | undefined;
  /** Ground it shares with others that are on the cadastre, or are to be recorded from the same file. */
  readonly shares: readonly SharedPair[];
}

/** What a thread sends before its end; the next part comes when the last one was dealt with. */
export type Part =
  /** What was answered of it earlier is asked. */
  | { readonly kind: 'file'; readonly fileHash: Bytes32 }
  | { readonly kind: 'read'; readonly read: FileRead }
  | { readonly kind: 'parcels'; readonly parcels: readonly ParcelSaid[] }
  | { readonly kind: 'people'; readonly people: readonly Person[] }
  /** What is found after the reading. */
  | { readonly kind: 'refused'; readonly refused: readonly RefusalSaid[]; readonly total: number }
  /** Whose places are asked: the answer is an index each, -1 for nobody. */
  | { readonly kind: 'places'; readonly ids: readonly string[] };

/** What is answered to a part that asks. */
export type PartAnswer = Int32Array | readonly AnsweredReading[] | undefined;

export interface RollTable {
  readonly units: Uint32Array;
  /** What the salts of its lines are made of. */
  readonly secret: Uint8Array;
  readonly root: Bytes32;
  readonly tableHash: Bytes32;
  readonly count: number;
  readonly totalUnits: bigint;
}

export interface Progress {
  readonly phase: 'reading' | 'writing' | 'hashing';
  readonly done: number;
}

export type ToThread =
  | { readonly id: number; readonly task: Task }
  | { readonly id: number; readonly answer: PartAnswer }
  /** A part could not be dealt with: the task is over. */
  | { readonly id: number; readonly stop: true };

export type FromThread =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly part: Part }
  | {
      readonly id: number;
      readonly done: { readonly table?: RollTable };
    }
  | { readonly id: number; readonly refused: readonly RefusalSaid[] }
  | { readonly id: number; readonly bug: string };
