/**
 * Loaded into a demonstration before anything else (`--import`): writes down every answer its client gets, the moment it
 * has it, and kills the gateway some time after one of them. What is not in this list was never acknowledged.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const { ANSWERS_FOLDER = '', KILL_AFTER_ANSWERS, KILL_AFTER_MS } = process.env;
const file = path.join(ANSWERS_FOLDER, 'answers');
const pidFile = path.join(ANSWERS_FOLDER, 'gateway');

export interface AnswerSeen {
  readonly method: string;
  readonly place: string;
  readonly sent: string;
  readonly status: number;
  readonly text: string;
}

if (process.argv[1]?.endsWith('server/main.ts')) {
  writeFileSync(pidFile, String(process.pid));
  if (KILL_AFTER_ANSWERS === '0') setTimeout(kill, Number(KILL_AFTER_MS));
} else {
  const ask = globalThis.fetch;
  let seen = 0;
  globalThis.fetch = async (input, order) => {
    const answer = await ask(input, order);
    const text = await answer.clone().text();
    const { pathname, search } = new URL(String(input));
    const { body, method = 'GET' } = order ?? {};
    const sent = typeof body === 'string' ? body : Buffer.from((body as Uint8Array | null) ?? []).toString();
    const line: AnswerSeen = { method, place: `${pathname}${search}`, sent, status: answer.status, text };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    if (++seen === Number(KILL_AFTER_ANSWERS)) setTimeout(kill, Number(KILL_AFTER_MS));
    return answer;
  };
}

function kill(): void {
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
}
