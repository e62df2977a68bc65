/**
 * Looks through level's own log files before level does, for level passes over what it cannot read and says nothing.
 *
 * A log is blocks of 32 KiB of records `checksum u32 | length u16 | type u8 | content`. A damaged record costs level
 * the rest of its block: rows that were acknowledged, with the tallies that counted them. Promises: one flipped bit in
 * a record is seen, wherever it is, but for one case: the length of the very last record, which then looks like a
 * write that was cut off. Nothing is acknowledged before it is synced, so a write that is really cut off is lost
 * rightly; and `closeLevel` leaves no record behind in a log. Only `level.ts` calls it.
 */

const BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
/** Whole, first, middle and last part of a content. */
const TYPES = 4;
/** The checksum of a checksum would be weak: level adds this and turns it. */
const MASK_DELTA = 0xa282ead8;

/** `cut-off`: the last record is not all there, and nothing readable follows it. */
export type LogState = 'whole' | 'cut-off' | 'damaged';

export function stateOfLog(bytes: Uint8Array): LogState {
  for (let at = 0; at < bytes.length; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEADER_BYTES) {
      at += left; // too little for a header: level fills it up and never reads it
      continue;
    }
    const end = endOfRecord(bytes, at);
    if (end !== undefined) {
      at = end;
      continue;
    }
    return isCutOff(bytes, at) ? 'cut-off' : 'damaged';
  }
  return 'whole';
}

/** Where the record ends; undefined when none that is whole and right begins here. */
function endOfRecord(bytes: Uint8Array, at: number): number | undefined {
  const left = Math.min(BLOCK_BYTES - (at % BLOCK_BYTES), bytes.length - at);
  if (left < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, left);
  const length = view.getUint16(4, true);
  const type = view.getUint8(6);
  if (type < 1 || type > TYPES || HEADER_BYTES + length > left) return undefined;
  const end = at + HEADER_BYTES + length;
  return view.getUint32(0, true) === masked(crc32c(bytes.subarray(at + 6, end))) ? end : undefined;
}

/** Either its announced end is beyond the file's, or a file system has put zeros for what it never got. */
function isCutOff(bytes: Uint8Array, at: number): boolean {
  const rest = bytes.subarray(at);
  const left = BLOCK_BYTES - (at % BLOCK_BYTES);
  const announced = HEADER_BYTES + ((rest[4] ?? 0) | ((rest[5] ?? 0) << 8));
  const endsEarly = rest.length < left && (rest.length < HEADER_BYTES || announced > rest.length);
  if (!endsEarly) return rest.every((byte) => byte === 0);
  for (let later = at + 1; later + HEADER_BYTES <= bytes.length; later++) {
    if (endOfRecord(bytes, later) !== undefined) return false;
  }
  return announced <= left;
}

// ---- Checksum -----------------------------------------------------------------------------------------------

/** CRC-32C, Castagnoli's polynomial, reflected. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value >>> 0;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
