/**
 * What machines sign in with: random tokens with roles, an institution and an end, and the one-time link of the
 * first start. A token that is renewed is another secret of the same holder, whose retries and lines stay the same.
 *
 * A token's secret is 256 random bits, so SHA-256 is all the hashing it needs: nobody guesses it, and a slow hash
 * would only cost every request what it protects weak passwords from. Only the hash is kept; the token is shown
 * once. Revoking and expiry count at once. Nothing is written when a token is used.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { OfficeId, VendorId } from '../domain/base/terms.ts';
import { json } from './codec.ts';
import { type AnyTable, precious, preciousSorted, type Store, type Transaction } from './store.ts';

const ID_BYTES = 8;
const SECRET_BYTES = 32;
const TOKEN = /^kudurru_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
/** A machine's token is renewed every year at the latest (CS2). */
const TOKEN_LIFE_MAX_MS = 366 * 24 * 3_600_000;
/** What the token is called that a one-time link stands for. */
const FIRST_LABEL = 'Administrator of the gateway';
/** All tokens of all institutions. */
const TOKENS_MAX = 10_000;

/** What a token says of its holder. */
export interface TokenHolder<Role extends string> {
  readonly id: string;
  readonly roles: readonly Role[];
  /** 0 = none: the administrator of the gateway. */
  readonly institution: number;
  readonly office?: OfficeId | undefined;
  readonly vendor?: VendorId | undefined;
}

interface TokenRow {
  readonly hash: string;
  /**
   * Id of the first token that its holder had: one that is renewed is the same holder's. Absent in a row of before tokens
   * were renewed, which is its holder's first.
   */
  readonly holder?: string;
  readonly roles: readonly string[];
  readonly institution: number;
  /** The one office of the institution that it works for; absent: all of them. */
  readonly office?: OfficeId | undefined;
  /** The one vendor that it is a till of: of vendors only. */
  readonly vendor?: VendorId | undefined;
  /** What it is for, as its issuer wrote it; a renewed one has it too. */
  readonly label?: string | undefined;
  readonly issuedBy: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | undefined;
  /** A link is used up by its first use. */
  readonly once: boolean;
}

/** A token, or a link that was not used, without its secret: for the list an administrator sees. */
export type TokenNote = Omit<TokenRow, 'hash' | 'holder'> & {
  readonly id: string;
  readonly holder: string;
  /** What the token that issued it is for; absent where it has no label, is gone, or a start of the gateway did. */
  readonly issuerLabel?: string;
};

export interface TokensAsked {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly institution?: number | undefined;
  /** Part of the label, whatever its case. */
  readonly label?: string | undefined;
  readonly role?: string | undefined;
}

function isWanted(
  row: TokenNote,
  { institution, label, role }: Omit<TokensAsked, 'after' | 'limit'>,
): boolean {
  const isOfInstitution = institution === undefined || row.institution === institution;
  const isCalled = label === undefined || (row.label ?? '').toLowerCase().includes(label.toLowerCase());
  return isOfInstitution && isCalled && (role === undefined || row.roles.includes(role));
}

export interface TokenPage {
  /** Of all pages. */
  readonly total: number;
  readonly rows: readonly TokenNote[];
  /** Id of the last token of the page, where there is another page. */
  readonly next?: string;
}

export interface TokenOrder<Role extends string> {
  readonly roles: readonly Role[];
  readonly institution: number;
  readonly office?: OfficeId | undefined;
  readonly vendor?: VendorId | undefined;
  readonly label?: string | undefined;
  readonly issuedBy: string;
  readonly lifeMs: number;
}

/** Who a holder is, for lists of who read or did something: it stays when the token has left. */
export type HolderNote = Pick<TokenRow, 'roles' | 'institution' | 'label'>;

const tokenTable = preciousSorted('tokens', json<TokenRow>(), { auditedAtOpen: true });
/** By the id of a holder's first token: small, and one more for each token that an administrator issues. */
const holderTable = precious('tokenHolders', json<HolderNote>());

export const tokenTables: readonly AnyTable[] = [tokenTable, holderTable];

export class Tokens<Role extends string> {
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #roles: readonly Role[];

  /** `roles` are the roles there are: one that was stored and is no more gives nothing. */
  constructor(store: Store, nowMs: () => number, roles: readonly Role[]) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#roles = roles;
  }

  /** Answers the token, once. */
  async issue(order: TokenOrder<Role>): Promise<{ readonly id: string; readonly token: string }> {
    return this.#issue(order, false);
  }

  /** The secret of a link that enrols one administrator of the gateway and is then used up. One at a time is good. */
  async issueLink(order: TokenOrder<Role>): Promise<{ readonly id: string; readonly token: string }> {
    await this.#remove(({ once }) => once);
    return this.#issue(order, true);
  }

  /** What was revoked or has ended leaves, and frees its place. Answers how many are left to do. */
  async sweep(): Promise<number> {
    const nowMs = this.#nowMs();
    await this.#remove((row) => row.revokedAtMs !== undefined || row.expiresAtMs <= nowMs);
    return 0;
  }

  /** Who the token is; undefined for one that is unknown, ended, revoked, or a link. */
  async holderOf(token: string): Promise<TokenHolder<Role> | undefined> {
    const [id, row] = await this.#find(token);
    return row === undefined || row.once ? undefined : this.#holder(id, row);
  }

  /** Uses up a link and answers the token it stands for. Refuses as `link-not-valid`; of two at once one is served. */
  async useLink(link: string, lifeMs: number): Promise<{ readonly id: string; readonly token: string }> {
    const [linkId, seen] = await this.#find(link);
    if (seen === undefined || !seen.once) throw refusal('link-not-valid');
    const made = newToken();
    await this.#store.transact(async (tx) => {
      const row = await tx.get(tokenTable, linkId);
      if (row === undefined || row.revokedAtMs !== undefined) throw refusal('link-not-valid');
      tx.put(tokenTable, linkId, { ...row, revokedAtMs: this.#nowMs() });
      tx.insert(tokenTable, made.id, {
        ...row,
        ...this.#life(lifeMs),
        hash: made.hash,
        holder: made.id,
        issuedBy: linkId,
        label: row.label ?? FIRST_LABEL,
        once: false,
      });
      noteHolder(tx, made.id, { ...row, label: row.label ?? FIRST_LABEL });
    });
    return { id: made.id, token: made.token };
  }

  /** Who a principal is, or was; undefined of whoever had no token here. */
  async whoIs(principal: string): Promise<HolderNote | undefined> {
    return this.#store.get(holderTable, principal.replace(/^token:/, ''));
  }

  /**
   * Another secret for the holder of a token in force, with the same roles and bounds; the one before serves until it
   * ends or is revoked. Refuses as `token-missing`.
   */
  async renew(
    id: string,
    { issuedBy, lifeMs }: Pick<TokenOrder<Role>, 'issuedBy' | 'lifeMs'>,
  ): Promise<{ readonly id: string; readonly token: string }> {
    const made = newToken();
    await this.#makeRoom();
    await this.#store.transact(async (tx) => {
      const row = await tx.get(tokenTable, id);
      if (row === undefined || row.once || !this.#isInForce(row)) throw refusal('token-missing');
      await requireRoom(tx);
      const holder = firstOf(id, row);
      tx.insert(tokenTable, made.id, { ...row, ...this.#life(lifeMs), hash: made.hash, holder, issuedBy });
    });
    return { id: made.id, token: made.token };
  }

  /** Counts from the moment it resolves. Answers whether there was such a token. */
  async revoke(id: string): Promise<boolean> {
    return this.#store.transact(async (tx) => {
      const row = await tx.get(tokenTable, id);
      if (row === undefined) return false;
      if (row.revokedAtMs === undefined) tx.put(tokenTable, id, { ...row, revokedAtMs: this.#nowMs() });
      return true;
    }, 'finishing');
  }

  /**
   * Those that are asked for, in the order of their ids, from behind one of them, each with who issued it. Every row is looked
   * at, for there are at most `TOKENS_MAX`.
   */
  async list({ after, limit, ...wanted }: TokensAsked): Promise<TokenPage> {
    const behind = after === undefined ? '' : placeOfCursor(after);
    const isWritten = after === undefined || (behind !== undefined && TOKEN_ID.test(behind));
    if (behind === undefined || !isWritten) {
      throw refusal('cursor-unknown', undefined, { field: '/query/after' });
    }
    const labels = new Map<string, string>();
    const all: TokenNote[] = [];
    for await (const [id, { hash: _, ...note }] of this.#store.range(tokenTable)) {
      const row = { id, ...note, holder: firstOf(id, note) };
      if (row.label !== undefined) labels.set(row.holder, row.label);
      all.push(row);
    }
    const found = all.filter((row) => isWanted(row, wanted));
    const rest = found.filter(({ id }) => id > behind);
    const rows = rest.slice(0, limit).map((row) => {
      const issuer = labels.get(row.issuedBy.replace(/^token:/, ''));
      return issuer === undefined ? row : Object.assign({}, row, { issuerLabel: issuer });
    });
    const next = rest.length > limit ? rows.at(-1)?.id : undefined;
    const total = found.length;
    return next === undefined ? { total, rows } : { total, rows, next: cursorOf(next) };
  }

  /** Whether anybody was ever enrolled: without one, a start issues the one-time link. */
  async isEmpty(): Promise<boolean> {
    for await (const [, { once }] of this.#store.range(tokenTable)) if (!once) return false;
    return true;
  }

  async #issue({ lifeMs, ...order }: TokenOrder<Role>, once: boolean) {
    const { id, token, hash } = newToken();
    await this.#makeRoom();
    await this.#store.transact(async (tx) => {
      await requireRoom(tx);
      tx.insert(tokenTable, id, { hash, holder: id, ...order, ...this.#life(lifeMs), once });
      if (!once) noteHolder(tx, id, order);
    });
    return { id, token };
  }

  async #makeRoom(): Promise<void> {
    if ((await this.#store.rows(tokenTable)) >= TOKENS_MAX) await this.sweep();
  }

  #isInForce({ revokedAtMs, expiresAtMs }: TokenRow): boolean {
    return revokedAtMs === undefined && this.#nowMs() < expiresAtMs;
  }

  /** There are at most TOKENS_MAX rows, and a row is a few hundred bytes. */
  async #remove(isMeant: (row: TokenRow) => boolean): Promise<void> {
    const ids: string[] = [];
    for await (const [id, row] of this.#store.range(tokenTable)) if (isMeant(row)) ids.push(id);
    await this.#store.transact((tx) => {
      for (const id of ids) tx.delete(tokenTable, id);
    }, 'finishing');
  }

  #life(lifeMs: number) {
    const nowMs = this.#nowMs();
    return {
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + Math.min(lifeMs, TOKEN_LIFE_MAX_MS),
      revokedAtMs: undefined,
    };
  }

  async #find(token: string): Promise<[id: string, row: TokenRow | undefined]> {
    const [, id, secret] = TOKEN.exec(token) ?? [];
    const row = id === undefined ? undefined : await this.#store.get(tokenTable, id);
    if (id === undefined || secret === undefined || row === undefined) return ['', undefined];
    const isRight = timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(row.hash, 'hex'));
    return [id, isRight && this.#isInForce(row) ? row : undefined];
  }

  #holder(id: string, row: TokenRow): TokenHolder<Role> {
    const { roles, institution, office, vendor } = row;
    const known = this.#roles.filter((role) => roles.includes(role));
    const bound = { ...(office !== undefined && { office }), ...(vendor !== undefined && { vendor }) };
    return { id: `token:${firstOf(id, row)}`, roles: known, institution, ...bound };
  }
}

function firstOf(id: string, { holder = id }: Pick<TokenRow, 'holder'>): string {
  return holder;
}

function noteHolder(tx: Transaction, id: string, { roles, institution, label }: HolderNote): void {
  tx.put(holderTable, id, { roles, institution, label });
}

async function requireRoom(tx: Transaction): Promise<void> {
  if ((await tx.rows(tokenTable)) >= TOKENS_MAX) throw refusal('too-many-tokens', { limit: TOKENS_MAX });
}

function newToken() {
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { id, token: `kudurru_${id}_${secret}`, hash: hashOf(secret) };
}

/** As a cursor holds it. */
const TOKEN_ID = /^[0-9a-f]{16}$/;

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
