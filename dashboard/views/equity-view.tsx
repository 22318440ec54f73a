/** What the account is worth, as numbers and as a curve. */
import {
  AreaSeries,
  ColorType,
  createChart,
  type IChartApi,
  type ISeriesApi,
  LineStyle,
  TickMarkType,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "preact/hooks";
import type { AccountSession } from "../state/account-session.ts";
import type { EquityPoint } from "../state/equity-curve.ts";
import { isLight, language, words } from "../words/chosen.ts";
import { anyDayTime, clockTime, percent, shortened, signed } from "../words/numbers.ts";
import { toneOf } from "./positions.tsx";

/** Equity first, then what it is made of. */
export function EquityView({ session }: { readonly session: AccountSession }) {
  const w = words.value.equity;
  const told = session.margin.value;
  const margin = told?.is === "told" ? told.margin : undefined;
  const usdt = session.view.value?.balance("USDT")?.wallet;
  return (
    <section class="part equity" aria-labelledby="equity-title" id="equity">
      <div class="figures">
        <h2 id="equity-title">{w.title}</h2>
        <p class="worth">
          {margin === undefined ? "–" : shortened(margin.equity, 2)} <small>USDT</small>
        </p>
        <dl>
          <Figure
            name={w.unrealized}
            value={margin && signed(shortened(margin.unrealizedProfit, 2))}
            tone={toneOf(margin?.unrealizedProfit ?? "0")}
          />
          <Figure name={w.wallet} value={walletOf(margin?.wallet ?? usdt)} />
          <Figure name={w.available} value={margin && shortened(margin.available, 2)} />
          <Figure
            name={w.ratio}
            value={margin && `${percent(margin.maintenanceMargin, margin.equity) ?? "–"} %`}
            hint={w.ratioTitle}
          />
        </dl>
      </div>
      {told?.is === "refused" ? <p class="quiet">{w.refused(told.why)}</p> : null}
      <Curve session={session} />
    </section>
  );
}

function walletOf(amount: string | undefined): string | undefined {
  return amount === undefined ? undefined : shortened(amount, 2);
}

interface FigureProps {
  readonly name: string;
  readonly value: string | undefined;
  readonly tone?: string;
  readonly hint?: string;
}

function Figure({ name, value, tone = "", hint }: FigureProps) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd class={tone}>{value ?? "–"}</dd>
    </div>
  );
}

function Curve({ session }: { readonly session: AccountSession }) {
  const w = words.value.equity;
  const place = useRef<HTMLDivElement>(null);
  const [light, lang] = [isLight.value, language.value];
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const { chart, series } = curveIn(element);
    const showAll = () => {
      series.setData(session.equity.points.map(pointOf));
      chart.timeScale().fitContent();
    };
    let isMoved = false;
    const moved = () => {
      isMoved = true;
    };
    for (const input of ["wheel", "pointerdown"]) element.addEventListener(input, moved, { passive: true });
    session.equity.changed = (point) => {
      if (point === undefined) return showAll();
      series.update(pointOf(point));
      // Whoever has moved the curve looks at something.
      if (!isMoved) chart.timeScale().fitContent();
    };
    showAll();
    return () => {
      for (const input of ["wheel", "pointerdown"]) element.removeEventListener(input, moved);
      session.equity.changed = () => {};
      chart.remove();
    };
  }, [session, light, lang]);
  return (
    <figure class="curve">
      <div ref={place} role="img" aria-label={w.curve} />
      <figcaption>
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          {w.charts}
        </a>
      </figcaption>
    </figure>
  );
}

/** The point itself is a number: it is drawn, not reckoned with. */
function pointOf({ at, equity }: EquityPoint) {
  return { time: Math.floor(at / 1000) as UTCTimestamp, value: Number(equity) };
}

/** As much of a time as tells it from its neighbours. */
function axisTime(ms: number, mark: TickMarkType): string {
  if (mark === TickMarkType.TimeWithSeconds) return clockTime(ms);
  if (mark === TickMarkType.Time) return clockTime(ms).slice(0, 5);
  return anyDayTime(ms).slice(0, 5);
}

function curveIn(element: HTMLElement): { readonly chart: IChartApi; readonly series: ISeriesApi<"Area"> } {
  const color = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
  const line = { color: color("--line"), style: LineStyle.Solid };
  const chart = createChart(element, {
    autoSize: true,
    layout: {
      // The link below it says whose it is; the logo would bring a style of its own, which the policy forbids.
      attributionLogo: false,
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: color("--dim"),
      fontSize: 11,
      fontFamily: getComputedStyle(element).fontFamily,
    },
    grid: { vertLines: { visible: false }, horzLines: line },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.14, bottom: 0.08 } },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: true,
      tickMarkFormatter: (time: UTCTimestamp, mark: TickMarkType) => axisTime(time * 1000, mark),
    },
    localization: {
      locale: "en-US",
      timeFormatter: (time: UTCTimestamp) => clockTime(time * 1000),
      priceFormatter: (price: number) => shortened(price.toFixed(2), 2),
    },
    handleScroll: { vertTouchDrag: false },
  });
  const series = chart.addSeries(AreaSeries, {
    lineColor: color("--accent-line"),
    topColor: color("--accent-soft"),
    bottomColor: "transparent",
    lineWidth: 2,
    priceLineVisible: false,
  });
  return { chart, series };
}
