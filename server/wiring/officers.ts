/** The part of the composition root that has officers and keys judged by what the views and the contracts in force say. */
import type { Officers } from '../acts/officers.ts';
import { type ActBook, askWhoSigned } from '../acts/pending.ts';
import type { ContractName } from '../domain/acts/events.ts';
import type { Address, Hex } from '../domain/base/hex.ts';
import type { OfficerId } from '../domain/base/terms.ts';
import { momentAt } from '../domain/power/halts.ts';
import { type KeyPlaceName, placeOfEpoch } from '../domain/power/possession.ts';
import { isBarred, type OfficerRow } from '../store/views/power.ts';
import type { Views } from '../store/views.ts';

/** `nowSeconds` is the ledger's clock; `ask` throws the refusal of the contract. */
export function officersIn(
  { power }: Pick<Views, 'power'>,
  nowSeconds: () => bigint,
  ask: Officers['ask'],
): Officers {
  const barred = async (row: OfficerRow) => {
    const member = await power.institution(row.institution);
    return member === undefined || isBarred(member, nowSeconds());
  };
  return {
    async standingOf(officer, epoch) {
      const row = await power.officer(officer);
      if (row === undefined) return undefined;
      const place = placeOfEpoch(epoch);
      const isKeyKnown = row.keys[place].key.kind === 'secp256k1';
      return Object.assign(standingIn(row, place, await barred(row)), { isKeyKnown });
    },
    async *standingsIn(institution) {
      let after: string | undefined;
      do {
        const page = await power.officersOf(institution, after === undefined ? {} : { after });
        for (const row of page.rows) {
          const isInstitutionBarred = await barred(row);
          for (const place of ['key', 'spare'] as const) {
            yield Object.assign(standingIn(row, place, isInstitutionBarred), { officer: row.officer });
          }
        }
        after = page.next;
      } while (after !== undefined);
    },
    moment: async () => momentAt(nowSeconds(), await power.halts()),
    isSeated: async () => (await power.constitution())?.isSeated ?? false,
    keeperOf: (office) => power.officeKeeper(office),
    consortium: async () => (await power.constitution())?.consortium,
    ask,
  };
}

export function actBookIn(
  { power }: Pick<Views, 'power'>,
  inForce: Readonly<Record<ContractName, Address>>,
  call: (to: Address, data: Hex) => Promise<Hex>,
): ActBook {
  return {
    addressOf: (contract) => inForce[contract],
    async keyHashOfOfficer(officer, epoch) {
      const row = await power.officer(officer as OfficerId);
      const key = row?.keys[placeOfEpoch(epoch)].key;
      return key?.kind === 'secp256k1' ? key.keyHash : undefined;
    },
    isSignedBy: askWhoSigned(() => inForce.consortium, call),
  };
}

function standingIn(row: OfficerRow, place: KeyPlaceName, isInstitutionBarred: boolean) {
  const { institution, office, roles, revoked, suspended, narrowedUntil = 0n } = row;
  const { epoch, activeFrom } = row.keys[place];
  const suspendedUntil = suspended?.isFreed === false ? suspended.until : 0n;
  const isRevoked = revoked !== undefined;
  return {
    institution,
    office,
    roles,
    epoch,
    activeFrom,
    isRevoked,
    suspendedUntil,
    narrowedUntil,
    isInstitutionBarred,
  };
}
