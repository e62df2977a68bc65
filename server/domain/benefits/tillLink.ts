/**
 * The link by which a device becomes a till: `#till=NUMBER&vendor=ID&trust=TEXT` behind the address of the till's page.
 *
 * It names the shop and carries the trust file of whoever made it, so that a gateway cannot say which ledger it is; it has no
 * secret. What stands behind # is sent to nobody. Pure.
 */
import { readTrust, type TrustFile, writeTrust } from '../audit/trust.ts';
import { refusal } from '../base/refusal.ts';
import { hexIn, type Malformed, wholeIn } from '../base/strictJson.ts';
import type { VendorId } from '../base/terms.ts';
import type { TillId } from './terms.ts';

export interface LinkOfTill {
  readonly vendor: VendorId;
  readonly till: TillId;
  /** As `writeTrust` writes it. */
  readonly trust: string;
}

const malformed: Malformed = (field) =>
  refusal('till-file-malformed', undefined, field === '' ? {} : { field });

export function writeTillLink(of: Pick<LinkOfTill, 'vendor' | 'till'>, trust: TrustFile): string {
  const fields = { till: `${of.till}`, vendor: of.vendor, trust: JSON.stringify(trust) };
  return `#${new URLSearchParams(fields)}`;
}

/** Refuses as `till-file-malformed`, or as the trust file in it is refused. */
export function readTillLink(hash: string): LinkOfTill {
  const fields = new URLSearchParams(hash.slice(1));
  return {
    till: wholeIn(Number(fields.get('till') ?? ''), 2 ** 32 - 1, '/till', malformed) as TillId,
    vendor: hexIn<VendorId>(fields.get('vendor'), 32, '/vendor', malformed),
    trust: writeTrust(readTrust(fields.get('trust') ?? '')),
  };
}
