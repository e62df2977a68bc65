/** `kudurru up`: the gateway as a process of its own, with this one's signals and exit code. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

const MAIN = fileURLToPath(new URL('../server/main.ts', import.meta.url));

interface Once {
  readonly acceptClock?: true;
  readonly buildOrder?: true;
}

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start the ledger and its gateway, and serve until stopped')
    .option('--accept-clock', "this machine's clock is right, though it is days after the newest block")
    .option(
      '--build-order',
      'the order of keys is built again from the rows: what a check found, and a start mends',
    )
    .addHelpText(
      'after',
      `
Settings are environment variables:
  PORT               where people and machines reach the gateway (8080)
  KUDURRU_DATA       folder of everything that is kept (./data)
  KUDURRU_FOUNDING   founding file, read once (founding.json in the data folder)
  KUDURRU_RPC_PORT   JSON-RPC for tools on this machine, 0 for none (8545)
  KUDURRU_NEW_LINK   1 prints another one-time link, if the administrator's token was lost
  KUDURRU_DEMO       1 on the ledger of a demonstration: everything says DEMO
  KUDURRU_KEY_TOKEN  label of the hardware token that opens the keys, with KUDURRU_KEY_TOKEN_MODULE, its PKCS#11 library,
                     and KUDURRU_KEY_TOKEN_PIN_FILE, a file of mode 0600 with its PIN
  KUDURRU_ACCEPT_KEYS_ON_DISK  1: the ledger is seated, and whoever copies the data and its keys may read every record
  KUDURRU_LOG        trace, debug, info, warn, error (info)
On a network, where this gateway founds nothing and keeps no chain; docs/operating.md says more:
  KUDURRU_NODES             its node, or several with commas between: http://localhost:8545
  KUDURRU_TRUST             the trust file of the ledger, obtained from the other members
  KUDURRU_INSTITUTION       the number of the member that keeps this gateway
  KUDURRU_NODE_CREDENTIALS  a file with one line for all nodes or one for each: Bearer TOKEN, or NAME:PASSWORD;
                            sent over https, or over http on this machine only
  KUDURRU_BLOCK_TIMEOUT     after how many seconds validators try again, as genesis says (10)
  KUDURRU_EMPTY_BLOCK_PERIOD  how many seconds apart blocks are that hold nothing (as often as others)
  KUDURRU_LINEAGE           certificates of other members, with commas between, for what the node no longer proves
  KUDURRU_SETTLED_BLOCK     once: the members have settled which of two blocks of this height counts
Any other setting that begins with KUDURRU_ is refused.`,
    )
    .action(async ({ acceptClock, buildOrder }: Once) => {
      const clock = acceptClock ? { KUDURRU_ACCEPT_CLOCK: '1' } : {};
      const order = buildOrder ? { KUDURRU_BUILD_ORDER: '1' } : {};
      process.exitCode = await runGateway(Object.assign({}, process.env, clock, order));
    });
}

/** What the gateway ends with when only another start goes on: its disk had failed and is back. */
const RESTART_EXIT = 75;
const PARENT_POLL_MS = 500;

/** Resolves to the gateway's exit code when it is over for good. */
async function runGateway(env: NodeJS.ProcessEnv): Promise<number> {
  let code = await runOnce(env);
  while (code === RESTART_EXIT) code = await runOnce(env);
  return code;
}

/** It ends with this process, however that ends: the channel between them closes. */
function runOnce(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, [MAIN], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, pass);
  const starter = process.ppid;
  const isBootstrapped = env.KUDURRU_STARTER === String(starter);
  const watch = setInterval(() => {
    if (isBootstrapped && process.ppid !== starter) child.kill('SIGTERM'); // it was killed before it could tell us
  }, PARENT_POLL_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      for (const each of signals) process.off(each, pass);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
