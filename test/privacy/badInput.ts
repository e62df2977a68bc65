/**
 * Bad input for every operation of the published description, with something personal in each place where a person
 * can put something: path, query, headers, names and values of a body, lines of a file, and text that is no JSON at all.
 */
import type { Role } from '../../server/http/route.ts';
import type { Marks } from './marked.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Described {
  readonly 'x-roles': readonly Role[];
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

export interface BadRequest {
  readonly name: string;
  readonly method: string;
  readonly place: string;
  /** Undefined for what anybody may ask. */
  readonly role: Role | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly file?: { readonly text: string; readonly type: string };
}

const SOME_ID = `0x${'5a'.repeat(32)}`;
const SOME_UUID = '00000000-0000-4000-8000-00000000005a';

/** So many of each sort go round: who looks for them must not look for ten thousand. */
const VALUES = 24;

export class BadInput {
  readonly #names: readonly string[];
  readonly #words: readonly string[];
  readonly #numbers: readonly string[];
  #turn = 0;

  constructor(mark: Marks) {
    const some = (make: () => string) => Array.from({ length: VALUES }, make);
    this.#names = some(() => mark.name());
    this.#words = some(() => `${mark.word()} ${mark.word()}`);
    this.#numbers = some(() => mark.id().replaceAll(/\D/g, '').padStart(14, '8'));
  }

  /** Everything personal that is put anywhere. */
  get values(): readonly string[] {
    return [...this.#names, ...this.#words, ...this.#numbers];
  }

  *requests({ paths }: Description): Generator<BadRequest> {
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, described] of Object.entries(methods)) {
        for (const bad of this.#ofOperation(path, described)) {
          yield { headers: {}, ...bad, method: method.toUpperCase(), role: described['x-roles'][0] };
        }
      }
    }
  }

  *#ofOperation(path: string, { parameters = [], requestBody }: Described) {
    const place = path.replaceAll(/\{(\w+)\}/g, (_, name) => GOOD[name] ?? SOME_ID);
    const files = Object.entries(requestBody?.content ?? {});
    const [[type, content] = []] = files;
    const good = type === undefined ? {} : { file: { text: '{}', type } };
    if (path.includes('{')) {
      const marked = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(this.#name()));
      yield { name: `path of ${path}`, place: marked, ...good };
    }
    const asked = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    const query = [...asked, this.#name()].map((name): [string, string] => [name, this.#name()]);
    yield { name: `query of ${path}`, place: `${place}?${new URLSearchParams(query)}`, ...good };
    for (const headers of this.#headers()) {
      yield { name: `${Object.keys(headers)} of ${path}`, place, headers, ...good };
    }
    if (type === undefined || content === undefined) return;
    const bodies =
      type === 'application/json' && content.schema.type !== 'string' ? this.#bodies(content.schema) : [];
    for (const text of [...bodies, ...this.#texts()]) {
      yield { name: `body of ${path}`, place: `${place}?office=1`, file: { text, type } };
    }
  }

  *#headers(): Generator<Record<string, string>> {
    yield { 'Idempotency-Key': this.#ascii() };
    yield { 'X-Case-Reference': this.#ascii() };
    yield { Authorization: `Bearer ${this.#ascii().replaceAll(/\W/g, '')}` };
    yield { Authorization: this.#ascii(), Prefer: `wait=${this.#ascii()}` };
    yield { 'Content-Type': `text/${this.#ascii().replaceAll(/\W/g, '')}`, 'X-Forwarded-For': this.#ascii() };
  }

  /** Of the right shape but for what is marked: every text, every number, a field more in every object. */
  *#bodies(schema: Schema): Generator<string> {
    const { instance } = this;
    yield JSON.stringify(instance(schema, { text: () => this.#name() }));
    yield JSON.stringify(instance(schema, { number: () => Number(this.#number()) }));
    yield JSON.stringify(instance(schema, { more: () => this.#name() }));
    const [name, value] = [this.#name(), this.#name()];
    yield JSON.stringify(instance(schema, {})).replace('{', `{"${name}":"${value}","${name}":"${value}",`);
    yield JSON.stringify(instance(schema, {})).replace('{', `{"__proto__":{"${this.#name()}":1},`);
  }

  /** What no reader of any body or file takes. */
  *#texts(): Generator<string> {
    const name = () => this.#name();
    yield `{"${name()}":"${name()}"`;
    yield `{"${name()}":"${name()}\\ud800"}`;
    yield name();
    yield `${'['.repeat(40)}"${name()}"${']'.repeat(40)}`;
    yield `"${name()}" ${name()}`;
    yield `${name()};${name()}\r\n${name()};${name()}\r\n`;
    yield `personId,units\r\n${name()},${name()}\r\n"${name()}\r\n`;
    yield `nationalId;totalHHSize;fullName\r\n${name()};${name()};${name()}\r\n`;
    const feature = `{"type":"Feature","properties":{"parcel_no":"${name()}","${name()}":{"${name()}":"${name()}"}}`;
    yield `{"type":"FeatureCollection","features":[${feature},"geometry":{"type":"${name()}"}}]}`;
    yield `{"type":"FeatureCollection","features":[${feature}]}`;
    yield `{"type":"${name()}","features":["${name()}"],"crs":"${name()}"}`;
  }

  readonly instance = (
    schema: Schema,
    marked: { text?: () => string; number?: () => number; more?: () => string },
  ): unknown => {
    const within = (one: Schema) => this.instance(one, marked);
    const [choice] = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
    if (choice !== undefined) return within(choice);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return marked.text?.() ?? schema.enum.at(-1);
    switch (schema.type) {
      case 'object': {
        const fields = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, within(one)]);
        return Object.fromEntries(
          marked.more === undefined ? fields : [...fields, [marked.more(), marked.more()]],
        );
      }
      case 'array':
        return Array.from({ length: Math.max(schema.minItems ?? 1, 1) }, () => within(schema.items ?? {}));
      case 'string':
        return marked.text?.() ?? textLike(schema.pattern ?? '');
      case 'integer':
      case 'number':
        return marked.number?.() ?? 1;
      case 'boolean':
        return true;
      default:
        return null;
    }
  };

  #name(): string {
    return this.#next(this.#names);
  }

  /** A header holds no other letters. */
  #ascii(): string {
    return this.#next(this.#words);
  }

  #number(): string {
    return this.#next(this.#numbers);
  }

  #next(values: readonly string[]): string {
    return values[this.#turn++ % VALUES] ?? '';
  }
}

/** A path only has to be found; nothing of it is there. */
const GOOD: Readonly<Record<string, string>> = { id: SOME_UUID, cycle: '1', epoch: '1', index: '0' };

/** Something that a pattern of ours lets in. */
function textLike(pattern: string): string {
  const [, digits] = /^\^0x\[0-9a-f\]\{(\d+)\}\$$/.exec(pattern) ?? [];
  if (digits !== undefined) return `0x${'5a'.repeat(Number(digits) / 2)}`;
  return pattern.startsWith('^0x') ? `0x${'5a'.repeat(64)}` : '1';
}
