/**
 * The files that a validator's node is started from, for Besu 26.3 or newer, one folder a validator.
 *
 * Promises: pure; whoever has the members file and the genesis makes the same files; no key is in them. Each option is one of Besu's
 * own, spelled as its list of all options spells it. What is the same for all validators is said in one place, here.
 */
import type { Address } from '../server/domain/base/hex.ts';
import { type Members, placeOf, type Validator } from './members.ts';

/** Where the files lie on the validator's machine, and in a container. */
const SETTINGS = '/etc/kudurru-node';
const DATA = '/var/lib/kudurru-node';
/** Besu's own most; more than that only where there are more validators. */
const LEAST_PEERS = 25;
/** What a node says of itself, for this machine alone. */
const RPC_PORT = 8_545;
const METRICS_PORT = 9_545;

export interface NodeFolder {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/** One folder for each validator, named so that nobody takes another one's by mistake. */
export function nodeFolders(members: Members, genesis: string, founder?: Address): readonly NodeFolder[] {
  const accounts = founder === undefined ? members.accounts : [founder, ...members.accounts];
  return members.validators.map((one) => ({
    folder: folderOf(one),
    files: [
      { name: 'genesis.json', text: genesis },
      { name: 'config.toml', text: configOf(one, members) },
      { name: 'static-nodes.json', text: staticNodesOf(one, members) },
      { name: 'permissions.toml', text: permissionsOf(members, accounts) },
      { name: 'kudurru-node.service', text: UNIT },
      { name: 'compose.yaml', text: COMPOSE },
    ],
  }));
}

function folderOf({ institution, validator }: Validator): string {
  return `institution-${institution}-${validator.slice(2, 10)}`;
}

/** A node that is not named here is found by nobody, for discovery is off. */
function staticNodesOf({ validator }: Validator, { validators }: Members): string {
  const others = validators.filter((one) => one.validator !== validator).map(({ enode }) => enode);
  return `${JSON.stringify(others, undefined, 2)}\n`;
}

const listed = (items: readonly string[]) =>
  items.length === 0 ? '[]' : `[\n${items.map((one) => `  "${one}"`).join(',\n')}\n]`;

function permissionsOf({ validators }: Members, accounts: readonly Address[]): string {
  return `# Whom this node talks to, and whose transactions it takes. The same file at every validator.
# A node that is not listed is turned away, so a validator that joins is added here first, at all of them.
nodes-allowlist=${listed(validators.map(({ enode }) => enode))}

# The founder until the ledger is founded, then the relayers of each member's gateway: the line 'serving the ledger of a
# network' of its log names them. Who is not listed cannot send, whatever was signed; take the founder out afterwards. This guards
# the room in blocks, not the ledger: blocks of the other validators are judged by the contracts alone.
accounts-allowlist=${listed(accounts)}
`;
}

function configOf(own: Validator, { validators }: Members): string {
  const { host, port } = placeOf(own);
  return `# A validator of a network, for Besu 26.3 or newer.
# Validator ${own.validator} of institution ${own.institution}.

# ---- This validator ----------------------------------------------------------------
p2p-host="${host}"
p2p-port=${port}

# ---- The same at every validator ---------------------------------------------------
genesis-file="${SETTINGS}/genesis.json"
data-path="${DATA}"
# Made by 'kudurru network key' on this machine, readable by the user of the node alone.
node-private-key-file="${SETTINGS}/key"

# Peers: those of the two files and nobody else.
discovery-enabled=false
nat-method="NONE"
static-nodes-file="${SETTINGS}/static-nodes.json"
max-peers=${Math.max(LEAST_PEERS, 2 * validators.length)}
permissions-nodes-config-file-enabled=true
permissions-nodes-config-file="${SETTINGS}/permissions.toml"
permissions-accounts-config-file-enabled=true
permissions-accounts-config-file="${SETTINGS}/permissions.toml"

# Every block is executed here, and none is believed. Four validators have three peers each, so one is enough to begin.
sync-mode="FULL"
sync-min-peers=1

# How far back this node proves the state. A gateway keeps what it needs while it follows, so 512 blocks do for one that
# stays on. One that is started later, an auditor or a rebuilt member asks further back; then, on one node of each member:
#   more of it      bonsai-historical-block-limit=200000: two days of blocks each second. With sync-mode FULL what this
#                   asks for is kept anyway; a proof further back takes the node longer.
#   all of it       data-storage-format="FOREST", for a node that begins with an empty data folder: it keeps every state, and
#                   its disk grows by each of them. A format is chosen once; the other lines of this part are left out then.
data-storage-format="BONSAI"
bonsai-historical-block-limit=512
bonsai-limit-trie-logs-enabled=false

# Gas has no price on this ledger.
min-gas-price=0

# For the gateway of this machine. On another machine: TLS and credentials in front of it, and KUDURRU_NODE_CREDENTIALS.
rpc-http-enabled=true
rpc-http-host="127.0.0.1"
rpc-http-port=${RPC_PORT}
rpc-http-api=["ETH","NET","WEB3","DEBUG"]
host-allowlist=["localhost","127.0.0.1"]

# For Prometheus on this machine, with the alarms of deploy/prometheus/node.rules.yml.
metrics-enabled=true
metrics-host="127.0.0.1"
metrics-port=${METRICS_PORT}

logging="INFO"
`;
}

/** Besu ends with 143 where it was asked to. */
const UNIT = `# Copy to /etc/systemd/system/; the files beside it and the key to ${SETTINGS}, owned by the user kudurru-node.
[Unit]
Description=Validator of a Kudurru network (Besu)
Wants=network-online.target time-sync.target
After=network-online.target time-sync.target

[Service]
User=kudurru-node
Group=kudurru-node
Environment=BESU_OPTS=-Xmx4g
ExecStart=/opt/besu/bin/besu --config-file=${SETTINGS}/config.toml
Restart=on-failure
RestartSec=10
SuccessExitStatus=143
TimeoutStopSec=120
LimitNOFILE=65536
StateDirectory=kudurru-node
StateDirectoryMode=0700
UMask=0077
NoNewPrivileges=true
PrivateTmp=true
ProtectHome=true
ProtectSystem=strict

[Install]
WantedBy=multi-user.target
`;

/** Of the host's own network, so that the others reach it at the address that they know, and JSON-RPC stays on this machine. */
const COMPOSE = `# The same in a container: BESU_IMAGE names the image that the members agreed on, by its digest; NODE_USER is 'uid:gid'
# of the owner of the key and of the data folder.
services:
  validator:
    image: "\${BESU_IMAGE:?names an image of Besu 26.3 or newer}"
    command: ["--config-file=${SETTINGS}/config.toml"]
    user: "\${NODE_USER:?is uid:gid of the owner of the key}"
    network_mode: host
    restart: unless-stopped
    stop_grace_period: 2m
    environment:
      BESU_OPTS: "-Xmx4g"
    ulimits:
      nofile: 65536
    volumes:
      - "./:${SETTINGS}:ro"
      - "${DATA}:${DATA}"
`;
