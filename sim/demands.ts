/**
 * What many worlds together must have reached, or they prove nothing. A kind of fault or a path is demanded of so many
 * worlds that, as seldom as it is, none of them would be without it by chance once in a billion. Pure.
 */
import { chanceOf, FAULT_NAMES } from "./faults.ts";
import { PATH_CHANCES } from "./rare-paths.ts";

/** `-ln(1e-9)` */
const SURE = 20.8;
/** The chances of paths are those of worlds of so many hours. */
const PATH_HOURS = 30;

/** Names of what so many mixed worlds of so many hours must have reached. */
export function demandedOf(worlds: number, hours: number): string[] {
  const isSure = (chance: number) => -Math.log(1 - Math.min(chance, 0.999)) * worlds >= SURE;
  const faults = FAULT_NAMES.filter((name) => isSure(chanceOf(name, hours)));
  const paths = hours < PATH_HOURS ? [] : Object.entries(PATH_CHANCES).filter(([, chance]) => isSure(chance));
  return [...faults, ...paths.map(([name]) => name)];
}
