/**
 * The power cut in the middle of a demonstration, at any moment of it: whatever its client was told before is there when
 * the gateway starts again, whatever was accepted becomes final, nothing is half-written, and the office goes on.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { demoParcels, demoRegistrations } from '../../scripts/demoData.ts';
import type { Checkup } from '../../server/checkup.ts';
import { readCertificate } from '../../server/domain/audit/certificate.ts';
import { verifyCertificate } from '../../server/domain/audit/verifyCertificate.ts';
import type { App, OperationTold } from '../gateway/app.ts';
import { type Reopened, reopenDemo } from '../gateway/demo.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';
import { seeded } from '../seeded.ts';
import type { AnswerSeen } from './answers.child.ts';

const SEED = 20_261_124;
/** `KUDURRU_KILLS` asks for more. */
const KILLS = Number(process.env.KUDURRU_KILLS ?? 8);
/** Longer than any request of a small demonstration takes: the next one is under way, or the one after it. */
const LONGEST_DELAY_MS = 40;
/** From its first line to the first answer. */
const START_MS = 900;
const COMMAND = path.resolve(import.meta.dirname, '../../scripts/kudurru.ts');
const RECORDER = path.join(import.meta.dirname, 'answers.child.ts');
const OPERATION_WAIT = { Prefer: 'wait=20' };

interface Kill {
  /** 0: while the gateway starts. */
  readonly afterAnswers: number;
  readonly afterMs: number;
}

interface Ended {
  readonly code: number | null;
  readonly seen: readonly AnswerSeen[];
}

describe('a demonstration whose gateway is killed', function () {
  this.timeout(600_000);
  const files = { parcels: demoParcels({ count: 4 }), registrations: demoRegistrations({ count: 6 }) };
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-kill-'));
    folders.push(folder);
    mkdirSync(path.join(folder, 'demo'));
    return folder;
  }

  /** Plays it until it ends, or is ended. */
  async function play(folder: string, kill?: Kill): Promise<Ended> {
    const args = Object.entries(files).flatMap(([name, text]) => {
      writeFileSync(path.join(folder, name), text);
      return [`--${name}`, path.join(folder, name)];
    });
    const env = {
      ...ENVIRONMENT,
      ...{ NODE_OPTIONS: `--import ${RECORDER}`, ANSWERS_FOLDER: folder },
      ...(kill && {
        KILL_AFTER_ANSWERS: String(kill.afterAnswers),
        KILL_AFTER_MS: String(kill.afterMs),
      }),
    };
    const command = [COMMAND, 'demo', '--json', '--folder', path.join(folder, 'demo'), ...args];
    const child = spawn(process.execPath, command, { env, stdio: 'ignore' });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    const answers = path.join(folder, 'answers');
    const lines = existsSync(answers) ? readFileSync(answers, 'utf8').split('\n').slice(0, -1) : [];
    return { code, seen: lines.map((line) => JSON.parse(line) as AnswerSeen) };
  }

  /** Whoever has the administrator's token has it from an answer; the demonstration may not have kept it yet. */
  function keepAdministrator(folder: string, seen: readonly AnswerSeen[]): void {
    const file = path.join(folder, 'demo', 'administrator');
    const [enrolled] = seen;
    if (enrolled !== undefined && !existsSync(file)) writeFileSync(file, JSON.parse(enrolled.text).token);
  }

  it('has lost nothing that was acknowledged, and nothing of it is half there', async () => {
    const { code, seen: all } = await play(newFolder());
    expect(code).to.equal(0);
    const ofMission = all.findIndex(({ place }) => place === '/checks');
    expect(ofMission).to.be.greaterThan(100);
    const random = seeded(SEED);
    const promises = all.flatMap(({ status }, i) => (status === 202 ? [i + 1] : []));
    const kills = Array.from({ length: KILLS }, (_, i): Kill => {
      if (i === 0) return { afterAnswers: 0, afterMs: random.below(START_MS) };
      // Every other one at once after something was promised that is not done.
      if (i % 2 === 0) return { afterAnswers: random.pick(promises), afterMs: 0 };
      return { afterAnswers: 1 + random.below(ofMission), afterMs: random.below(LONGEST_DELAY_MS) };
    });
    let [acknowledged, tried] = [0, 0];
    for (const kill of kills) {
      const folder = newFolder();
      const where = `after ${kill.afterAnswers} answers and ${kill.afterMs} ms`;
      const ended = await play(folder, kill);
      expect(ended.code, where).not.to.equal(0);
      expect(ended.seen.length, where).to.be.lessThan(all.length);
      keepAdministrator(folder, ended.seen);
      const reopened = await reopenDemo(path.join(folder, 'demo'));
      try {
        const after = new Afterwards(reopened, ended.seen);
        await after.look();
        expect(after.lost, where).to.deep.equal([]);
        await expectSound(reopened, where);
        await expectToGoOn(reopened);
        acknowledged += after.looked;
      } finally {
        await reopened.app.stop();
      }
      tried++;
      rmSync(folder, { recursive: true, force: true });
    }
    console.log(
      `      kill -9 in a demonstration | seed ${SEED} | ${tried} kills, ${acknowledged} acknowledged tried | 0 lost`,
    );
    expect(tried).to.equal(KILLS);
    expect(acknowledged).to.be.greaterThan(KILLS);
  });
});

async function expectSound({ auditor }: Reopened, where: string): Promise<void> {
  const { ok, findings } = await auditor.ask<Checkup>('/checks', { method: 'POST' });
  expect([ok, findings], where).to.deep.equal([true, []]);
}

/** The next parcel is surveyed and registered by the officers who were there before. */
async function expectToGoOn({ land, auditor }: Reopened): Promise<void> {
  const before = await auditor.ask<{ counts: { entries: number } }>('/ledger');
  const file = demoParcels({ count: 1 }).replaceAll('Synthetic/', 'Next/').replaceAll('[0.0', '[0.2');
  const { recorded } = await land.preparer.client.ask<{ recorded: { baUnit: string }[] }>(
    '/parcels?office=1',
    {
      method: 'PUT',
      file: { bytes: new TextEncoder().encode(file), type: 'application/geo+json' },
    },
  );
  const holder = {
    ...{ numerator: '1', partyKind: 'person', signer: 'own' },
    ...{ keyHash: `0x${'00'.repeat(32)}`, party: { name: 'SYNTHETIC' } },
  };
  const right = {
    kind: 'ownership',
    standing: 'absolute',
    tenancy: 'sole',
    denominator: '1',
    holders: [holder],
  };
  const titles = [{ baUnit: recorded[0]?.baUnit, origin: 'legacy', evidence: 'public-document', right }];
  await land.record('/acts/registrations', { titles });
  const after = await auditor.ask<{ counts: { entries: number } }>('/ledger');
  expect(after.counts.entries).to.equal(before.counts.entries + 1);
}

/** What a client was told, looked for again in the gateway that was started after. */
class Afterwards {
  readonly lost: string[] = [];
  looked = 0;
  readonly #app: App;
  readonly #reopened: Reopened;
  readonly #seen: readonly AnswerSeen[];

  constructor(reopened: Reopened, seen: readonly AnswerSeen[]) {
    this.#reopened = reopened;
    this.#app = reopened.app;
    this.#seen = seen.filter(({ status }) => status < 300);
  }

  async look(): Promise<void> {
    for (const seen of this.#seen) {
      const told = JSON.parse(seen.text);
      if (seen.place === '/tokens') await this.#token(told.token);
      if (seen.place.startsWith('/parcels')) await this.#parcels(seen, told.recorded);
      if (/\/registrations\?/.test(seen.place) && seen.method === 'PUT') await this.#people(told.people);
      if (/^\/acts\/\w+-?\w+$/.test(seen.place)) await this.#act(told.id);
      if (seen.place.endsWith('/signatures')) await this.#signature(told.id, JSON.parse(seen.sent).part);
      if (seen.place.startsWith('/operations/')) await this.#final(told);
      for (const id of acceptedIn(seen.place, told)) await this.#accepted(id, seen.place);
      if (seen.place.startsWith('/redemptions/')) await this.#redemption(seen);
      if (seen.place.endsWith('/certificate')) this.#certificate(seen.text);
    }
  }

  async #token(token: string): Promise<void> {
    const { status } = await this.#app.ask('GET', `/operations/${NO_OPERATION}`, { token });
    this.#expect(status === 404, 'a token');
  }

  /** The same file again, as if it replaced nothing: what was recorded before has the ids it had, or ended. */
  async #parcels(
    { place, sent }: AnswerSeen,
    recorded: readonly { readonly feature: number; readonly baUnit: string }[],
  ): Promise<void> {
    const token = await this.#app.token('registrar', 1);
    const file = { text: sent, type: 'application/geo+json' };
    interface Survey {
      readonly recorded: readonly { readonly feature: number; readonly baUnit: string }[];
      readonly refused: readonly { readonly feature: number; readonly code: string }[];
    }
    const [everywhere] = place.split('&replacing=');
    const { body } = await this.#app.ask<Survey>('PUT', everywhere ?? place, { token, file });
    const ended = new Set(
      body.refused.filter(({ code }) => code === 'parcel-number-registered').map(({ feature }) => feature),
    );
    const units = new Map(body.recorded.map(({ feature, baUnit }) => [feature, baUnit]));
    for (const { feature, baUnit } of recorded) {
      this.#expect(ended.has(feature) || units.get(feature) === baUnit, `the parcel of feature ${feature}`);
    }
    const before = new Set(recorded.map(({ baUnit }) => baUnit));
    this.#expect(
      body.recorded.every(({ baUnit }) => before.has(baUnit)),
      'a parcel recorded twice',
    );
  }

  async #people(people: readonly { readonly personId: string }[]): Promise<void> {
    const token = await this.#app.token('agency', 2);
    for (const { personId } of people) {
      const headers = { 'X-Case-Reference': 'CASE-1' };
      const place = `/people/${personId}?purpose=eligibility`;
      const { body } = await this.#app.ask<{ records: { type: string }[] }>('GET', place, { token, headers });
      const isThere = body.records?.some(({ type }) => type === 'person') ?? false;
      this.#expect(isThere, 'a person');
    }
  }

  async #act(id: string): Promise<void> {
    const { status } = await this.#ask(`/acts/${id}`);
    this.#expect(status === 200, 'an act that was prepared');
  }

  async #signature(id: string, part: string): Promise<void> {
    const { body } = await this.#ask<{ missing: readonly string[] }>(`/acts/${id}`);
    this.#expect(!body.missing.includes(part), `a signature (${part})`);
  }

  async #final(operation: OperationTold): Promise<void> {
    if (!operation.isFinal) return;
    const { text } = await this.#ask(`/operations/${operation.id}`);
    this.#expect(text === JSON.stringify(operation), 'a final operation');
    for (const { entryId } of operation.entries) {
      const { status } = await this.#ask(`/entries/${entryId}`);
      this.#expect(status === 200, 'an entry');
    }
  }

  async #accepted(id: string, place: string): Promise<void> {
    const { body } = await this.#ask<OperationTold>(`/operations/${id}`, OPERATION_WAIT);
    this.#expect(body.isFinal === true, `an operation that ${place} accepted, now ${body.state}`);
  }

  async #redemption({ place, text }: AnswerSeen): Promise<void> {
    const token = await this.#app.token('agency', 2);
    this.#expect((await this.#app.ask('GET', place, { token })).text === text, 'a redemption');
  }

  #certificate(text: string): void {
    const { intact, anchored } = verifyCertificate(this.#reopened.trust, readCertificate(text));
    this.#expect(intact.verdict === 'yes' && anchored.verdict === 'yes', 'a certificate');
  }

  async #ask<T = unknown>(place: string, headers: Readonly<Record<string, string>> = {}) {
    const token = await this.#app.token('auditor', 0);
    return this.#app.ask<T>('GET', place, { token, headers });
  }

  #expect(isThere: boolean, what: string): void {
    this.looked++;
    if (!isThere) this.lost.push(what);
  }
}

const NO_OPERATION = '00000000-0000-4000-8000-000000000000';

/** Operations that an answer promises. */
function acceptedIn(
  place: string,
  told: { operation?: string | { id: string }; operations?: { id: string }[] },
) {
  if (place.startsWith('/operations/')) return [];
  const { operation, operations = [] } = told;
  const one = typeof operation === 'string' ? operation.split('/').at(-1) : operation?.id;
  return [...(one === undefined ? [] : [one]), ...operations.map(({ id }) => id)];
}
