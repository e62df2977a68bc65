/** Titles and parts of titles made of random values, with the keys of whoever holds them. */

import { addressOfPrivateKey, type ConsentKey, keyHashOf } from '../../server/domain/acts/signing.ts';
import { type Bytes32, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type InstrumentId,
  idInOffice,
  type OfficeId,
  type SpatialUnitId,
} from '../../server/domain/base/terms.ts';
import type { Child } from '../../server/domain/land/acts.ts';
import type { TitleDraft } from '../../server/domain/land/registration.ts';
import { isNotice } from '../../server/domain/land/restrictions.ts';
import type { Holding, Restriction, SpatialUnit } from '../../server/domain/land/types.ts';
import type { Seeded } from '../seeded.ts';
import { OFFICE } from './landLedger.ts';

type DraftHolding = TitleDraft['rights'][number]['holdings'][number];
type DraftRight = TitleDraft['rights'][number];

export class Drafts {
  readonly random: Seeded;
  /** Every key given to anybody so far. */
  readonly keys: ConsentKey[] = [];

  /** Whose units and ground the ids are. */
  readonly office: OfficeId;

  constructor(random: Seeded, office: OfficeId = OFFICE) {
    this.random = random;
    this.office = office;
  }

  id<T extends Bytes32>(): T {
    return toHex(this.random.bytes(32)) as T;
  }

  unitId(): BAUnitId {
    return idInOffice(this.office, this.id()) as BAUnitId;
  }

  key(): ConsentKey {
    const privateKey = this.random.bytes(32);
    const salt = this.id<Bytes32>();
    const keyHash = keyHashOf(salt, 'secp256k1', addressOfPrivateKey(privateKey));
    const key = { privateKey, salt, keyHash };
    this.keys.push(key);
    return key;
  }

  spatialUnit(): SpatialUnit {
    const id = idInOffice(this.office, this.id()) as SpatialUnitId;
    return { id, geometryCommitment: this.id() };
  }

  child(quotaNumerator = 0n): Child {
    const portion = { baUnit: this.unitId(), spatialUnits: [this.spatialUnit()], quotaNumerator };
    return { portion, factsRoot: this.id() };
  }

  holding(changed: Partial<DraftHolding> = {}): DraftHolding {
    return {
      numerator: 1n,
      partyKind: 'person',
      signer: 'own',
      keyHash: this.key().keyHash,
      partyCommitment: this.id(),
      ...changed,
    };
  }

  /** A holding that joins in a transfer. */
  joining(numerator: bigint, changed: Partial<Holding> = {}): Holding {
    return { holdingId: 0, ...this.holding({ numerator }), ...changed };
  }

  ownership(holdings: readonly DraftHolding[], changed: Partial<DraftRight> = {}): DraftRight {
    return {
      kind: 'ownership',
      standing: 'absolute',
      upgradesOn: 0n,
      expiresOn: 0n,
      tenancy: holdings.length === 1 ? 'sole' : 'common',
      denominator: holdings.reduce((sum, { numerator }) => sum + numerator, 0n),
      termsCommitment: ZERO_32,
      holdings,
      ...changed,
    };
  }

  restriction(kind: Restriction['kind'], changed: Partial<Restriction> = {}): Restriction {
    return {
      restrictionId: 0,
      kind,
      targetRight: 0,
      targetHolding: 0,
      rank: isNotice(kind) ? 0 : 1,
      presentationNo: 0n,
      instrumentId: this.id<InstrumentId>(),
      holderKeyHash: this.key().keyHash,
      blocks: 0n,
      needsConsent: 0n,
      expiresOn: 0n,
      termsCommitment: this.id(),
      ...changed,
    };
  }

  title(changed: Partial<TitleDraft> = {}): TitleDraft {
    return {
      baUnit: this.unitId(),
      office: OFFICE,
      origin: 'adjudication',
      evidence: 'surveyed-record',
      spatialUnits: [this.spatialUnit()],
      rights: [this.ownership([this.holding({ numerator: 2n }), this.holding({ numerator: 3n })])],
      factsRoot: this.id(),
      ...changed,
    };
  }

  /** How one holder holds. */
  alone() {
    return { tenancy: 'sole', denominator: 1n, holdings: [this.holding({ numerator: 1n })] } as const;
  }

  /** A title with something in every section. */
  rich(): TitleDraft {
    const lease = {
      ...this.ownership([this.holding({ numerator: 0n }), this.holding({ numerator: 0n })]),
      kind: 'lease',
      tenancy: 'joint',
      denominator: 0n,
      expiresOn: 4_000_000_000n,
      termsCommitment: this.id<Bytes32>(),
      target: { right: 0 },
    } as const;
    const { restrictionId, presentationNo, targetRight, targetHolding, ...home } = this.restriction(
      'must-be-asked',
      {
        needsConsent: 1n << 2n,
      },
    );
    const duty = {
      kind: 'maintenance',
      instrumentId: this.id<InstrumentId>(),
      holderKeyHash: ZERO_32,
      expiresOn: 0n,
      termsCommitment: this.id<Bytes32>(),
    } as const;
    return this.title({
      spatialUnits: [this.spatialUnit(), this.spatialUnit()],
      rights: [
        this.ownership([this.holding({ numerator: 1n }), this.holding({ numerator: 1n })]),
        lease,
        { ...lease, kind: 'use', target: { right: 1 }, ...this.alone() },
      ],
      charges: [
        { ...home, target: { right: 0, holding: 1 } },
        {
          // Of the whole unit: it asks about sales of the land, and not about those of the lease.
          ...{ ...home, rank: 2, instrumentId: this.id<InstrumentId>() },
          // One key is not asked of a holding, and of all the land with it.
          holderKeyHash: this.key().keyHash,
        },
      ],
      responsibilities: [duty, { ...duty, target: { right: 1 } }],
    });
  }
}
