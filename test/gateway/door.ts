/** A door before a node, which lets in whoever shows what it wants, and asks for that with each request. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Door {
  readonly url: string;
  /** Requests that came without it. */
  refused(): number;
  close(): void;
}

export async function doorBefore(behind: string, wanted: string): Promise<Door> {
  let refused = 0;
  const door = createServer((request, response) => {
    if (request.headers.authorization !== wanted) {
      refused++;
      response.writeHead(401).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(behind, { method: 'POST', headers, body: Buffer.concat(chunks) });
      response.writeHead(200, headers).end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
    refused: () => refused,
    close: () => door.close(),
  };
}
