// uncommitted
import solc from 'solc';
import fs from 'node:fs'; import path from 'node:path';
const files = process.argv.slice(2);
const sources = Object.fromEntries(files.map(f=>[f,{content:fs.readFileSync(f,'utf8')}]));
const input={language:'Solidity',sources,settings:{evmVersion:'osaka',viaIR:true,optimizer:{enabled:true,runs:200},outputSelection:{'*':{'*':['evm.deployedBytecode.object','evm.bytecode.object']}}}};
const imp=p=>{const q=fs.existsSync(p)?p:path.join('node_modules',p);return fs.existsSync(q)?{contents:fs.readFileSync(q,'utf8')}:{error:'nf '+p}};
const t=Date.now();
const o=JSON.parse(solc.compile(JSON.stringify(input),{import:imp}));
for(const e of o.errors??[])console.log(e.formattedMessage);
for(const [f,cs] of Object.entries(o.contracts??{}))for(const [n,c] of Object.entries(cs))if(c.evm.deployedBytecode.object)console.log(n,c.evm.deployedBytecode.object.length/2,c.evm.bytecode.object.length/2);
console.log((Date.now()-t)/1000,'s');
