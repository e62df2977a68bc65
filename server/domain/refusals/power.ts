import type { RefusalRow } from './row.ts';

export const powerRefusals = {} as const satisfies Record<string, RefusalRow>;
