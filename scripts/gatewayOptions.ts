/** How a command reaches a gateway: its address and a token, as options or from the environment. */
import fs from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AnswerOptions, readText } from './answer.ts';
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
  const secret = fs.existsSync(token) ? readText(token, MAX_RECORD_BYTES).trim() : token;
  return new Client(rootOf(gateway), secret);
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
