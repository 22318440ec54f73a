/** The weight budgets of this process: one for each host that is asked, since the exchange counts per address. */
import { WeightBudget } from "../weight-budget.ts";

/** As many as hosts were asked: a handful, for they are set up by people. */
const BUDGETS = new Map<string, WeightBudget>();

/** The budget shared by everything in this process that asks the host of this URL. */
export function budgetFor(url: string): WeightBudget {
  const { host } = new URL(url);
  const budget = BUDGETS.get(host) ?? new WeightBudget();
  BUDGETS.set(host, budget);
  return budget;
}
