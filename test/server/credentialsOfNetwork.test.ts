/** A gateway whose node asks for credentials, over HTTP, and lets nobody in without them. */
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { pause } from '../../server/ledger/provider.ts';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { registerUnits } from '../gateway/transfers.ts';

const SUITE_MS = 180_000;
/** Far below what an address may ask in a minute. */
const READY_EVERY_MS = 200;
const TOKENS = ['eyJhbGciOiJIUzI1NiJ9.Zmlyc3Q.c2lnbmVk', 'eyJhbGciOiJIUzI1NiJ9.c2Vjb25k.c2lnbmVk'] as const;
const BASIC = 'member-two:a-secret-of-the-node';

describe('a gateway over a node that asks who it is', function () {
  this.timeout(SUITE_MS);
  let keeper: App;
  let server: Server;
  let guest: App | undefined;
  let url: string;
  let credentialsFile: string;
  let wanted: string = `Bearer ${TOKENS[0]}`;
  let [letIn, turnedAway] = [0, 0];
  before(async () => {
    const rpcPort = await freePort();
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    server = createServer(async (request, response) => {
      const body = await text(request);
      if (request.headers.authorization !== wanted) {
        turnedAway++;
        response.writeHead(401).end();
        return;
      }
      letIn++;
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(`http://127.0.0.1:${rpcPort}`, { method: 'POST', headers, body });
      response.writeHead(answer.status, headers).end(await answer.text());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    credentialsFile = path.join(keeper.folder, 'credentials');
    writeFileSync(credentialsFile, `${wanted}\n`);
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
    server?.closeAllConnections();
    server?.close();
  });

  const start = () =>
    startApp({
      ...(guest && { folder: guest.folder }),
      network: { nodes: url, trustFile: path.join(keeper.folder, 'data', 'trust.json'), institution: 1 },
      env: { KUDURRU_NODE_CREDENTIALS: credentialsFile, KUDURRU_LOG: 'trace' },
    });
  const requireSilent = (app: App) => {
    for (const secret of [...TOKENS, BASIC, Buffer.from(BASIC).toString('base64')]) {
      expect(app.logged()).not.to.include(secret);
    }
  };

  it('sends them with every request, and the next ones as soon as the file has them', async () => {
    guest = await start();
    expect(turnedAway).to.equal(0);
    wanted = `Bearer ${TOKENS[1]}`;
    writeFileSync(credentialsFile, wanted);
    expect(await registerUnits(guest, 1)).to.have.length(1);
    expect(turnedAway, 'what was under way').to.be.at.most(10);
    expect(letIn).to.be.greaterThan(20);
    requireSilent(guest);
  });

  it('says that the node does not serve where they are no good, and nowhere what they were', async () => {
    wanted = 'Bearer of-somebody-else';
    let reason: string | undefined;
    for (const sinceMs = performance.now(); performance.now() - sinceMs < 60_000; ) {
      const { body } = await (guest as App).ask<{ ready: boolean; reason?: string }>('GET', '/health/ready');
      expect(JSON.stringify(body)).not.to.include(TOKENS[1]);
      reason = body.reason;
      if (!body.ready) break;
      await pause(READY_EVERY_MS);
    }
    expect(reason).to.match(/answers 401: .* KUDURRU_NODE_CREDENTIALS/);
    expect(turnedAway).to.be.greaterThan(0);
    requireSilent(guest as App);
  });

  it('sends a name and its password as the node wants them', async () => {
    await guest?.stop();
    expect(await start().catch(String)).to.match(
      /cannot start \(node-lets-nobody-in\): The node answers 401/,
    );
    wanted = `Basic ${Buffer.from(BASIC).toString('base64')}`;
    writeFileSync(credentialsFile, BASIC);
    turnedAway = 0;
    guest = await start();
    expect(turnedAway).to.equal(0);
    requireSilent(guest);
  });
});
