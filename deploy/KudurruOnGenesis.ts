/**
 * A whole ledger on a chain whose genesis holds the Charter, as a network's must: the address is the parameter
 * `charter`, the authority in its slot 1 is the account that deploys. Everything else is as in `Kudurru.ts`.
 */
import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { deployPower, handOver, nameRegister } from './power.ts';

export default buildModule('KudurruOnGenesis', (m) => {
  const charter = m.contractAt('Charter', m.getParameter('charter'));
  const power = deployPower(m, charter);
  const named = [nameRegister(m, power, 'Safeguards', power.safeguards)];
  handOver(m, power, named);
  return { ...power };
});
