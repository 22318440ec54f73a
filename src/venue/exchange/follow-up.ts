/** What follows from a command or timer after it was carried out: conditional orders trigger, grids answer. Pure. */
import { followConditionals } from "../conditional/conditional-triggers.ts";
import { followGrids } from "../grids/grids.ts";
import type { Floor } from "./floor.ts";

/**
 * Does everything that follows from what has happened, until nothing more does. Before each step of a grid all
 * conditional orders have done theirs (*assumed*: not documented).
 */
export function followUp(floor: Floor): void {
  do followConditionals(floor);
  while (followGrids(floor));
}
