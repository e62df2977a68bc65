/**
 * Where a list goes on, as it is handed out: opaque text that needs no escaping in an address or on a command line.
 *
 * Promises: one spelling a place, so that whatever no list wrote is told from what one did; whether a place is one of the
 * list that is asked is the list's to say.
 */
import { textOfUtf8 } from './hex.ts';

export function cursorOf(place: string): string {
  const bytes = [...new TextEncoder().encode(place)].map((byte) => String.fromCharCode(byte)).join('');
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Undefined of what `cursorOf` never wrote. */
export function placeOfCursor(cursor: string): string | undefined {
  if (!/^[\w-]+$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  const bytes = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
  const place = textOfUtf8(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)));
  return place !== undefined && cursorOf(place) === cursor ? place : undefined;
}
