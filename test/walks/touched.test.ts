/**
 * How many files of the server one registration runs through: what somebody must know who follows it.
 *
 * The gateway runs with its debugger open, and the engine itself counts which functions run between the request that
 * prepares a title and the answer that it is final; what a timer runs while nobody asks anything is not counted.
 * `npm test -- --only walks --grep "runs through"` prints the figure.
 */

import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { demoParcels } from '../../scripts/demoData.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { type App, headOf, OFFICERS, startApp } from '../gateway/app.ts';

/** Measured; a change that needs one more file says why it must: 104 with whose objects a route reaches, what an act carries, how many there are of it, and keys that holders show; 124 with the following of the chain in a file of its own; 132 with rows sealed, a session, and the order of keys in pages; 133 with the moments at which rows are read, when a reading falls into it. */
const FILES_MAX = 133;

/** Longer than any timer of the gateway that fires by the second. */
const IDLE_MS = 3_000;

const SERVER = `${pathToFileURL(path.resolve(import.meta.dirname, '../../server')).href}/`;

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    readonly ranges: readonly { readonly count: number; readonly startOffset: number }[];
  }[];
}

/** One command after another to the process's own debugger. */
class Debugger {
  readonly #socket: WebSocket;
  #number = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(app: App): Promise<Debugger> {
    const [, url = ''] = /Debugger listening on (ws:\S+)/.exec(app.logged()) ?? [];
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    return new Debugger(socket);
  }

  ask<T>(method: string, params: object = {}): Promise<T> {
    this.#number += 1;
    const id = this.#number;
    return new Promise((resolve) => {
      const hear = ({ data }: MessageEvent) => {
        const answer = JSON.parse(String(data));
        if (answer.id !== id) return;
        this.#socket.removeEventListener('message', hear);
        resolve(answer.result);
      };
      this.#socket.addEventListener('message', hear);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
  }
}

describe('one registration', function () {
  this.timeout(120_000);
  let app: App;

  before(async () => {
    app = await startApp({ env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' } });
  });
  after(() => app?.remove());

  it(`runs through at most ${FILES_MAX} files of the server`, async () => {
    const token = await app.token('registrar', 1);
    await app.token('registrar', 1, 'second');
    const file = { text: demoParcels({ count: 1 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      token,
      file,
    });
    const [{ baUnit }] = survey.body.recorded as [{ baUnit: string }];
    const holder = {
      ...{ numerator: '1', partyKind: 'person', signer: 'own' },
      ...{ keyHash: ZERO_32, party: { name: 'Synthetic Holder' } },
    };
    const right = {
      kind: 'ownership',
      standing: 'absolute',
      tenancy: 'sole',
      denominator: '1',
      holders: [holder],
    };
    const title = { baUnit, origin: 'legacy', evidence: 'public-document', right };
    const inspector = await Debugger.open(app);
    await inspector.ask('Profiler.enable');
    await inspector.ask('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await inspector.ask('Profiler.takePreciseCoverage');
    await setTimeout(IDLE_MS);
    const idle = await functionsRun(inspector);
    await app.act('registrar', '/acts/registrations', { head: headOf(OFFICERS.preparer), titles: [title] });
    const run = await functionsRun(inspector);
    inspector.close();
    const ofAct = [...run].filter((one) => !idle.has(one)).map((one) => one.split('#')[0] ?? one);
    const files = [...new Set(ofAct)].toSorted();
    console.log(`      one registration | ${files.length} files of the server run`);
    if (process.env.KUDURRU_LIST === '1') console.log(files.join('\n'));
    expect(files.length).to.be.within(1, FILES_MAX);
  });
});

/** Functions of the server that ran since the last look, as `file#function@offset`. */
async function functionsRun(inspector: Debugger): Promise<ReadonlySet<string>> {
  const { result } = await inspector.ask<{ result: readonly ScriptCoverage[] }>(
    'Profiler.takePreciseCoverage',
  );
  const ofServer = result.filter(({ url }) => url.startsWith(SERVER));
  return new Set(
    ofServer.flatMap(({ url, functions }) =>
      functions
        .filter(ran)
        .map(
          ({ functionName, ranges: [at] }) =>
            `${url.slice(SERVER.length)}#${functionName}@${at?.startOffset}`,
        ),
    ),
  );
}

/** A function with a name: what runs when a file is loaded has none. */
function ran({ functionName, ranges }: ScriptCoverage['functions'][number]): boolean {
  return functionName !== '' && ranges.some(({ count }) => count > 0);
}
