/** The fields of an act as the signer writes them, a line each, which whoever signs reads below the sentence. */
import { element, english, type Voice } from './dom.ts';

export function actFields(voice: Voice, fields: readonly string[], isOpen: boolean): HTMLElement {
  return element(
    'details',
    { open: isOpen },
    element('summary', {}, voice.said('act.fields', { count: fields.length })),
    element('ul', { class: 'fields', lang: 'en', dir: 'ltr' }, ...fields.map(fieldLine)),
  );
}

/** Deeper fields stand further in, for eyes; the order says the rest. */
function fieldLine(line: string): HTMLElement {
  const depth = /^ */.exec(line)?.[0].length ?? 0;
  const made = english(line.trim(), 'li');
  made.className = `depth-${Math.min(4, Math.floor(depth / 2))}`;
  return made;
}
