/** The ready-made alarms of deploy/, held against the page that a monitor reads. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const RULES = path.resolve(import.meta.dirname, '../../deploy/prometheus/kudurru.rules.yml');

export interface Alarm {
  readonly name: string;
  readonly metric: string;
  readonly is: (value: number) => boolean;
}

export const ALARMS = alarmsIn(readFileSync(RULES, 'utf8'));

/** The file's own narrow form: one comparison of one series with a number. */
function alarmsIn(text: string): readonly Alarm[] {
  const rules = [...text.matchAll(/- alert: (\w+)\n\s+expr: (.+)\n/g)];
  return rules.map(([, name = '', expr = '']) => {
    const [, metric = '', sign = '', number = ''] = /^(\S+) (==|>) (\d+)$/.exec(expr) ?? [];
    if (metric === '') throw new Error(`${name} is no comparison`);
    const bound = Number(number);
    return { name, metric, is: (value) => (sign === '==' ? value === bound : value > bound) };
  });
}

/** Those whose condition is true of a gateway now; of one that does not answer, a monitor knows that alone. */
export async function firingAt(url: string): Promise<readonly string[]> {
  const page = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    () => undefined,
  );
  const series = new Map<string, number>([['up{job="kudurru"}', page === undefined ? 0 : 1]]);
  for (const line of page?.split('\n') ?? []) {
    const [, name = '', value = ''] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    series.set(name, Number(value));
  }
  return ALARMS.filter(({ metric, is }) => is(series.get(metric) ?? Number.NaN)).map(({ name }) => name);
}
