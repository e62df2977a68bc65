/**
 * Bytes as the text they spell in UTF-8, or nothing: a byte that was repaired would be read as what nobody wrote.
 *
 * A byte-order mark stays in the text, where no format of ours has one. Pure; for whoever is handed bytes.
 */
export function textOfUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
