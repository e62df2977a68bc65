/** A county and a programme on a gateway of their own, and what a reader of its chain and of its copied folder has of them. */
import path from 'node:path';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { MAX_TITLES_PER_BATCH } from '../../server/domain/land/types.ts';
import { readParcels } from '../../server/domain/survey/parcels.ts';
import { Aid, syntheticPeople } from '../aid/aid.ts';
import { servedBlocks } from '../chain/ledgerBytes.ts';
import { freePort, startApp } from '../gateway/app.ts';
import { type CopiedRow, copiedRows, wordsIn } from './copiedFolder.ts';

export interface County {
  /** Numbers of the parcels in the order in which the register has their titles. */
  readonly register: readonly string[];
  /** In the order of the survey's file. */
  readonly file: readonly string[];
  /** Numbers, ids of corners, boundaries and areas, as the file and the cadastre write them. */
  readonly ofGround: readonly string[];
  readonly ofPeople: readonly string[];
  /** Of every block, call, log and proof. */
  readonly words: ReadonlySet<string>;
  readonly rows: readonly CopiedRow[];
}

/** Whoever prepares the acts goes through the file of parcels from its first line. */
export async function countyOf(text: string, people: number): Promise<County> {
  const rpcPort = await freePort();
  const app = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
  try {
    const token = await app.token('registrar', 1);
    const survey = await app.ask<{ recorded: { baUnit: string; number: string }[] }>(
      'PUT',
      '/parcels?office=1',
      {
        ...{ token, file: { text, type: 'application/geo+json' } },
      },
    );
    const { recorded } = survey.body;
    const names: string[] = [];
    for (let from = 0; from < recorded.length; from += MAX_TITLES_PER_BATCH) {
      const titles = recorded.slice(from, from + MAX_TITLES_PER_BATCH).map(({ baUnit, number }) => {
        names.push(`Synthetic Holder of ${number}`);
        const party = { name: names.at(-1) };
        const holder = { numerator: '1', partyKind: 'person', signer: 'none', keyHash: ZERO_32, party };
        const right = {
          kind: 'ownership',
          standing: 'absolute',
          tenancy: 'sole',
          denominator: '1',
          holders: [holder],
        };
        return { baUnit, origin: 'legacy', evidence: 'public-document', right };
      });
      await app.act('registrar', '/acts/registrations', { titles });
    }
    const lines = syntheticPeople(people);
    const aid = new Aid(app, 'a county', ['a shop of the county']);
    await aid.begin(people, 3);
    const register = await numbersOf(app.url, await app.token('auditor', 0));
    const words = new Set<string>();
    for await (const { bytes } of servedBlocks(`http://127.0.0.1:${rpcPort}`))
      for (const word of wordsIn(Buffer.from(bytes).toString('latin1'))) words.add(word);
    await app.stop();
    const parcels = readParcels(text).parcels;
    const ofGround = parcels.flatMap(({ number, alias, sourceText, areaM2, units }) => [
      ...[number, alias, sourceText, String(areaM2), String(Math.round(areaM2 * 1e6))],
      ...units.map((one) => one.alias),
    ]);
    return {
      register: register.toReversed(),
      file: parcels.map(({ number }) => number),
      ofGround,
      ofPeople: [...names, ...lines.flatMap((line) => line.split(';').slice(0, 2))],
      words,
      rows: copiedRows(path.join(app.folder, 'data')),
    };
  } finally {
    await app.remove();
  }
}

/** As an auditor reads the register, newest first. */
async function numbersOf(url: string, token: string): Promise<string[]> {
  const numbers: string[] = [];
  for (let after = ''; ; ) {
    const answer = await fetch(`${url}/titles?limit=200${after}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const page = (await answer.json()) as { rows: { number?: string }[]; next?: string };
    numbers.push(...page.rows.flatMap(({ number }) => number ?? []));
    if (page.next === undefined) return numbers;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}
