/** How a command reaches a gateway: its address and a token, as options or from the environment. */
import fs from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AnswerOptions, NotUnderstood, readText } from './answer.ts';
import { Client } from './client.ts';

/** Of a command that a token has no part in. */
export interface GatewayUrlOptions extends AnswerOptions {
  readonly gateway: string;
}

export interface GatewayOptions extends GatewayUrlOptions {
  readonly token: string;
}

/** Many times what a token or a public record has. */
export const MAX_RECORD_BYTES = 65_536;

export function clientOf({ gateway, token }: GatewayOptions): Client {
  return new Client(rootOf(gateway), secretOf(token));
}

/** How every secret of a gateway begins; whatever else is typed was meant as a file. */
const SECRET = /^kudurru_/;

function secretOf(token: string): string {
  if (fs.existsSync(token)) return readText(token, MAX_RECORD_BYTES).trim();
  if (SECRET.test(token)) return token;
  throw new NotUnderstood(`${token} is not there: --token is a file with a token, or the token itself.`);
}

/** Of whoever has no token: what is asked is proved by a key, or is for everybody. */
export function strangerTo({ gateway }: GatewayUrlOptions): Client {
  return new Client(rootOf(gateway));
}

const rootOf = (gateway: string): string => gateway.replace(/\/$/, '');

export function withGateway(command: Command, isTokenNeeded = true): Command {
  return withGatewayUrl(command).addOption(
    new Option('--token <token>', 'a token of the role that the command is for, or a file with it')
      .env('KUDURRU_TOKEN')
      .makeOptionMandatory(isTokenNeeded),
  );
}

export function withGatewayUrl(command: Command): Command {
  return command
    .addOption(
      new Option('--gateway <url>', 'where the gateway is')
        .env('KUDURRU_GATEWAY')
        .default('http://localhost:8080'),
    )
    .option('--json', 'answer as JSON');
}

export function whole(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('A whole number.');
  return Number(text);
}

/** Of an option that may be given several times. */
export function gathered(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
