/** What a person's own device sends to read her record: made from the trust file, never from what the gateway says. */
import { signCompact } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import type { Bytes32, Hex } from '../../server/domain/base/hex.ts';
import { type OwnPlace, ownReading } from '../../server/domain/people/ownProof.ts';
import type { App } from './app.ts';

export interface ChallengeTold {
  readonly challenge: Bytes32;
  readonly deadline: string;
}

export interface Proof {
  readonly place: OwnPlace;
  readonly key: Uint8Array;
  /** Of a key that is no secp256k1 key. */
  readonly sign?: (digest: Bytes32) => Hex;
  readonly salt?: Bytes32;
  readonly ledgerNonce?: Bytes32;
  /** What of the request is another than was signed. */
  readonly shown?: object;
}

export async function challenged(app: App, place: OwnPlace): Promise<ChallengeTold> {
  return (await app.ask<ChallengeTold>('POST', '/own-data/challenges', { body: { place } })).body;
}

export async function proven(app: App, { place, key, sign, salt, ledgerNonce, shown }: Proof) {
  const { chainId, ledgerNonce: own } = app.trust();
  const { challenge, deadline } = await challenged(app, place);
  const given = { challenge, deadline: BigInt(deadline) };
  const data = ownReading({ chainId, ledgerNonce: ledgerNonce ?? own }, place, given);
  const signature = sign?.(digestOf(data)) ?? signCompact(digestOf(data), key);
  const salted = salt === undefined ? {} : { salt };
  return { place, challenge, deadline: Number(deadline), signature, ...salted, ...shown };
}
