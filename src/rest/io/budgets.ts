/** The weight budgets of this process: one for each host that is asked, since the exchange counts per address. */
import type { Clock, Random } from "../../kernel/ports.ts";
import { WeightBudget } from "../weight-budget.ts";
import { WeightQueue } from "../weight-queue.ts";

/** As many as hosts were asked: a handful, for they are set up by people. */
const BUDGETS = new Map<string, WeightBudget>();
const QUEUES = new Map<WeightBudget, WeightQueue>();

/** The budget shared by everything in this process that asks the host of this URL. */
export function budgetFor(url: string): WeightBudget {
  const { host } = new URL(url);
  const budget = BUDGETS.get(host) ?? new WeightBudget();
  BUDGETS.set(host, budget);
  return budget;
}

/** The queue in front of that budget: for whoever would rather wait than be refused. */
export function queueFor(url: string, clock: Clock, random: Random): WeightQueue {
  const budget = budgetFor(url);
  const queue = QUEUES.get(budget) ?? new WeightQueue({ budget, clock, random });
  QUEUES.set(budget, queue);
  return queue;
}
