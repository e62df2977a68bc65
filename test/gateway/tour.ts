/** A tour of the README, typed as it is written: its blocks by their heading, in one shell, with what a reader has. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { within } from '../within.ts';
import { ENVIRONMENT } from './environment.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Some seventy commands, each a process of its own, on a machine that many share. */
export const TOUR_MS = 480_000;

/** What a section of the README, or of another page, has its reader type, block by block. */
export function blocksOf(title: string, page = 'README.md'): string[] {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  const section = text.split(/^## /m).find((one) => one.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^```\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

/** In one shell, from the checkout, with nothing in the environment but what a reader has. */
export async function typed(
  {
    home,
    gateway,
    rpc,
  }: { readonly home: string; readonly gateway: string | undefined; readonly rpc?: string },
  ...blocks: readonly string[]
): Promise<string> {
  const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', blocks.join('\n')], {
    cwd: ROOT,
    env: {
      ...ENVIRONMENT,
      ...{ HOME: home, KUDURRU_PASSPHRASE: 'seven lamps and a barge' },
      ...(gateway === undefined ? {} : { KUDURRU_GATEWAY: gateway }),
      ...(rpc === undefined ? {} : { RPC: rpc }),
    },
  });
  let [out, error] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const code = await within(TOUR_MS, 'the tour', ended).finally(() => child.kill('SIGKILL'));
  expect(code, `${out}\n${error}`).to.equal(0);
  return out;
}
