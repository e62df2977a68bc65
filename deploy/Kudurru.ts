/**
 * A whole ledger on a chain whose genesis does not hold the Charter: `hardhat ignition deploy deploy/Kudurru.ts
 * --parameters FILE`. The file is the founding file, under `Kudurru`, with the first `validators`.
 */
import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { deployPower, handOver, nameRegister } from './power.ts';

export default buildModule('Kudurru', (m) => {
  const charter = m.contract('Charter', [m.getParameter('validators'), m.getAccount(0)]);
  const power = deployPower(m, charter);
  const named = [nameRegister(m, power, 'Safeguards', power.safeguards)];
  handOver(m, power, named);
  return { ...power };
});
