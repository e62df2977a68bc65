/** A vault with everything around it, in one temporary folder, as `main` wires it. */
import { join } from 'node:path';
import type { DiscloseDependencies, DisclosureRequest } from '../../../server/disclose.ts';
import type { Person, SubjectRef } from '../../../server/domain/people/schema.ts';
import { AccessLog, accessTables } from '../../../server/store/access.ts';
import { blockTables } from '../../../server/store/blocks.ts';
import { carriedTables } from '../../../server/store/carried.ts';
import { DataKeys, keyStoreTables } from '../../../server/store/dataKeys.ts';
import { Erasures, erasureTables } from '../../../server/store/erasures.ts';
import { openKeys } from '../../../server/store/keys.ts';
import { openLevelStore } from '../../../server/store/levelStore.ts';
import { outboxTables } from '../../../server/store/outbox.ts';
import { rollTables } from '../../../server/store/rolls.ts';
import { type AnyTable, ORDER_PAGES, type Store } from '../../../server/store/store.ts';
import { Subjects, subjectTables } from '../../../server/store/subjects.ts';
import { Vault, type VaultEntry, vaultTables } from '../../../server/store/vault.ts';
import { keyTokenIn } from '../../../server/wiring/config.ts';

export const AGENCY = 3;

export interface People extends DiscloseDependencies {
  readonly store: Store;
  readonly keyStore: Store;
  readonly keys: Awaited<ReturnType<typeof openKeys>>;
  readonly dataKeys: DataKeys;
  readonly subjects: Subjects;
  readonly erasures: Erasures;
  close(): Promise<void>;
}

const preciousTables: readonly AnyTable[] = [
  ...subjectTables,
  ...vaultTables,
  ...accessTables,
  ...erasureTables,
  ...outboxTables,
  ...blockTables,
  ...rollTables,
  ...carriedTables,
];

/** Every precious table with the store it is in. */
export function allTables({ store, keyStore }: People): readonly (readonly [Store, AnyTable])[] {
  return [
    ...[...preciousTables, ORDER_PAGES].map((table) => [store, table] as const),
    ...[...keyStoreTables, ORDER_PAGES].map((table) => [keyStore, table] as const),
  ];
}

/** Where the environment names a token of keys, it opens them; `nowMs` says of which month its first key is. */
export async function openPeople(folder: string, nowMs = Date.now): Promise<People> {
  const keys = await openKeys(join(folder, 'keys'), { token: keyTokenIn(process.env), nowMs });
  const integrityKey = await keys.integrityKey();
  const store = await openLevelStore({
    folder: join(folder, 'precious'),
    integrityKey,
    tables: preciousTables,
  });
  const keyStore = await openLevelStore({
    folder: join(folder, 'keyStore'),
    integrityKey,
    tables: keyStoreTables,
  });
  const dataKeys = new DataKeys(keyStore, keys);
  const accessLog = new AccessLog(store);
  return {
    store,
    keyStore,
    keys,
    dataKeys,
    subjects: new Subjects(store, keys),
    vault: new Vault(store, dataKeys),
    accessLog,
    erasures: new Erasures(store, dataKeys),
    nowMs: () => 1_700_000_000_000,
    async close() {
      await store.close();
      await keyStore.close();
    },
  };
}

export const person: Person = {
  fullName: 'MARKED Wanjiru Zebra-Quill',
  nationalId: 'MARKED-77031956',
  phone: 'MARKED+254799123456',
  village: 'MARKED-Milimani',
  householdSize: 5,
};

export function personEntry(subject: SubjectRef, record: Person = person): VaultEntry {
  return { subject, agency: AGENCY, type: 'person', group: '', id: 'self', record };
}

export function openingEntry(subject: SubjectRef, group: string, value = 'MARKED-value'): VaultEntry {
  const record = { path: 'party/name', value, salt: `0x${'5b'.repeat(32)}` } as VaultEntry['record'];
  return { subject, agency: AGENCY, type: 'opening', group, id: 'act1-0', record } as VaultEntry;
}

export const reading: DisclosureRequest = {
  actor: 'principal-1',
  institution: AGENCY,
  agency: AGENCY,
  purpose: 'identification',
  classes: ['agency-sensitive', 'confidential'],
  types: ['person', 'opening'],
};
