/**
 * The files in a zip, as a workbook, a Shapefile or a KMZ is one.
 *
 * Promises: what the archive would unpack to is known before anything is unpacked, and is bounded, whatever its
 * directory says; no two entries have one name; entries come out as bytes. Pure but for the platform's own inflater, which browsers have too.
 */
import { refusal } from '../base/refusal.ts';

/** A county's Shapefile unpacked; a small archive that holds more is no file of an office. */
const UNPACKED_BYTES_MAX = 256 * 2 ** 20;
const ENTRIES_MAX = 4_096;

export interface ZipEntry {
  readonly name: string;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_BYTES = 22;
const COMMENT_MAX = 0xffff;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const NAMES_IN_UTF8 = 0x800;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/** Throws `format-damaged` or `file-too-large`. */
export function zipEntries(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return entriesIn(bytes, view);
  } catch (error) {
    if (error instanceof RangeError) throw damaged();
    throw error;
  }
}

function entriesIn(bytes: Uint8Array, view: DataView): ZipEntry[] {
  const end = directoryEnd(view);
  const count = view.getUint16(end + 10, true);
  if (count > ENTRIES_MAX) throw refusal('file-too-large', { limitBytes: UNPACKED_BYTES_MAX });
  // on this disk and on all: what reads by the other number sees other entries
  if (view.getUint16(end + 8, true) !== count) throw damaged();
  const found: ZipEntry[] = [];
  const names = new Set<string>();
  let unpacked = 0;
  for (let i = 0, at = view.getUint32(end + 16, true); i < count; i++) {
    if (view.getUint32(at, true) !== ENTRY) throw damaged();
    const [method, packedBytes, size] = [
      view.getUint16(at + 10, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 24, true),
    ];
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) =>
      view.getUint16(at + place, true),
    ) as [number, number, number];
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes));
    // of two entries of one name some programs read the first and some the last
    if (names.has(name)) throw damaged();
    names.add(name);
    unpacked += size;
    if (unpacked > UNPACKED_BYTES_MAX) throw refusal('file-too-large', { limitBytes: UNPACKED_BYTES_MAX });
    found.push({
      name,
      bytes: () => {
        const start =
          local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
        return unpack(bytes.slice(start, start + packedBytes), method, size);
      },
    });
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
  }
  return found;
}

function directoryEnd(view: DataView): number {
  const last = view.byteLength - DIRECTORY_END_BYTES;
  for (let at = last; at >= Math.max(0, last - COMMENT_MAX); at--) {
    if (view.getUint32(at, true) === DIRECTORY_END) return at;
  }
  throw damaged();
}

async function unpack(
  packed: Uint8Array<ArrayBuffer>,
  method: number,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw damaged();
  const out = new Uint8Array(size);
  let used = 0;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  try {
    for await (const chunk of stream) {
      if (used + chunk.length > size) throw damaged(); // more than the directory said
      out.set(chunk, used);
      used += chunk.length;
    }
  } catch {
    throw damaged();
  }
  if (used !== size) throw damaged();
  return out;
}

/** An archive for a reader that takes none but archives: unpacked, and without sums, which it does not ask for. */
export function zipStored(parts: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const files = [...parts].map(([name, content]) => ({ name: new TextEncoder().encode(name), content }));
  const sizeOf = (head: number) =>
    files.reduce(
      (sum, { name, content }) => sum + head + name.length + (head === ENTRY_BYTES ? 0 : content.length),
      0,
    );
  const directory = sizeOf(LOCAL_BYTES);
  const out = new Uint8Array(directory + sizeOf(ENTRY_BYTES) + DIRECTORY_END_BYTES);
  const view = new DataView(out.buffer);
  let [local, entry] = [0, directory];
  for (const { name, content } of files) {
    view.setUint32(local, LOCAL, true);
    view.setUint32(entry, ENTRY, true);
    for (const sizes of [local + 18, entry + 20]) {
      view.setUint32(sizes, content.length, true);
      view.setUint32(sizes + 4, content.length, true);
      view.setUint16(sizes + 8, name.length, true);
    }
    view.setUint16(entry + 8, NAMES_IN_UTF8, true);
    view.setUint32(entry + 42, local, true);
    out.set(name, entry + ENTRY_BYTES);
    out.set(name, local + LOCAL_BYTES);
    out.set(content, local + LOCAL_BYTES + name.length);
    local += LOCAL_BYTES + name.length + content.length;
    entry += ENTRY_BYTES + name.length;
  }
  view.setUint32(entry, DIRECTORY_END, true);
  view.setUint16(entry + 8, files.length, true);
  view.setUint16(entry + 10, files.length, true);
  view.setUint32(entry + 12, entry - directory, true);
  view.setUint32(entry + 16, directory, true);
  return out;
}

function damaged() {
  return refusal('format-damaged', { format: 'a zip archive' });
}
