/**
 * What a monitoring system scrapes: how the ledger stands and how requests are answered.
 *
 * Promises: no label holds anything a person sent, and each takes its values from a fixed set (templates of routes,
 * status codes, codes of the catalogue), so the page stays small whatever is asked of the gateway.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestNote } from './app.ts';
import type { Standing } from './pages.ts';

/** Seconds: from a read out of the views to a write that waits for its block. */
const BUCKETS_SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 30];

export interface Metrics {
  /** Counts one answered request. */
  note(note: RequestNote): void;
  /** The page in the Prometheus text format. */
  page(standing: Standing): Promise<string>;
}

export function openMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const answers = new Histogram({
    name: 'kudurru_http_seconds',
    help: 'Time to an answer, by the template of its route and its status',
    labelNames: ['route', 'status'] as const,
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const refused = new Counter({
    name: 'kudurru_refusals_total',
    help: 'Refusals, by code of the catalogue',
    labelNames: ['code'] as const,
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name: `kudurru_${name}`, help, registers });
  const height = gauge('block_number', 'The last final block');
  const age = gauge('block_age_seconds', 'Age of the last final block; missing before the first');
  const titles = gauge('titles', 'Titles in force');
  const entitlements = gauge('entitlements', 'People enrolled in programmes');
  const entries = gauge('entries', 'Entries recorded');
  const queued = gauge('operations_queued', 'Operations accepted and not final');
  const waits = gauge(
    'operation_waits_seconds',
    'How long the oldest operation that is not final has waited; 0 where none does',
  );
  const sound = gauge('ledger_sound', '1 while everything followed holds, else 0');
  const ready = gauge('ready', '1 while a write would succeed, else 0');
  const overdue = gauge(
    'roots_overdue',
    'Institutions whose recorder is behind with the root of the access log',
  );
  const network = {
    nodes: gauge('nodes', 'Nodes of the network that the settings name; 0 over a chain in this process'),
    unreachable: gauge('nodes_unreachable', 'Nodes that did not answer when they were asked last'),
    incidents: gauge('incidents_open', 'Heights with two final blocks that nobody has settled'),
    trouble: new Gauge({
      name: 'kudurru_nodes_trouble',
      help: 'Why the nodes do not serve, by code of the catalogue: 1, or missing',
      labelNames: ['code'] as const,
      registers,
    }),
  };
  return {
    note({ route, status, milliseconds, code }) {
      answers.observe({ route, status: String(status) }, milliseconds / 1000);
      if (code !== undefined) refused.inc({ code });
    },
    async page(standing) {
      height.set(Number(standing.blockNumber));
      if (standing.blockAgeSeconds !== undefined) age.set(standing.blockAgeSeconds);
      titles.set(standing.titles);
      entitlements.set(standing.entitlements);
      entries.set(standing.entries);
      queued.set(standing.queued);
      waits.set(standing.waitsSeconds ?? 0);
      sound.set(standing.unsound === undefined ? 1 : 0);
      ready.set(standing.isReady ? 1 : 0);
      overdue.set(standing.rootsOverdue);
      network.nodes.set(standing.network?.nodes ?? 0);
      network.unreachable.set(standing.network?.unreachable ?? 0);
      network.incidents.set(standing.network?.incidents ?? 0);
      network.trouble.reset();
      if (standing.network?.trouble !== undefined) network.trouble.set({ code: standing.network.trouble }, 1);
      return registry.metrics();
    },
  };
}
