/**
 * `kudurru network deploy`: `npm run deploy` on a node that asks for credentials, which Hardhat has no place for.
 *
 * Promises: the credentials leave this machine only for that node, as of every other command; what listens meanwhile is reached from this
 * machine alone, by an address that nobody guesses, and is gone when the command ends.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Address } from '../server/domain/base/hex.ts';
import { type AnswerOptions, answer, NotUnderstood } from './answer.ts';
import { type AskedNode, askedNode, CREDENTIALS_OPTION } from './nodeCredentials.ts';
import { address, nodeUrl } from './options.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const HARDHAT = path.join(ROOT, 'node_modules/hardhat/dist/src/cli.js');
const DEPLOY = ['ignition', 'deploy', 'deploy/modules/Kudurru.ts', '--network', 'ledger'];

interface DeployOptions extends AnswerOptions {
  readonly rpc: string;
  readonly credentials?: string;
  readonly genesis?: string;
  readonly founding: string;
  readonly charter: Address;
  readonly yes?: boolean;
}

export function addDeploy(network: Command): void {
  network
    .command('deploy')
    .description('founds the ledger of a network over a node, once `network check` has nothing against it')
    .requiredOption('--rpc <url>', 'the own node, such as http://localhost:8545', nodeUrl)
    .option(...CREDENTIALS_OPTION)
    .option(
      '--genesis <file>',
      'the file that the node was started from: its chain and its block 0 are held against it',
    )
    .requiredOption('--founding <file>', 'the founding file of the ledger')
    .requiredOption('--charter <address>', 'where the genesis holds the Charter', address)
    .option('--yes', 'do not ask before the first transaction')
    .option('--json', 'answer as JSON')
    .addHelpText(
      'after',
      '\nThe founder’s key is read from KUDURRU_FOUNDER_KEY. Exit code 1 where it was refused or broken off: run it again as it was.',
    )
    .action((options: DeployOptions) =>
      answer(
        options,
        async () => {
          const code = await deploy(options);
          if (code !== 0) process.exitCode = 1;
          return { deployed: code === 0 };
        },
        ({ deployed }) => (deployed ? 'the ledger is founded' : 'NOT FOUNDED: what stands above says why'),
      ),
    );
}

async function deploy({ rpc, credentials, genesis, founding, charter, yes }: DeployOptions): Promise<number> {
  if (process.env.KUDURRU_FOUNDER_KEY === undefined)
    throw new NotUnderstood('KUDURRU_FOUNDER_KEY is missing: the private key of the account that deploys.');
  for (const file of [genesis, founding]) if (file !== undefined) fs.accessSync(file);
  const door = await openDoor(askedNode(rpc, credentials));
  try {
    const child = spawn(process.execPath, [HARDHAT, ...DEPLOY], {
      cwd: ROOT,
      // What Hardhat says is for a person; standard output is the answer's.
      stdio: ['inherit', process.stderr, process.stderr],
      env: Object.assign({}, process.env, {
        KUDURRU_RPC_URL: door.url,
        ...(genesis !== undefined && { KUDURRU_GENESIS: path.resolve(genesis) }),
        KUDURRU_FOUNDING: path.resolve(founding),
        KUDURRU_CHARTER: charter,
        ...(yes && { HARDHAT_IGNITION_CONFIRM_DEPLOYMENT: 'false' }),
      }),
    });
    const [code] = await once(child, 'close');
    return Number(code ?? 1);
  } finally {
    door.server.closeAllConnections();
    door.server.close();
  }
}

interface Door {
  readonly url: string;
  readonly server: Server;
}

/** The credentials are read for each request, as a gateway reads them. */
async function openDoor({ url, authorization }: AskedNode): Promise<Door> {
  const way = `/${randomBytes(16).toString('hex')}`;
  const server = createServer(async (request, response) => {
    if (request.url !== way || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    try {
      const headers = {
        'content-type': 'application/json',
        ...(authorization && { authorization: authorization() }),
      };
      const body = new Uint8Array(await buffer(request));
      const told = await fetch(url, { method: 'POST', redirect: 'error', headers, body });
      const text = await told.text();
      response.writeHead(told.status, { 'content-type': 'application/json' }).end(text);
    } catch {
      response.writeHead(502).end(); // the node is away: Hardhat asks again, or ends
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${way}`, server };
}
