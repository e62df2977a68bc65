import fs from 'node:fs';
const P=JSON.parse(fs.readFileSync('/tmp/prof.json','utf8'));
const code=Buffer.from(P.code.replace(/__\$.{34}\$__/g,'0'.repeat(40)),'hex');
const pc2i:Record<number,number>={};let i=0;for(let pc=0;pc<code.length;pc++,i++){pc2i[pc]=i;const op=code[pc];if(op>=0x60&&op<=0x7f)pc+=op-0x5f;}
const maps:any[]=[];let cur=[0,0,0,'-'];for(const e of P.map.split(';')){const p=e.split(':');cur=[p[0]?+p[0]:cur[0],p[1]?+p[1]:cur[1],p[2]?+p[2]:cur[2],p[3]||cur[3]];maps.push(cur);}
const fnOf=(id:number,s:number)=>{const n=P.ids[id];if(!n)return 'gen'+id;const src=P.srcs[n].slice(0,s);const m=[...src.matchAll(/function (\w+)|^contract (\w+)|^library (\w+)/gm)].pop();const line=src.split('\n').length;return n.split('/').pop()+':'+(m?(m[1]??('{'+(m[2]??m[3])+'}')):'?')};
export function profile(logs:any[]){
 {const h:Record<string,[number,number,string]>={};for(let k=0;k<logs.length-1;k++){const l=logs[k];if(l.depth!==1)continue;const m=maps[pc2i[l.pc]]??[0,0,-1];const n=P.ids[m[2]]??'gen';if(!(n.includes('LandActs')||(n.includes('LandRegistry')&&m[1]>1500)))continue;if(logs[k+1].depth>1)continue;const c=l.gas-logs[k+1].gas;const e=h[l.pc]??=[0,0,l.op];e[0]++;e[1]+=c;}
 const byc:Record<number,[number,number,number]>={};for(const [pc,[n,c]] of Object.entries(h)){const e=byc[n]??=[0,0,+pc];e[0]+=c;e[1]++;e[2]=Math.min(e[2],+pc)}console.log(Object.entries(byc).sort((a,b)=>b[1][0]-a[1][0]).slice(0,25).map(([n,e])=>`execs ${n}: gas ${e[0]} over ${e[1]} pcs from ${e[2]}`).join('\n'));
 console.log(Object.entries(h).sort((a,b)=>b[1][1]-a[1][1]).slice(0,12).map(([pc,e])=>pc+' '+e.join(' ')).join('\n'));}
const agg:Record<string,number>={};const ops:Record<string,number>={};let sub=0;
for(let k=0;k<logs.length;k++){const l=logs[k];if(l.depth!==1){continue}
 const next=logs[k+1];let cost=next?l.gas-next.gas:0; if(next&&next.depth>1){let j=k+1;while(logs[j]&&logs[j].depth>1)j++;cost=logs[j]?l.gas-logs[j].gas:0;}
 const m=maps[pc2i[l.pc]]??[0,0,-1];const isExp=cost>=2000||l.op.startsWith('LOG');
 const key=isExp?'!'+l.op:(P.ids[m[2]]?P.ids[m[2]].split('/').pop():'gen')+' '+m[0]+'+'+m[1]+' '+(P.ids[m[2]]?P.srcs[P.ids[m[2]]].slice(m[0],m[0]+70).replace(/\s+/g,' '):'');agg[key]=(agg[key]??0)+cost;ops[l.op]=(ops[l.op]??0)+cost;}
const s=(a:any)=>Object.entries(a).sort((x:any,y:any)=>y[1]-x[1]).slice(0,40).map(([k,v])=>`${v} ${k}`).join('\n');
return s(agg)+'\n--\n'+s(ops).split('\n').slice(0,22).join('\n');}
