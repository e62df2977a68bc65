/** How a command reaches a gateway: its address and a token, as options or from the environment. */
import fs from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AnswerOptions, readText } from './answer.ts';
import { Client } from './client.ts';

export interface GatewayOptions extends AnswerOptions {
  readonly gateway: string;
  readonly token: string;
}

/** Many times what a token or a public record has. */
export const MAX_RECORD_BYTES = 65_536;

export function clientOf({ gateway, token }: GatewayOptions): Client {
  const secret = fs.existsSync(token) ? readText(token, MAX_RECORD_BYTES).trim() : token;
  return new Client(gateway.replace(/\/$/, ''), secret);
}

export function withGateway(command: Command, isTokenNeeded = true): Command {
  return command
    .addOption(
      new Option('--gateway <url>', 'where the gateway is')
        .env('KUDURRU_GATEWAY')
        .default('http://localhost:8080'),
    )
    .addOption(
      new Option('--token <token>', 'a token of the role that the command is for, or a file with it')
        .env('KUDURRU_TOKEN')
        .makeOptionMandatory(isTokenNeeded),
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
