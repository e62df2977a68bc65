/**
 * From a parcel as it was read to what the cadastre keeps and the ledger will commit to.
 *
 * Promises: ids and salts are random but for the office in front of an id; the parts of one parcel share their unit of registration. For the thread that reads
 * maps: hashing a county takes longer than other requests may wait.
 */
import { randomBytes } from 'node:crypto';
import { commitFacts, type Fact, MAX_VALUE_BYTES } from '../domain/acts/facts.ts';
import { type Bytes32, toHex } from '../domain/base/hex.ts';
import { idInOffice } from '../domain/base/terms.ts';
import { geoJsonOf } from '../domain/survey/geometry.ts';
import { openFeature, type Parcel } from '../domain/survey/parcels.ts';
import { keccak256 } from '../ledger/keccak.ts';
import type { CadastralUnit } from '../store/cadastre.ts';

export const randomId = () => toHex(randomBytes(32)) as Bytes32;
const MM2_PER_M2 = 1_000_000;
const DEGREES_TO_UNITS = 10_000_000;

export interface SurveyOf {
  readonly office: number;
  readonly replaces: readonly Bytes32[];
  readonly nowMs: number;
}

export function unitsOf(
  parcel: Parcel,
  { office, replaces, nowMs }: SurveyOf,
  baUnit: Bytes32,
): CadastralUnit[] {
  const feature = openFeature(parcel);
  return parcel.units.map(({ polygon, alias, areaM2, outline }): CadastralUnit => {
    const fact = (path: string, value: string): Fact => ({
      path,
      value: value.normalize('NFC'),
      salt: randomId(),
    });
    const { root, facts } = commitFacts([
      fact('alias', alias),
      boundaryFact(JSON.stringify(geoJsonOf(polygon)), fact),
      fact('number', parcel.number),
    ]);
    const [west, south, east, north] = outline.extent.map((degrees) =>
      Math.round(degrees * DEGREES_TO_UNITS),
    );
    return {
      unit: idInOffice(office, randomId()),
      baUnit,
      office,
      number: parcel.number,
      feature,
      aliases: [alias],
      ...(parcel.formerNumbers === undefined ? {} : { formerNumbers: parcel.formerNumbers }),
      statedAreaMm2:
        parcel.statedAreaM2 === undefined ? undefined : BigInt(Math.round(parcel.statedAreaM2 * MM2_PER_M2)),
      computedAreaMm2: BigInt(Math.round(areaM2 * MM2_PER_M2)),
      box: [west ?? 0, south ?? 0, east ?? 0, north ?? 0],
      geometry: facts,
      geometryCommitment: root,
      sources: [],
      replaces,
      recordedAtMs: nowMs,
      isReplaced: false,
      retired: false,
    };
  });
}

/** As drawn; a boundary too long for a fact stands there by its hash, and the cadastre has the drawing. */
function boundaryFact(drawn: string, fact: (path: string, value: string) => Fact): Fact {
  if (drawn.length <= MAX_VALUE_BYTES) return fact('boundary', drawn);
  return fact('boundary-hash', toHex(keccak256(Buffer.from(drawn))));
}
