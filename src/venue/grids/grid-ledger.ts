/**
 * The books of one grid: which of its fills are matched with one another, and what that brought. Pure; exact.
 *
 * Rules kept here
 * - A fill is matched with what is unmatched on the other side, the latest first: in a grid that is the order one grid
 *   away, whose counter order it was (*assumed*).
 * - Matched profit is what a pair brought less the commissions of both its fills. The published example has that of an
 *   unmatched fill apart, as a negative fee.
 * - Prices × quantities are whole 10⁻⁸, so nothing is rounded but the average price. The commission of a fill that is
 *   matched in parts goes with its parts; the last one has what is left.
 *
 * The law, after every fill: Σ −f × p over all fills = matched profit before commissions − cost of what is unmatched.
 */
import { abs, divide, type Fixed, min, ONE } from "../../kernel/decimal.ts";

/** A fill as the ledger sees it. */
export interface GridFill {
  /** Base asset; negative sells. */
  readonly signedQty: Fixed;
  readonly price: Fixed;
  /** What it cost, in the margin asset. */
  readonly fee: Fixed;
  /** What it realised on the position, before the fee. */
  readonly realised: Fixed;
}

/** Part of a fill that waits for its match. */
interface Lot {
  readonly isLong: boolean;
  readonly price: Fixed;
  quantity: Fixed;
  fee: Fixed;
}

/** Knows what a grid has earned. */
export class GridLedger {
  /** Oldest first; all of one side. */
  readonly #lots: Lot[] = [];
  #realised: Fixed = 0n;
  #matched: Fixed = 0n;
  #quantity: Fixed = 0n;
  /** Signed, 10⁻¹⁶. */
  #cost = 0n;
  #fee: Fixed = 0n;

  /** Realised profit of the fills less their commissions. */
  get realised(): Fixed {
    return this.#realised;
  }

  /** Profit of what is matched, less its commissions. */
  get matched(): Fixed {
    return this.#matched;
  }

  /** What is unmatched, base asset; negative is short. */
  get unmatchedQty(): Fixed {
    return this.#quantity;
  }

  /** Average price of what is unmatched; 0 when nothing is. */
  get unmatchedAvgPrice(): Fixed {
    return this.#quantity === 0n ? 0n : divide(this.#cost, this.#quantity, "half-up");
  }

  /** What the unmatched fills cost, not negative. */
  get unmatchedFee(): Fixed {
    return this.#fee;
  }

  /** Books one fill. */
  book({ signedQty, price, fee, realised }: GridFill): void {
    this.#realised += realised - fee;
    const isBuy = signedQty > 0n;
    let left = abs(signedQty);
    let feeLeft = fee;
    for (let lot = this.#lots.at(-1); left > 0n && lot !== undefined && lot.isLong !== isBuy; lot = this.#lots.at(-1)) {
      const quantity = min(left, lot.quantity);
      const own = shareOf(feeLeft, quantity, left);
      this.#match(lot, quantity, price, own);
      left -= quantity;
      feeLeft -= own;
    }
    if (left > 0n) this.#keep(isBuy, price, left, feeLeft);
  }

  #match(lot: Lot, quantity: Fixed, price: Fixed, fee: Fixed): void {
    const earlier = shareOf(lot.fee, quantity, lot.quantity);
    const gain = ((lot.isLong ? price - lot.price : lot.price - price) * quantity) / ONE;
    this.#matched += gain - earlier - fee;
    lot.quantity -= quantity;
    lot.fee -= earlier;
    this.#count(lot.isLong ? -quantity : quantity, lot.price, -earlier);
    if (lot.quantity === 0n) this.#lots.pop();
  }

  #keep(isLong: boolean, price: Fixed, quantity: Fixed, fee: Fixed): void {
    this.#count(isLong ? quantity : -quantity, price, fee);
    const last = this.#lots.at(-1);
    if (last !== undefined && last.price === price) {
      last.quantity += quantity;
      last.fee += fee;
    } else {
      this.#lots.push({ isLong, price, quantity, fee });
    }
  }

  #count(signedQty: Fixed, price: Fixed, fee: Fixed): void {
    this.#quantity += signedQty;
    this.#cost += signedQty * price;
    this.#fee += fee;
  }
}

function shareOf(fee: Fixed, part: Fixed, whole: Fixed): Fixed {
  return part === whole ? fee : divide(fee * part, whole, "trunc");
}
