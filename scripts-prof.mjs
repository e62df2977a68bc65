import fs from 'node:fs'; import path from 'node:path'; import solc from 'solc';
// build sourcemap for LandRegistry
const f='contracts/LandRegistry.sol';
const input={language:'Solidity',sources:{[f]:{content:fs.readFileSync(f,'utf8')}},settings:{evmVersion:'osaka',viaIR:true,optimizer:{enabled:true,runs:200},outputSelection:{[f]:{LandRegistry:['evm.deployedBytecode']},'*':{'':['ast']}}}};
const srcs={[f]:input.sources[f].content};
const imp=p=>{const q=fs.existsSync(p)?p:path.join('node_modules',p);if(!fs.existsSync(q))return{error:'nf'};const c=fs.readFileSync(q,'utf8');srcs[p]=c;return{contents:c}};
const o=JSON.parse(solc.compile(JSON.stringify(input),{import:imp}));
const d=o.contracts[f].LandRegistry.evm.deployedBytecode;
const ids={};for(const [n,s] of Object.entries(o.sources))ids[s.id]=n;
fs.writeFileSync('/tmp/prof.json',JSON.stringify({code:d.object,map:d.sourceMap,ids,srcs,gen:d.generatedSources}));
console.log(d.object.length/2);
