/** A bar for a share of a whole. The number beside it says the same. */

/** What it shows. */
export interface MeterProps {
  /** For those who do not see it. */
  readonly name: string;
  readonly value: number;
  readonly max: number;
  readonly tone: "good" | "bad" | "plain";
}

/** The bar. */
export function Meter({ name, value, max, tone }: MeterProps) {
  const share = max <= 0 ? 0 : Math.min(1, Math.max(0, value / max));
  const percent = Math.round(share * 1000) / 10;
  return (
    <span
      class={`meter ${tone}`}
      role="meter"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <i style={{ width: `${percent}%` }} />
    </span>
  );
}
