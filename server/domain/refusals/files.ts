import type { RefusalRow } from './row.ts';

export const fileRefusals = {} as const satisfies Record<string, RefusalRow>;
